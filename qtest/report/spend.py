"""What language models cost a run, by tier, and what came of it."""

from collections.abc import Iterable, Iterator

from qtest.records.outcome import Effort, ModuleOutcome, Spent, ValidatedTest
from qtest.records.report import RunReport


def spend_lines(report: RunReport) -> Iterator[str]:
    """Nothing where none was asked. Modules that are remembered cost this run nothing, and are told as they were made."""
    effort = sum((module.effort for module in report.modules), Effort())
    for one in effort.spent:
        yield _of_tier(one, validated(report.modules, one.tier))
    if effort.unanswered:
        yield f"{_count(effort.unanswered, 'prompt')} to a model got no answer: see the rejections"
    critic = effort.critic
    if critic.refused or critic.passed:
        yield (
            f"critic: refused {_count(critic.refused, 'test')}, of which {critic.refused_killing} kill mutants; "
            f"let {critic.passed} pass, of which {critic.passed_killing} do"
        )
    if effort.renamed:
        yield f"names: {_count(effort.renamed, 'test')} named by a model"


def validated(modules: Iterable[ModuleOutcome], tier: str) -> int:
    """Tests that a model of that tier wrote, and that ship."""
    tests = (one for module in modules for one in module.outcomes if isinstance(one, ValidatedTest))
    return sum(case.provenance.generator == f"model {tier}" for test in tests for case in test.cases)


def _of_tier(spent: Spent, tests: int) -> str:
    whole = spent.input_tokens + spent.output_tokens
    money = f", ${spent.cost_usd:.4f}" if spent.cost_usd else ""
    gpu = f", {spent.gpu_s:.1f} GPU-seconds" if spent.gpu_s else ""
    aside = f"{spent.unusable} unusable, {spent.cached} remembered"
    each = "no validated test"
    if tests:
        each = f"{whole // tests:,} tokens" + (f" and ${spent.cost_usd / tests:.4f}" if spent.cost_usd else "")
        each = f"{_count(tests, 'validated test')}, {each} each"
    return (
        f"{spent.tier}: {_count(spent.answers, 'answer')} ({aside}), "
        f"{spent.input_tokens:,} tokens in and {spent.output_tokens:,} out{money}{gpu}; {each}"
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
