"""What people decided about the plan in pyproject.toml: what is skipped, what comes first, which level a symbol gets."""

import difflib
import fnmatch
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from qtest.config import PlanSettings
from qtest.errors import UsageError
from qtest.records.plan import Reason, Risk, TestLevel
from qtest.records.system import Module, SystemModel

PLACE = "pyproject.toml [tool.qtest.plan]"
SKIPPED = "skipped in pyproject.toml"


@dataclass(frozen=True)
class Overrides:
    """`lift` are the points that raise the least risky symbol above the riskiest."""

    settings: PlanSettings
    lift: float = 0.0

    @staticmethod
    def of(settings: PlanSettings, system: SystemModel, highest: float) -> "Overrides":
        """Raises UsageError for a pattern that names nothing: it would have no effect, and nobody would know.

        A file that cannot be read may be skipped: that is why somebody skips it.
        """
        for key, pattern in _patterns(settings):
            if key == "skip" and any(lies_in(pattern, problem.path) for problem in system.problems):
                continue
            if not any(names(pattern, module, symbol) for module in system.modules for symbol in _symbols(module)):
                raise UsageError(f"{PLACE}: {key} names {pattern!r}; {_expected(pattern, system)}")
        return Overrides(settings, round(highest + 1, 3))

    def skips(self, module: Module, symbol: str = "") -> bool:
        return any(names(pattern, module, symbol) for pattern in self.settings.skip)

    def raised(self, risk: Risk, module: Module, symbol: str) -> Risk:
        pattern = next((pattern for pattern in self.settings.first if names(pattern, module, symbol)), None)
        if pattern is None:
            return risk
        reason = Reason(factor="first", points=self.lift, text=f"{pattern} comes first in pyproject.toml")
        return Risk(score=round(risk.score + self.lift, 3), reasons=(reason, *risk.reasons))

    def level(self, module: Module, symbol: str) -> TestLevel | None:
        """Of the first pattern that fits."""
        found = (level for pattern, level in self.settings.level.items() if names(pattern, module, symbol))
        return next(found, None)


def names(pattern: str, module: Module, symbol: str = "") -> bool:
    """Whether the pattern means this symbol of the module; with no symbol, whether it means the module whole.

    `module:Class` means its methods too, a module those below it, a path what lies in it; `*` fits anything, `/` included.
    """
    if ":" in pattern:
        return bool(symbol) and (symbol.startswith(f"{pattern}.") or _fits(symbol, pattern))
    return module.name.startswith(f"{pattern}.") or _fits(module.name, pattern) or lies_in(pattern, module.path)


def lies_in(pattern: str, path: str) -> bool:
    """Whether the pattern, read as a path or a glob of one, means this file or a folder around it."""
    wanted = posixpath.normpath(pattern)
    return wanted == "." or path.startswith(f"{wanted}/") or _fits(path, wanted)


def _fits(name: str, pattern: str) -> bool:
    return name == pattern or fnmatch.fnmatchcase(name, pattern)


def _patterns(settings: PlanSettings) -> Iterator[tuple[str, str]]:
    for key in ("skip", "first", "level"):
        for pattern in getattr(settings, key):
            yield key, pattern


def _symbols(module: Module) -> tuple[str, ...]:
    return ("", *(symbol.id for symbol in module.symbols))


def _expected(pattern: str, system: SystemModel) -> str:
    if ":" in pattern:
        known, wanted = (
            [symbol.id for module in system.modules for symbol in module.symbols],
            "a function of this project",
        )
    else:
        known, wanted = [name for module in system.modules for name in (module.name, module.path)], "a module or a path"
    close = difflib.get_close_matches(pattern, sorted(set(known)), n=3, cutoff=0.0)
    return f"expected {wanted}" + (f", such as {', '.join(close)}" if close else "; there is no source code here")
