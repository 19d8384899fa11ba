"""The tests that people do not want: deleted by them, or declined with a reason, and not proposed again."""

from collections.abc import Iterable, Mapping

from qtest.languages.python.testfile import WrittenTest, written_tests
from qtest.records.case import CallCase
from qtest.records.outcome import Rejection
from qtest.records.proof import Declined, ProofFile, ProvenTest

Tests = Mapping[str, WrittenTest]


def noticed(
    proof: ProofFile, texts: Mapping[str, str], date: str = "", *, may_have_moved: bool = False
) -> tuple[Declined, ...]:
    """Of the tests of the proof those that somebody deleted, where that is not on record yet. `texts` are all files of tests, by path.
    With `may_have_moved` a file that is gone says nothing: its tests were only carried off. Nor does one that cannot be read."""
    known = {path: _tests_of(text) for path, text in texts.items()}
    everywhere = {test.digest for tests in known.values() for test in (tests or {}).values()}
    found = []
    for file in proof.files:
        here = known.get(file.path, None if may_have_moved else {})
        for test in file.tests if here is not None else ():
            claims = _lost(test, here or {}, everywhere)
            if claims and not _on_record(file.path, test, claims, proof.declined):
                found.append(declined(file.path, test, claims, date=date))
    return tuple(found)


def unwanted(case: CallCase, declined: Iterable[Declined]) -> Rejection | None:
    """The rejection of a case that claims of its target what a declined test did."""
    for item in declined:
        if case.target == item.target and case.id in item.claims:
            return Rejection(target=case.target, stage="declined", reason=told(item), case=case)
    return None


def told(item: Declined) -> str:
    """In words."""
    who = f" by {item.author}" if item.author else ""
    if item.reason:
        return f"{item.test} was declined{who}: {item.reason}"
    return f"{item.test} was {'declined' if who else 'deleted'}{who}, no reason was given"


def declined(
    file: str, test: ProvenTest, claims: tuple[str, ...], *, reason: str = "", author: str = "", date: str = ""
) -> Declined:
    return Declined(
        file=file, test=test.name, target=test.target, claims=claims, reason=reason, author=author, date=date
    )


def _lost(test: ProvenTest, here: Tests, everywhere: set[str]) -> tuple[str, ...]:
    """The claims that stand nowhere any more: all of a function that is gone, and not only renamed or moved; or those of single rows."""
    standing = here.get(test.name)
    if standing is None:
        return () if test.text_digest in everywhere else test.claims
    recorded = {node.partition("[")[2].removesuffix("]") for node in test.nodes}
    if not standing.ids or not recorded >= set(standing.ids):  # its rows are not ours to read any more
        return ()
    return tuple(
        claim for node, claim in zip(test.nodes, test.claims, strict=True) if "[" in node and not standing.has(node)
    )


def _on_record(file: str, test: ProvenTest, claims: tuple[str, ...], known: Iterable[Declined]) -> bool:
    recorded = {claim for item in known if item.file == file and item.test == test.name for claim in item.claims}
    return set(claims) <= recorded


def _tests_of(text: str) -> Tests | None:
    try:
        return written_tests(text)
    except SyntaxError:
        return None
