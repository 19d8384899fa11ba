"""The plain side of the benchmark, over a model and a judge that do as they are told, and the sums of its page."""

from benchmarks.llm_quality.command import totals
from benchmarks.llm_quality.plain import MOST_ROUNDS, Judged, code_of, written
from benchmarks.llm_quality.sides import Row, read_judged
from qtest.errors import BudgetSpent, CompletionError
from qtest.fakes import ScriptedCompleter
from qtest.records.completion import Payer, Prompt

FILE = "```python\ndef test_{}(): pass\n```"


def run(
    answers: list[str | CompletionError], killed: dict[str, int], budget: int = 10_000
) -> tuple[str, int, list[Prompt]]:
    left = iter(answers)
    completer = ScriptedCompleter(lambda _: next(left))

    def judge(text: str) -> Judged:
        name = text.partition("test_")[2].partition("(")[0]
        return Judged(tests=1, killed=killed.get(name, 0), mutants=9, said=f"{name} was judged")

    found = written("def f(): ...", "m", completer, budget, judge, Payer())
    return found.text, found.rounds, completer.asked


def test_the_best_file_is_kept_and_the_next_prompt_says_how_the_last_was_judged() -> None:
    answers = [FILE.format("a"), FILE.format("b"), FILE.format("c"), BudgetSpent("spent")]
    text, rounds, asked = run(answers, {"a": 2, "b": 5, "c": 3})
    assert "test_b" in text
    assert rounds == 3
    assert "b was judged" in asked[2].messages[-1].content


def test_a_file_that_notices_everything_is_the_last() -> None:
    assert run([FILE.format("a")], {"a": 9})[1] == 1


def test_it_ends_with_its_tokens_or_its_rounds() -> None:
    assert run(["no"] * 99, {}, budget=10**9)[1] == MOST_ROUNDS
    assert run(["no"] * 99, {}, budget=1)[1] == 1


def test_the_code_of_an_answer_is_its_longest_block() -> None:
    assert code_of("```\nx\n``` and ```python\ndef test_a(): pass\n```") == "def test_a(): pass\n"
    assert code_of("def test_a(): pass") == "def test_a(): pass"
    assert code_of("I cannot.") == ""


def test_a_judged_file_counts_kills_only_where_a_test_ran() -> None:
    verdicts = [{"result": {"status": "killed"}, "diff": ""}, {"result": {"status": "survived"}, "diff": "-a\n+b"}]
    report = {"modules": [{"verdicts": verdicts}], "suites": [{"reason": "", "tests": 2}]}
    assert (read_judged(report).killed, read_judged(report).mutants) == (1, 2)
    assert "-a\n+b" in read_judged(report).said
    assert read_judged(report | {"suites": [{"reason": "red", "tests": 0}]}).killed == 0


def test_sides_are_summed_over_modules_that_all_were_judged_on() -> None:
    rows = [Row("m", side, 1, killed, 10, 5, 0, 1.0) for side, killed in (("search", 6), ("plain", 4), ("mix", 8))]
    rows.append(Row("n", "search", 1, 9, 9, 0, 0, 1.0))
    assert list(totals(rows)) == [
        "- search: 6 of 10 mutants of 1 modules, 5 tokens",
        "- plain: 4 of 10 mutants of 1 modules, 5 tokens",
        "- mix: 8 of 10 mutants of 1 modules, 5 tokens",
    ]
