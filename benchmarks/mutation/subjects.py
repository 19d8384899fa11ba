"""The packages that are measured, each with its own suite, as their releases have them."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from qtest.adapters.registry import PackageFetcher
from qtest.records.source import Project


@dataclass(frozen=True)
class Subject:
    """`packages` are import names below `root`; `tests` what pytest is given. `ini` is written over the project's own configuration.
    `most` mutants at most are asked of each side, where the suite is so slow that the usual number would take an hour."""

    release: str
    packages: tuple[str, ...]
    tests: tuple[str, ...]
    root: str = ""
    needs: tuple[str, ...] = ()
    ini: str = ""
    most: int | None = None

    @property
    def name(self) -> str:
        return self.release.partition("==")[0]

    def lay(self, cache: Path, folder: Path) -> None:
        """A fresh copy of the release in `folder`."""
        found = PackageFetcher(cache).fetch(f"pypi:{self.release}")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(found.folder, folder)
        if self.ini:
            (folder / "pytest.ini").write_text(self.ini, "utf-8")

    def sample(self, asked: int) -> int:
        return min(asked, self.most or asked)

    def project(self) -> Project:
        return Project(
            root="",
            language="python",
            name=self.name,
            layout="src" if self.root else "flat",
            import_roots=(self.root or ".",),
            packages=self.packages,
            test_paths=self.tests,
        )

    def sources(self, folder: Path) -> tuple[str, ...]:
        """Files of the packages, relative to `folder`."""
        found: list[Path] = []
        for package in self.packages:
            where = folder / self.root / package
            found += sorted(where.rglob("*.py")) if where.is_dir() else [where.with_suffix(".py")]
        return tuple(str(path.relative_to(folder)) for path in found)

    def module(self, path: str) -> str:
        name = path.removeprefix(f"{self.root}/" if self.root else "").removesuffix(".py").replace("/", ".")
        return name.removesuffix(".__init__")


SUBJECTS = (
    Subject("inflection==0.5.1", ("inflection",), ("test_inflection.py",)),
    Subject("isodate==0.7.2", ("isodate",), ("tests",), root="src"),
    Subject("webcolors==25.10.0", ("webcolors",), ("tests",), root="src"),
    Subject("python-slugify==9.2.0", ("slugify",), ("tests",), needs=("text-unidecode",)),
    Subject(
        "stockstats==0.6.10",
        ("stockstats",),
        ("test.py",),
        needs=("pandas", "yfinance", "pyhamcrest"),  # more than a second of imports
        ini="[pytest]\naddopts = -k 'not YFinance'\n",  # these tests ask a server
        most=30,
    ),
)
