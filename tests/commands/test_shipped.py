"""The commands about shipped tests, as far as nothing has to be run."""

from pathlib import Path

import pytest

from qtest.adapters import prooffile
from qtest.cli import main
from qtest.fakes import plain_proof
from qtest.languages.python.testfile import text_digest
from qtest.records.proof import ProofFile, ProvenTest
from qtest.shipped import parsed, part_of, rendered

ONE, TWO = "def test_one():\n    assert f() == 1", "def test_two():\n    assert f() == 2"
PATH = "tests/test_m.py"


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two tests and their proof, and nobody known to git."""
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    tests = tuple(
        ProvenTest(
            name=name,
            target="m:f",
            function="",
            nodes=(name,),
            claims=(f"c {name}",),
            text_digest=text_digest(text, name),
            kills=(),
        )
        for name, text in (("test_one", ONE), ("test_two", TWO))
    )
    file = plain_proof(path=PATH, tests=tests)
    folder = tmp_path / "project"
    (folder / "tests").mkdir(parents=True)
    (folder / PATH).write_text(f"{ONE}\n\n\n{TWO}\n")
    prooffile.write(folder, ProofFile(files=(file,)))
    return folder


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error


def test_a_declined_test_is_taken_out_and_put_on_record_with_its_reason(shipped: Path) -> None:
    assert main(["decline", "test_one", "--reason", "slow", "--author", "Ann", "--from", str(shipped)]) == 0
    assert (shipped / PATH).read_text() == f"{TWO}\n"
    proof = prooffile.read(shipped)
    (item,) = proof.declined
    assert (item.test, item.claims, item.reason, item.author) == ("test_one", ("c test_one",), "slow", "Ann")
    assert [test.name for test in proof.files[0].tests] == ["test_two"]


def test_the_reason_can_be_given_after_a_test_was_deleted(shipped: Path) -> None:
    (shipped / PATH).write_text(f"{TWO}\n")
    assert prooffile.noted(shipped, "2025-01-31", in_place=True).declined[0].reason == ""
    assert main(["decline", f"{PATH}::test_one", "--reason", "slow", "--from", str(shipped)]) == 0
    (item,) = prooffile.read(shipped).declined
    assert item.reason == "slow"


def test_the_last_test_of_a_file_takes_the_file_along(shipped: Path) -> None:
    for name in ("test_one", "test_two"):
        assert main(["decline", name, "--from", str(shipped)]) == 0
    assert not (shipped / PATH).exists()
    assert prooffile.read(shipped).files == ()


def test_a_test_that_moved_within_the_project_is_not_put_on_record(shipped: Path) -> None:
    (shipped / PATH).rename(shipped / "tests" / "test_other.py")
    before = (shipped / "qtest-proof.json").read_text()
    assert prooffile.noted(shipped, "2025-01-31", in_place=True).declined == ()
    assert (shipped / "qtest-proof.json").read_text() == before


def test_tests_that_were_carried_off_from_an_output_folder_are_still_wanted(shipped: Path) -> None:
    (shipped / PATH).unlink()
    assert prooffile.noted(shipped, "2025-01-31", in_place=False).declined == ()
    assert [item.test for item in prooffile.noted(shipped, "2025-01-31", in_place=True).declined] == [
        "test_one",
        "test_two",
    ]


def test_what_is_no_shipped_test_is_said_with_an_example(shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "decline", "test_nine", "--from", str(shipped))
    assert (
        said
        == f"qtest: test_nine: is no shipped test; expected FILE::TEST without parameters, such as {PATH}::test_one\n"
    )


@pytest.mark.parametrize("command", ["verify", "maintain"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "there is no such file; expected the folder that `qtest run` wrote its tests to"),
        ("{", "is damaged"),
        ('{"form": 9, "about": ""}', "written by a newer QTest"),
        ('{"name": "x"}', "is no proof of QTest's"),
    ],
)
def test_without_a_proof_that_can_be_read_nothing_is_run(
    command: str, text: str | None, said: str, shipped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shipped / "qtest-proof.json").unlink()
    if text is not None:
        (shipped / "qtest-proof.json").write_text(text)
    error = refused(capsys, command, str(shipped))
    assert "qtest-proof.json: " in error
    assert said in error


def test_a_run_refuses_a_damaged_proof_before_it_works(shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shipped / "m.py").write_text("def f():\n    return 1\n")
    (shipped / "qtest-proof.json").write_text("{")
    said = refused(capsys, "run", str(shipped), "--inline", "--in-place", "--out", str(shipped.parent / "out"))
    assert "is damaged" in said


def test_a_proof_that_came_by_itself_is_read_with_the_others_and_goes_with_its_last_test(shipped: Path) -> None:
    (file,) = prooffile.read(shipped).files
    part = shipped / part_of(file.path)
    part.parent.mkdir(parents=True)
    part.write_text(rendered(ProofFile(files=(file.model_copy(update={"seed": "new"}),))))
    test = file.tests[0].model_copy(update={"claims": ("another",)})
    other = file.model_copy(update={"path": "tests/test_other.py", "tests": (test,)})
    prooffile.write(shipped, ProofFile(files=(*prooffile.read(shipped).files, other)))
    assert [(one.path, one.seed) for one in prooffile.read(shipped).files] == [(PATH, "new"), (other.path, "0")]
    assert parsed((shipped / "qtest-proof.json").read_text(), "").files == (other,)
    for name in ("test_one", "test_two"):
        assert main(["decline", f"{PATH}::{name}", "--reason", "no", "--author", "A", "--from", str(shipped)]) == 0
    assert not part.exists()
    assert prooffile.read(shipped).files == (other,)
