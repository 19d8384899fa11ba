"""`qtest-proof.json` as text."""

import json
from typing import Any

import pytest

from qtest.errors import UsageError
from qtest.records.mutant import Failing
from qtest.records.proof import Declined, ProofFile, ProvenFile, ProvenKill, ProvenTest
from qtest.shipped import merged, parsed, rendered, without


def kill(node: str = "test_f") -> ProvenKill:
    first = Failing(node=node, phase="call", kind="assertion", error="AssertionError", message="assert 2 == 1")
    return ProvenKill(
        mutant="abc", path="m.py", symbol="m:f", operator="constant", line=2, diff="-1\n+2", function="f0", first=first
    )


def named(name: str) -> ProvenTest:
    return proven().tests[0].model_copy(update={"name": name})


def proven(path: str = "tests/test_m.py", nodes: tuple[str, ...] = ("test_f",), **more: Any) -> ProvenFile:
    test = ProvenTest(
        name="test_f",
        target="m:f",
        function="f0",
        nodes=nodes,
        claims=tuple(f"claim {node}" for node in nodes),
        text_digest="d",
        kills=tuple(map(kill, nodes)),
    )
    given = {"path": path, "module": "m", "source": "m.py", "language": "python", "qtest": "1", "python": "3.12"}
    return ProvenFile.model_validate(given | {"revision": "folder", "seed": "0", "tests": (test,)} | more)


def test_what_is_written_is_read_back_and_written_the_same() -> None:
    proof = ProofFile(files=(proven(),))
    assert parsed(rendered(proof), "p") == proof
    assert rendered(parsed(rendered(proof), "p")) == rendered(proof)


def test_a_lone_surrogate_in_a_message_survives() -> None:
    odd = proven(seed="\ud800")
    assert parsed(rendered(ProofFile(files=(odd,))), "p").files == (odd,)


def test_a_later_run_replaces_the_files_that_it_wrote_and_leaves_the_others() -> None:
    old = ProofFile(files=(proven("tests/test_a.py"), proven("tests/test_b.py", seed="old")))
    new = ProofFile(files=(proven("tests/test_b.py", seed="new"), proven("tests/test_0.py")))
    files = merged(old, new, {file.path: "" for file in new.files}).files
    assert [(file.path, file.seed) for file in files] == [
        ("tests/test_0.py", "0"),
        ("tests/test_a.py", "0"),
        ("tests/test_b.py", "new"),
    ]


def test_earlier_tests_in_a_file_of_peoples_stand_in_the_proof_as_long_as_they_stand_in_the_text() -> None:
    path = "tests/test_m.py"
    old = ProofFile(files=(proven(path, shared=True, tests=(named("test_old"),)),))
    new = ProofFile(files=(proven(path, shared=True, tests=(named("test_new"),)),))
    for text, names in (
        ("def test_old(): 0\ndef test_new(): 0\n", ["test_old", "test_new"]),
        ("def test_new(): 0\n", ["test_new"]),
    ):
        (file,) = merged(old, new, {path: text}).files
        assert [test.name for test in file.tests] == names


def test_the_last_reason_given_for_a_declined_test_counts() -> None:
    quiet = Declined(file="t.py", test="test_f", target="m:f", claims=("c",))
    first, last = (quiet.model_copy(update={"reason": reason}) for reason in ("a", "b"))
    for order in ((quiet, first, last), (first, quiet, last), (first, last, quiet)):
        assert without(ProofFile(), order).declined == (last,)


def test_a_row_that_was_declined_takes_its_kills_along_and_leaves_the_others() -> None:
    proof = ProofFile(files=(proven(nodes=("test_f[a]", "test_f[b]")),))
    item = Declined(file="tests/test_m.py", test="test_f", target="m:f", claims=("claim test_f[a]",))
    (test,) = without(proof, (item,)).files[0].tests
    assert (test.nodes, test.claims) == (("test_f[b]",), ("claim test_f[b]",))
    assert [one.first.node for one in test.kills] == ["test_f[b]"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "damaged, no JSON any more"),
        ("[]", "is no proof of QTest's"),
        ('{"tests": 1}', "is no proof of QTest's"),
        ('{"form": 2, "about": ""}', "written by a newer QTest (form 2, this one reads 1)"),
        ("[" * 100_000, "damaged"),
    ],
)
def test_what_is_no_proof_is_refused_in_one_line_with_its_name(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parsed(text, "x/qtest-proof.json")
    assert str(caught.value).startswith("x/qtest-proof.json: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_damaged_field_is_named() -> None:
    document = json.loads(rendered(ProofFile(files=(proven(),))))
    del document["files"][0]["module"]
    with pytest.raises(UsageError, match=r"damaged at files\.0\.module: field required"):
        parsed(json.dumps(document), "p")


@pytest.mark.parametrize("path", ["/etc/passwd", "../t.py", "a/../../t.py", "", ".", "a\\b.py", "./t.py"])
def test_a_proof_that_names_a_path_outside_of_the_project_is_refused(path: str) -> None:
    document = json.loads(rendered(ProofFile(files=(proven(),))))
    document["files"][0]["path"] = path
    with pytest.raises(UsageError, match="no path inside the project"):
        parsed(json.dumps(document), "p")


def test_its_schema_describes_what_is_written() -> None:
    schema = pytest.importorskip("jsonschema")
    document = json.loads(rendered(ProofFile(files=(proven(),))))
    schema.validate(document, ProofFile.model_json_schema())
    with pytest.raises(schema.ValidationError):
        schema.validate(document | {"files": [{}]}, ProofFile.model_json_schema())
