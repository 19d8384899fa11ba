"""What the gates' tests share: a file of two tests, and where it is tried."""

import pytest

from qtest.records.baseline import Environment, Setting
from qtest.records.file import RenderedTest, TestFile
from qtest.records.source import Project


@pytest.fixture
def setting() -> Setting:
    project = Project(root="", language="python", name="m", layout="module", import_roots=("",), packages=("m",))
    environment = Environment(python="py", version="3.11", origin="", readable=())
    return Setting(folder="/tree", project=project, environment=environment)


@pytest.fixture
def file() -> TestFile:
    return TestFile(
        path="tests/test_m.py",
        text="def test_a(): ...\ndef test_b(): ...\n",
        language="python",
        module="m",
        tests=tuple(
            RenderedTest(name=name, nodes=(name,), cases=(), line=number, end_line=number)
            for number, name in enumerate(("test_a", "test_b"), 1)
        ),
    )
