"""`qtest sample`: generated tests chosen by a seed, to read."""

import argparse
from pathlib import Path

from qtest.report import files


def main(arguments: argparse.Namespace) -> int:
    report = files.read(Path(arguments.out))
    text = files.sample(report, arguments.seed, arguments.n)
    print(text or "there are no generated tests in this run")
    return 0
