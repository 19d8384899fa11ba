"""What a scenario is: a tiny project, one edit of it, what must be said of it, and the guard without which something else is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from textwrap import indent
from types import MappingProxyType

from qtest.records.sandbox import Limits
from qtest.records.workbench import JudgeLimits

HEAD = "import json\nimport os\nimport signal\nimport sys\nimport threading\nimport time\n"
LIMITS = JudgeLimits(blocked_s=5.0)
SESSION = Limits()


@dataclass(frozen=True)
class Guard:
    """The exact text of one place in our code, which stands there once, and what stands there when the guard is gone."""

    file: str
    text: str
    without: str


@dataclass(frozen=True)
class Ground:
    """What scenarios share when they are judged together: the files beside `m.py` and `test_m.py` (`{m.py}` in them is its text), and how.

    `compiled` are files whose bytecode is kept beside them and never checked against its source. `hogs` are busy processes that
    compete for the cores. `repeated` takes the whole baseline, three runs and two orders. `written` are texts of `test_m.py`, one a
    round, on the same warm judge; the last round's verdict counts. `imports` begins `test_m.py`. `python` is an interpreter, or a
    file of the project that stands in for one. `slow` keeps them out of the quick tests.
    """

    name: str
    imports: str = "import m"
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    compiled: tuple[str, ...] = ()
    limits: JudgeLimits = LIMITS
    session: Limits = SESSION
    python: str = ""
    hogs: int = 0
    repeated: bool = False
    written: tuple[str, ...] = ()
    slow: bool = False
    matrix: bool = False


PLAIN = Ground("plain")


@dataclass(frozen=True)
class Edit:
    """`old` stands once in the scenario's code. `made_of` is what stood there when the mutant was made, if that was another text."""

    old: str
    new: str
    made_of: str = ""


TRIGGER = Edit("a == 7", "a != 7")  # an edit that every tool makes


def triggered(name: str, body: str) -> str:
    """A function that does something bad when its argument is 7; `TRIGGER` makes it do so for all others."""
    return f"def {name}(a):\n    if a == 7:\n{indent(body.strip(), ' ' * 8)}\n    return a + 1\n"


def asked(name: str) -> str:
    """Its test."""
    return f"def test_{name}():\n    assert m.{name}(1) == 2\n"


@dataclass(frozen=True)
class Scenario:
    """`code` and `test` are its parts of `m.py` and `test_m.py`. `verdict` is how the words that say the outcome begin: see `seen`.

    `before` are edits judged first, on the same judge, whose traces must be gone. No `edit` asks for the controls instead.
    `peers` says whether mutmut and cosmic-ray can be asked for the same.
    `why` says what goes wrong, in the table's words. Without a guard the target forges its own verdict: see `forgeable`.
    """

    name: str
    why: str
    code: str
    test: str
    verdict: str
    guard: Guard | None
    edit: Edit | None = TRIGGER
    before: tuple[Edit, ...] = ()
    ground: Ground = PLAIN
    peers: bool = True

    @property
    def forgeable(self) -> bool:
        return self.guard is None


@dataclass(frozen=True)
class Tree:
    """Scenarios of one ground as one project."""

    scenarios: tuple[Scenario, ...]

    @property
    def ground(self) -> Ground:
        return self.scenarios[0].ground

    @property
    def text(self) -> str:
        return "\n\n".join((HEAD, *(scenario.code.strip() + "\n" for scenario in self.scenarios)))

    @property
    def files(self) -> dict[str, str]:
        tests = "\n\n".join(
            (f"import pytest\n{HEAD}{self.ground.imports}\n", *(one.test.strip() + "\n" for one in self.scenarios))
        )
        plain = {"m.py": self.text, "test_m.py": tests, "pyproject.toml": '[project]\nname = "m"\nversion = "1"\n'}
        return {**plain, **{name: text.replace("{m.py}", self.text) for name, text in self.ground.files.items()}}

    def start(self, scenario: Scenario, edit: Edit) -> int:
        """Where the edit begins in the whole text."""
        if scenario.code.count(edit.old) != 1:
            raise ValueError(f"{scenario.name}: {edit.old!r} stands {scenario.code.count(edit.old)} times; expected 1")
        return self.text.index(scenario.code.strip()) + scenario.code.strip().index(edit.old)


def trees(scenarios: Iterable[Scenario]) -> tuple[Tree, ...]:
    """One for each ground, in order."""
    grouped: dict[str, list[Scenario]] = {}
    for scenario in scenarios:
        grouped.setdefault(scenario.ground.name, []).append(scenario)
    return tuple(Tree(tuple(group)) for group in grouped.values())
