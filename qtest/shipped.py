"""`qtest-proof.json` as text and from a run: what was proven when the tests were made."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from pydantic import ValidationError

from qtest.errors import UsageError
from qtest.languages import LANGUAGES
from qtest.languages.python.bodies import bodies
from qtest.languages.python.testfile import taken_names, text_digest, written_tests
from qtest.mutation.identity import stable_ids
from qtest.records.mutant import Failing, Killed, Verdict
from qtest.records.outcome import ModuleOutcome, ValidatedTest
from qtest.records.proof import FORM, Declined, ImportedName, ProofFile, ProvenFile, ProvenKill, ProvenTest
from qtest.records.report import RunReport
from qtest.records.source import Revision

NAME, PARTS = "qtest-proof.json", "qtest-proof"
_TREE = re.compile(r"/[^\s'\"]*?/tree-[0-9a-f]{16}/")  # our copy of the project, wherever it was


def proof_of(report: RunReport) -> ProofFile:
    """Of the files that this run wrote."""
    files = (_file(report, module) for module in report.modules if module.file is not None)
    return ProofFile(files=tuple(sorted(files, key=lambda file: file.path)))


def merged(old: ProofFile, new: ProofFile, texts: Mapping[str, str]) -> ProofFile:
    """A file that was written again has its new proof; all else stands, and so do earlier tests that stand in its text. `texts` are those
    of new files."""
    files = {file.path: file for file in old.files}
    for file in new.files:
        files[file.path] = _joined(files.get(file.path), file, texts[file.path])
    return ProofFile(
        files=tuple(files[path] for path in sorted(files)),
        declined=ordered((*old.declined, *new.declined)),
        trail=(*old.trail, *new.trail),
    )


def _joined(old: ProvenFile | None, new: ProvenFile, text: str) -> ProvenFile:
    if old is None or not new.shared:
        return new
    standing, own = written_tests(text), {test.name for test in new.tests}
    earlier = tuple(test for test in old.tests if test.name in standing and test.name not in own)
    names = {(name.module, name.name): name for name in (*old.names, *new.names)}
    shared = old.shared or not earlier
    return new.model_copy(update={"tests": (*earlier, *new.tests), "names": tuple(names.values()), "shared": shared})


def texts_of(report: RunReport) -> dict[str, str]:
    """Of the files that this run wrote, by path."""
    return {module.file.path: module.file.text for module in report.modules if module.file}


def part_of(path: str) -> str:
    """Where the proof of one file of tests lies by itself: what two pull requests add there does not conflict."""
    return f"{PARTS}/{path}.json"


def combined(whole: ProofFile, parts: Iterable[ProofFile]) -> ProofFile:
    """What is said of a file by itself counts."""
    found = {file.path: file for proof in (whole, *parts) for file in proof.files}
    return whole.model_copy(update={"files": tuple(found[path] for path in sorted(found))})


def ordered(declined: Iterable[Declined]) -> tuple[Declined, ...]:
    """One for a test and its claims: the last with a reason, else the first."""
    best: dict[tuple[str, str, tuple[str, ...]], Declined] = {}
    for item in declined:
        key = (item.file, item.test, item.claims)
        if key not in best or item.reason:
            best[key] = item
    return tuple(best[key] for key in sorted(best))


def without(proof: ProofFile, declined: Sequence[Declined]) -> ProofFile:
    """Declined tests have nothing left to prove; of those that only lost some rows the rest stays."""
    claims = {claim for item in declined for claim in item.claims}
    files = (_thinned(file, claims) for file in proof.files)
    return proof.model_copy(
        update={
            "files": tuple(file for file in files if file.tests),
            "declined": ordered((*proof.declined, *declined)),
        }
    )


def _thinned(file: ProvenFile, claims: Collection[str]) -> ProvenFile:
    tests = (_left(test, claims) for test in file.tests)
    return file.model_copy(update={"tests": tuple(test for test in tests if test.nodes)})


def _left(test: ProvenTest, claims: Collection[str]) -> ProvenTest:
    """A kill by a row that is gone went with it."""
    kept = [(node, claim) for node, claim in zip(test.nodes, test.claims, strict=True) if claim not in claims]
    nodes = {node for node, _ in kept}
    return test.model_copy(
        update={
            "nodes": tuple(node for node, _ in kept),
            "claims": tuple(claim for _, claim in kept),
            "kills": tuple(kill for kill in test.kills if kill.first.node in nodes),
        }
    )


def rendered(proof: ProofFile) -> str:
    """One field a line, so that a change of one test is a small difference; ASCII, so that any character survives."""
    return json.dumps(_head(proof) | proof.model_dump(mode="json", exclude_defaults=True), indent=1) + "\n"


def parsed(text: str, name: str) -> ProofFile:
    """Raises UsageError, which begins with the file's name, for what is not such a file."""
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        reason = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        raise UsageError(
            f"{name}: is damaged, no JSON any more ({reason}); restore it, or run `qtest run` again"
        ) from error
    if not isinstance(document, dict) or not isinstance(document.get("form"), int) or "about" not in document:
        raise UsageError(f"{name}: is no proof of QTest's; expected what `qtest run` writes beside its tests")
    if document["form"] > FORM:
        raise UsageError(
            f"{name}: was written by a newer QTest (form {document['form']}, this one reads {FORM}); update QTest"
        )
    try:
        return ProofFile.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise UsageError(
            f"{name}: is damaged at {where}: {first['msg'][:1].lower()}{first['msg'][1:]}; restore it, or run `qtest run` again"
        ) from error


def _head(proof: ProofFile) -> dict[str, object]:
    return {"form": proof.form, "about": proof.about}


def _file(report: RunReport, module: ModuleOutcome) -> ProvenFile:
    assert module.file is not None, "only of modules with a file"
    tests = (outcome for outcome in module.outcomes if isinstance(outcome, ValidatedTest))
    known = bodies(module.source, module.module)
    verdicts = {verdict.mutant.id: verdict for verdict in module.after}
    names = _stable(module)
    there = frozenset(taken_names(module.file.host))
    return ProvenFile(
        path=module.file.path,
        module=module.module,
        source=module.path,
        language=module.file.language,
        qtest=report.qtest,
        python=report.python,
        revision=said(report.revision),
        commit=report.commit,
        seed=report.seed,
        shared=bool(module.file.host),
        names=tuple(
            ImportedName(module=home, name=name, body=known.get(f"{home}:{name}", ""))
            for home, name in taken_names(module.file.text)
            if _top(home) == _top(module.module) and (home, name) not in there
        ),
        functions={symbol.partition(":")[2]: digest for symbol, digest in sorted(known.items()) if symbol[-1] != ":"},
        tests=tuple(_test(test, verdicts, known, names) for test in tests),
    )


def _top(module: str) -> str:
    return module.partition(".")[0]


def said(revision: Revision) -> str:
    """Where it came from, but for a folder, whose name is nobody else's."""
    if revision.kind == "folder":
        return "folder"
    version = revision.version or revision.sha256
    return f"{revision.kind} {revision.name}{'==' if revision.kind == 'pypi' else '@'}{version}"


def _stable(module: ModuleOutcome) -> Mapping[str, str]:
    """From id to stable id. All mutants of the text are needed: equal edits are told apart by their order."""
    language = LANGUAGES[module.file.language] if module.file else LANGUAGES["python"]
    return stable_ids(language.mutate(module.source, module.path, module.module), module.source)


def _test(
    test: ValidatedTest, verdicts: Mapping[str, Verdict], known: Mapping[str, str], names: Mapping[str, str]
) -> ProvenTest:
    return ProvenTest(
        name=test.name,
        target=test.target,
        function=known.get(test.target, ""),
        nodes=tuple(node.removeprefix(f"{test.file}::") for node in test.nodes),
        claims=tuple(case.id for case in test.cases),
        text_digest=text_digest(test.text, test.name),
        kills=tuple(_kills(test, verdicts, known, names)),
    )


def _kills(
    test: ValidatedTest, verdicts: Mapping[str, Verdict], known: Mapping[str, str], names: Mapping[str, str]
) -> Iterator[ProvenKill]:
    for verdict in (verdicts[name] for name in test.kills if name in verdicts):
        if isinstance(verdict.result, Killed):
            mutant = verdict.mutant
            yield ProvenKill(
                mutant=names.get(mutant.id, mutant.id),
                path=mutant.path,
                symbol=mutant.symbol,
                operator=mutant.operator,
                line=mutant.line,
                diff=verdict.diff,
                function=known.get(mutant.symbol, ""),
                first=_anywhere(verdict.result.first, test.file),
            )


def _anywhere(first: Failing, file: str) -> Failing:
    """Without paths of this machine."""
    place = first.place.rpartition("/")[2] if first.place.startswith("/") else first.place
    return first.model_copy(
        update={"place": place, "message": _TREE.sub("", first.message), "node": first.node.removeprefix(f"{file}::")}
    )
