"""`qtest sample`: generated tests chosen by a seed, to read."""

import argparse
from pathlib import Path

from qtest.report import files


def main(arguments: argparse.Namespace) -> int:
    report = files.read(Path(arguments.out))
    files.sample(report, arguments.seed, arguments.n)
    return 0
