"""Chooses who brings a repository, by the form of what the user wrote."""

from dataclasses import dataclass

from qtest.adapters.git.spec import parse
from qtest.ports import Fetcher
from qtest.records.source import Repository


@dataclass(frozen=True)
class SpecFetcher:
    """Answers the port `Fetcher`."""

    packages: Fetcher
    folders: Fetcher
    git: Fetcher

    def fetch(self, spec: str) -> Repository:
        if spec.startswith("pypi:"):
            return self.packages.fetch(spec)
        return (self.git if parse(spec) else self.folders).fetch(spec)
