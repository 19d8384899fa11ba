"""What models cost is told by tier, and beside it what came of it."""

from qtest.config import Config, TargetSettings
from qtest.plan.concern import LEFT_OUT
from qtest.records.case import Call, CallCase, Equals, Int, Provenance
from qtest.records.outcome import Effort, ModuleOutcome, Scored, Spent, ValidatedTest
from qtest.records.report import RunReport
from qtest.records.sandbox import Guarantees
from qtest.records.source import Omission, Revision
from qtest.report.concern import concern_line
from qtest.report.spend import spend_lines


def validated(generator: str) -> ValidatedTest:
    provenance = Provenance(generator=generator, origin="model")
    case = CallCase(id="c", target="m:f", input=Call("m:f"), expect=(Equals(Int(1)),), provenance=provenance)
    return ValidatedTest(target="m:f", file="t.py", name="t", nodes=("t",), text="", cases=(case,), kills=("a",))


def told_concern(words: str, *left_out: str) -> str:
    config = Config(target=TargetSettings(concern=words))
    report = RunReport(
        qtest="0", target="x", revision=Revision(kind="folder", name="x"), seed="0", settings=config.kept(), python="none",
        environment="none", guarantees=Guarantees(adapter="fake", items=()),
        left_out=tuple(Omission(path=f"m:{reason}", reason=reason) for reason in left_out),
    )  # fmt: skip
    return concern_line(report)


def told(*efforts: Effort, tests: tuple[ValidatedTest, ...] = ()) -> list[str]:
    modules = tuple(
        ModuleOutcome(module=f"m{number}", path="m.py", project="", source="x", effort=effort, outcomes=tests)
        for number, effort in enumerate(efforts)
    )
    report = RunReport(
        qtest="0", target="x", revision=Revision(kind="folder", name="x"), seed="0", settings="{}", python="none",
        environment="none", guarantees=Guarantees(adapter="fake", items=()), modules=modules,
    )  # fmt: skip
    return list(spend_lines(report))


def test_tokens_and_money_stand_beside_the_validated_tests_of_their_tier() -> None:
    first = Spent(tier="TIER1", answers=3, unusable=1, input_tokens=900, output_tokens=100, cost_usd=0.02)
    effort = Effort(spent=(first, Spent(tier="TIER3", answers=1, cached=1)))
    lines = told(effort, Effort(spent=(first,)), tests=(validated("model TIER1"),))
    assert lines == [
        "TIER1: 6 answers (2 unusable, 0 remembered), 1,800 tokens in and 200 out, $0.0400; "
        "2 validated tests, 1,000 tokens and $0.0200 each",
        "TIER3: 1 answer (0 unusable, 1 remembered), 0 tokens in and 0 out; no validated test",
    ]


def test_the_critics_words_stand_beside_those_of_the_gate() -> None:
    score = Scored(refused=2, refused_killing=1, passed=5, passed_killing=3)
    assert told(Effort(critic=score, renamed=4, unanswered=1)) == [
        "1 prompt to a model got no answer: see the rejections",
        "critic: refused 2 tests, of which 1 kill mutants; let 5 pass, of which 3 do",
        "names: 4 tests named by a model",
    ]


def test_where_no_model_was_asked_nothing_is_said() -> None:
    assert told(Effort(evaluations=9)) == []


def test_a_run_that_was_narrowed_says_to_what_and_what_it_left_alone() -> None:
    said = "no rounding: targets that it is not about, 1 of them, were left alone with their mutants"
    assert told_concern("no rounding", LEFT_OUT, "private") == said
    assert told_concern("word " * 90).startswith("word word")
    assert told_concern("", "private") == ""
