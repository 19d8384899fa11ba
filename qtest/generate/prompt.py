"""The prompt that asks for tests: everything in the brief that bears on one function, and the mutants to kill, as diffs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qtest.errors import UnspokenError
from qtest.generate.permitted import library, own, symbols
from qtest.generate.phrasing import Section, lines, messages, template
from qtest.generate.questions import Question
from qtest.generate.values import assigned
from qtest.languages.python.phrase import phrase
from qtest.mutation.diff import diff, split_lines
from qtest.records.case import CallCase
from qtest.records.case.wire import Unsayable, schema_text, written
from qtest.records.completion import Difficulty, Payer, Prompt, TaskType
from qtest.records.outcome import Rejection
from qtest.records.plan import Brief
from qtest.records.system import Parameter, Symbol

_MOST_HELPERS, _MOST_USAGES, _MOST_NAMED, _MOST_TOLD = 6, 6, 60, 6
_MOST_OF_TESTS = 1500  # characters: enough to see how the project writes them
_STARS = {"variadic": "*", "variadic keyword": "**"}
# what is left out first where the budget is small: the highest
_TESTS, _DOMAIN, _LIBRARY, _USAGES, _NEIGHBOURS = 90, 80, 75, 70, 60
_HELPERS, _BRANCHES, _MUTANTS, _VALUES, _MAKER = 50, 45, 30, 25, 20


@dataclass(frozen=True)
class Asking:
    """How prompts are made: `prompt_tokens` and `answer_tokens` bound each."""

    prompt_tokens: int
    answer_tokens: int
    temperature: float
    payer: Payer


def prompt_of(brief: Brief, question: Question, told: Sequence[Rejection], asking: Asking) -> Prompt:
    """`told` is what became of earlier cases for the same function: each climbs the difficulty."""
    listed = symbols(brief)
    return Prompt(
        task=_task(brief, question),
        messages=messages("write", list(_sections(brief, question, told, listed)), asking.prompt_tokens),
        template=template("write"),
        answer=schema_text(listed),
        difficulty=Difficulty(branches=len(question.of.branches), refusals=sum(one.count for one in told)),
        max_tokens=asking.answer_tokens,
        temperature=asking.temperature,
        payer=asking.payer,
    )


def _task(brief: Brief, question: Question) -> TaskType:
    levels = {target.level for target in brief.targets if target.symbol in question.asked}
    return "integration_test" if levels == {"integration"} else "unit_test"


def _sections(brief: Brief, question: Question, told: Sequence[Rejection], listed: Sequence[str]) -> Iterator[Section]:
    of = question.of
    yield Section(f"The function with the mutants, from the module {brief.module.name}:", source_of(brief, of))
    for symbol in question.through:
        if symbol is not of:
            yield Section("It is reached through:", source_of(brief, symbol), _MAKER)
    yield from _context(brief, question)
    for number, mutant in enumerate(question.mutants):
        said = f"Mutant {number + 1}, which no test tells from the original:"
        yield Section(said, diff(brief.source, mutant), _MUTANTS + number if number else 0)
    if told:
        yield Section("What became of cases that were proposed before; propose others:", lines(_told(brief, told)))
    yield Section("Symbols of the project that may be named:", lines(own(listed)[:_MOST_NAMED]))
    yield Section("Of the standard library, beside built-in types, functions and errors:", lines(library()), _LIBRARY)
    yield Section(f"Targets: {' or '.join(question.asked)}. Answer with the JSON object.")


def _context(brief: Brief, question: Question) -> Iterator[Section]:
    of = question.of
    owner = of.qualname.rpartition(".")[0]
    made = [one for one in brief.module.symbols if owner and one.qualname in (f"{owner}.__init__", f"{owner}.__new__")]
    for maker in made:
        if maker is not of:
            yield Section(f"How {owner} is made:", source_of(brief, maker), _MAKER)
    if of.branches:
        decided = (f"line {one.line}: {one.condition}" for one in of.branches)
        yield Section("Where it decides:", lines(decided), _BRANCHES)
    read = {name for symbol in (of, *question.through) for name in symbol.reads}
    if values := list(assigned(brief.source, read)):
        yield Section("Values of the module that are read:", lines(values), _VALUES)
    called = {name.rpartition(".")[2] for name in of.calls}
    helpers = [one for one in brief.module.symbols if one is not of and one.qualname.rpartition(".")[2] in called]
    for helper in helpers[:_MOST_HELPERS]:
        yield Section("It calls, in the same module:", source_of(brief, helper), _HELPERS)
    near = [one for one in brief.neighbours if one.qualname.rpartition(".")[2] in called or one.kind == "class"]
    if near:
        yield Section("From other modules:", lines(map(outline, near[:_MOST_NAMED])), _NEIGHBOURS)
    asked = {of.id, *question.asked}
    usages = [one for one in brief.usages if one.symbol in asked]
    if usages:
        shown = (f"{one.text}  # {one.origin}{f', gives {one.expected}' if one.expected else ''}" for one in usages)
        yield Section("How it is used:", lines(list(shown)[:_MOST_USAGES]), _USAGES)
    if brief.domain:
        yield Section("The module is about:", ", ".join(brief.domain), _DOMAIN)
    if brief.existing_tests:
        yield Section("Tests that are there, by name:", lines(brief.existing_tests[:_MOST_TOLD]), _TESTS)
    if brief.host:
        yield Section("How they begin:", brief.host.text[:_MOST_OF_TESTS], _TESTS + 1)


def source_of(brief: Brief, symbol: Symbol) -> str:
    found, _ = split_lines(brief.source)
    return "".join(found[symbol.line - 1 : symbol.end_line]).rstrip()


def outline(symbol: Symbol) -> str:
    """Its head, and the first line of its documentation."""
    given = ", ".join(map(_spelled, symbol.parameters))
    back = f" -> {symbol.returns}" if symbol.returns else ""
    said = symbol.docstring.strip().partition("\n")[0]
    return f"{symbol.id}({given}){back}" + (f"  # {said}" if said else "")


def _spelled(parameter: Parameter) -> str:
    kind = f": {parameter.annotation}" if parameter.annotation else ""
    default = f" = {parameter.default}" if parameter.default else ""
    return f"{_STARS.get(parameter.kind, '')}{parameter.name}{kind}{default}"


def _told(brief: Brief, told: Sequence[Rejection]) -> Iterator[str]:
    """The latest last, as a model reads on from there."""
    for one in told[-_MOST_TOLD:]:
        yield f"{shown(brief, one.case)}: {one.reason}" if one.case else one.reason


def shown(brief: Brief, case: CallCase) -> str:
    try:
        return written(case)
    except Unsayable:
        try:
            return phrase(case.input, brief.module.name)
        except UnspokenError:
            return case.target
