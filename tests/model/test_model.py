"""The system model of small repositories."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from qtest.languages.python.parse import parse
from qtest.model.build import build
from qtest.model.directory import Directory
from qtest.records import case as dsl
from qtest.records.record import digest_of
from qtest.records.source import Project, RawSourceBundle, Revision, SourceFile
from qtest.records.system import SystemModel


@dataclass(frozen=True)
class Python:
    name: str = "python"
    suffixes: tuple[str, ...] = (".py",)

    def parse(self, text: str, path: str, project: Project) -> Any:
        return parse(text, path, project)


def model(files: Mapping[str, str | bytes]) -> SystemModel:
    data = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    store = {digest_of(content): content for content in data.values()}
    bundle = RawSourceBundle(
        revision=Revision(kind="folder", name="x"),
        files=tuple(
            SourceFile(
                path=path,
                sha256=digest_of(content),
                size=len(content),
                language="python" if path.endswith(".py") else "",
                role="test" if "test_" in path else "source" if path.endswith(".py") else "other",
            )
            for path, content in data.items()
        ),
        projects=(Project(root="", language="python", name="x", layout="flat", import_roots=("",)),),
    )
    return build(bundle, store.__getitem__, {"python": Python()})  # type: ignore[dict-item]


def edges(system: SystemModel) -> set[tuple[str, str]]:
    return {(edge.caller, edge.callee) for edge in system.calls}


PACKAGE = {
    "pkg/__init__.py": "from .core import area as surface, Shape\nfrom .more import *\n",
    "pkg/core.py": """
import math
from . import more
from .more import helper as h

def area(r):
    '''
    >>> area(2)
    12.56
    '''
    return h(r) * math.pi

class Base:
    def scale(self, k):
        return self._grow(k)
    def _grow(self, k):
        self.k = k

class Shape(Base):
    def __init__(self, k=1):
        self.k = k
    @property
    def size(self):
        return more.double(self.k)
    def scale(self, k):
        return super().scale(k)

def make():
    shape = Shape(2)
    return shape.scale(3)
""",
    "pkg/more.py": "import random\ndef helper(x): return x * x\ndef double(x): return random.random() * x\n",
}


def test_calls_are_resolved_through_imports_classes_and_inheritance() -> None:
    assert edges(model(PACKAGE)) == {
        ("pkg.core:area", "pkg.more:helper"),
        ("pkg.core:Base.scale", "pkg.core:Base._grow"),
        ("pkg.core:Shape.size", "pkg.more:double"),
        ("pkg.core:Shape.scale", "pkg.core:Base.scale"),
        ("pkg.core:make", "pkg.core:Shape"),
        ("pkg.core:make", "pkg.core:Shape.__init__"),
        ("pkg.core:make", "pkg.core:Shape.scale"),
    }


def test_purity_follows_the_calls() -> None:
    assert set(model(PACKAGE).pure) == {"pkg.core:area", "pkg.more:helper", "pkg.core:Shape.__init__"}


def test_a_call_of_something_unknown_is_not_pure() -> None:
    assert model(
        {"a.py": "import other\ndef f(g): return g()\ndef h(): return other.x()\ndef k(x): return x.strip()\n"}
    ).pure == ("a:k",)


def test_names_lead_through_re_exports() -> None:
    directory = Directory(model(PACKAGE).modules)
    assert directory.canonical("pkg:surface") == "pkg.core:area"
    assert directory.canonical("pkg:double") == "pkg.more:double"
    assert directory.canonical("pkg:Shape.size") == "pkg.core:Shape.size"
    assert directory.canonical("pkg:more") == "pkg.more"


def test_a_circle_of_re_exports_ends() -> None:
    system = model({"a.py": "from b import x\nfrom b import *\n", "b.py": "from a import x\nfrom a import *\n"})
    assert Directory(system.modules).canonical("a:x").endswith(":x")


def test_what_cannot_be_read_is_a_problem_with_its_reason() -> None:
    system = model({"a.py": "def f(:", "b.py": b"\xff", "c.py": "x = 1", "d/__init__.py": "", "d.py": ""})
    assert [module.name for module in system.modules] == ["c", "d"]
    assert [problem.path for problem in system.problems] == ["a.py", "b.py", "d/__init__.py"]
    assert system.problems[0].reason.startswith("line 1: ")


TESTS = """
import pytest
from pkg import surface, Shape
import pkg.more

ROWS = [(1, 3.14), pytest.param(0, 0)]

@pytest.mark.parametrize("r, wanted", ROWS)
def test_area(r, wanted):
    assert surface(r) == wanted

def test_shape():
    shape = Shape(k=3)
    shape.scale(2)
    assert shape.size == 4

@pytest.fixture
def made():
    return 1

def test_unknown(made):
    surface(made)
    for x, y in [(5, 6)]:
        pkg.more.helper(x)
"""


def usages(system: SystemModel, symbol: str) -> list[tuple[str, str, str]]:
    return [(usage.origin, usage.text, usage.expected) for usage in system.usages if usage.symbol == symbol]


def test_usages_come_from_doctests_tests_and_pages() -> None:
    system = model(
        {**PACKAGE, "tests/test_a.py": TESTS, "README.md": "```\n>>> import pkg\n>>> pkg.surface(3)\n28.2\n```\n"}
    )
    assert usages(system, "pkg.core:area") == [
        ("doctest", "area(2)", "12.56"),
        ("existing test", "surface(r)", "3.14"),
        ("existing test", "surface(r)", "0"),
        ("documentation", "pkg.surface(3)", "28.2"),
    ]
    rows = [usage.arguments for usage in system.usages if usage.text == "surface(r)"]
    assert rows == [(dsl.Argument(dsl.Int(1)),), (dsl.Argument(dsl.Int(0)),)]
    assert usages(system, "pkg.more:helper") == [("existing test", "pkg.more.helper(x)", "")]


FENCED = """# Pkg

```inline```

```python
from pkg import surface
r = 2
surface(r)  # => 99
```

~~~ text
surface(7)
~~~

``` py
surface(4)
```

```python
surface(5
```
"""
DIRECTIVES = """Pkg
===

.. code-block:: python
   :caption: how

   from pkg.core import Shape

   shape = Shape(k=3)
   shape.scale(2)

Then::

   Shape(9)

.. code-block:: bash

   Shape(8)
"""


def test_blocks_of_python_on_pages_are_usages_and_what_their_comments_say_is_not_expected() -> None:
    system = model({**PACKAGE, "README.md": FENCED, "docs/index.rst": DIRECTIVES})
    assert [one for one in usages(system, "pkg.core:area") if one[0] == "documentation"] == [
        ("documentation", "surface(r)", ""),
        ("documentation", "surface(4)", ""),
    ]
    assert ("documentation", "Shape(k=3)", "") in usages(system, "pkg.core:Shape")
    assert not {"Shape(9)", "Shape(8)"} & {text for _, text, _ in usages(system, "pkg.core:Shape")}
    scaled = next(usage for usage in system.usages if usage.symbol == "pkg.core:Shape.scale")
    assert (scaled.place, [step.name for step in scaled.setup]) == ("docs/index.rst:10", ["shape"])


def test_a_page_gives_no_more_than_forty_blocks_and_none_over_thirty_lines() -> None:
    long = "```python\nfrom pkg import surface\n" + "surface(100)\n" * 31 + "```\n"
    short = "".join(f"```python\nfrom pkg import surface\nsurface({number})\n```\n" for number in range(50))
    system = model({**PACKAGE, "README.md": long + short, "docs/b.md": "```python\nimport pkg\npkg.surface(77)\n```\n"})
    found = [text for origin, text, _ in usages(system, "pkg.core:area") if origin == "documentation"]
    assert "surface(100)" not in found
    assert "pkg.surface(77)" in found
    assert "surface(41)" not in found


def test_a_usage_brings_the_steps_before_it() -> None:
    system = model({**PACKAGE, "tests/test_a.py": TESTS})
    size = next(usage for usage in system.usages if usage.symbol == "pkg.core:Shape.size")
    made = dsl.Construct("pkg.core:Shape", (dsl.Argument(dsl.Int(3), name="k"),))
    changed = dsl.Call("pkg.core:Shape.scale", (dsl.Argument(dsl.Int(2)),), dsl.Ref("shape"))
    assert size.setup == (dsl.Step(made, "shape"), dsl.Step(changed))
    assert size.call == dsl.Get(dsl.Ref("shape"), "size", "pkg.core:Shape.size")
    assert (size.expected, size.place) == ("4", "tests/test_a.py:15")


def test_what_only_the_tests_have_is_not_borrowed() -> None:
    text = "from helpers import odd\nfrom pkg import surface\ndef test_a():\n    surface(odd)\n    surface(1)\n"
    assert usages(model({**PACKAGE, "tests/test_a.py": text}), "pkg.core:area")[1:] == [
        ("existing test", "surface(1)", "")
    ]


def test_the_number_of_usages_is_bounded() -> None:
    calls = "".join(f"    surface({number})\n" for number in range(500))
    system = model({**PACKAGE, "test_a.py": f"from pkg import surface\ndef test_a():\n{calls}"})
    assert len(usages(system, "pkg.core:area")) == 40


def test_a_model_survives_json_and_is_the_same_each_time() -> None:
    files = {**PACKAGE, "tests/test_a.py": TESTS}
    system = model(files)
    assert SystemModel.from_json(system.to_json()) == system
    assert model(dict(reversed(files.items()))).to_json() == system.to_json()


@pytest.mark.parametrize(
    "text", ["", "def f(): return f()", "class A(A): ...\nclass B(C): ...\nclass C(B):\n def m(self): super().m()"]
)
def test_odd_code_makes_a_model(text: str) -> None:
    assert model({"a.py": text}).problems == ()
