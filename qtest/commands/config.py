"""`qtest config --schema`: the JSON Schema of `[tool.qtest]`."""

import argparse

from qtest.config import schema_text


def main(arguments: argparse.Namespace) -> int:
    print(schema_text(), end="")
    return 0
