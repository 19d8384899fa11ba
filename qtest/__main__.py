"""`python -m qtest` and the `qtest` command."""

import sys

from qtest.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
