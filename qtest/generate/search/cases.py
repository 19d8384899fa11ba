"""A proven trial as a case of the test DSL."""

from qtest.generate.search.about import shown_by
from qtest.generate.search.aliases import told
from qtest.generate.search.code import Code
from qtest.generate.search.making import parameters_of
from qtest.generate.search.minimise import Proven
from qtest.generate.search.oracle import Said
from qtest.generate.search.trial import Trial
from qtest.records.case import (
    RESULT,
    Call,
    CallCase,
    Construct,
    Consume,
    Expectation,
    Expression,
    IsInstance,
    Isolation,
    Provenance,
    expression_to_json,
)
from qtest.records.plan import Brief
from qtest.records.record import digest_of


def case_of(item: Proven, code: Code, brief: Brief) -> CallCase:
    trial, heard = item.trial, item.said
    case = CallCase(
        id="",
        description=told(heard.input, code),
        target=shown_by(trial, heard.input, code),
        setup=trial.setup,
        input=heard.input,
        expect=heard.expect,
        provenance=Provenance(generator="search", origin=trial.origin, source=trial.source, seed=brief.seed),
    )
    return completed(case, code, brief).model_copy(update={"expect": _needed(trial, heard)})


def completed(case: CallCase, code: Code, brief: Brief) -> CallCase:
    """With all that follows from what is claimed: its id, the same wherever the same is claimed of the same call, the names of what its
    arguments land on, and what it must put back."""
    steps = (repr(step) for step in case.setup)
    text = "|".join((brief.module.name, case.target, *steps, expression_to_json(case.input), repr(case.expect)))
    return case.model_copy(
        update={
            "id": digest_of(text)[:16],
            "parameters": _names(case.input, code),
            "isolation": Isolation(restored=_restored(case.target, code, brief)),
        }
    )


def _needed(trial: Trial, heard: Said) -> tuple[Expectation, ...]:
    """An object that the test itself makes is of the class that it calls for that; nobody needs to be told, where more is said."""
    made = {step.name: step.does.symbol for step in trial.setup if step.name and isinstance(step.does, Construct)}
    if isinstance(heard.input, Construct):
        made[RESULT.of] = heard.input.symbol
    needed = tuple(
        item
        for item in heard.expect
        if not (isinstance(item, IsInstance) and not item.subject.path and made.get(item.subject.of) == item.symbol)
    )
    return needed or heard.expect


def _restored(target: str, code: Code, brief: Brief) -> tuple[str, ...]:
    constants = set(brief.module.constants)
    symbol = code.symbols.get(target)
    writes = symbol.writes if symbol is not None else ()
    return tuple(f"{brief.module.name}:{name}" for name in writes if name in constants)


def _names(given: Expression, code: Code) -> tuple[str, ...]:
    """Of the parameters that positional arguments land on."""
    if isinstance(given, Consume):
        return _names(given.source, code)
    if not isinstance(given, Call | Construct):
        return ()
    symbol = code.maker(given.symbol) if isinstance(given, Construct) else code.symbols.get(given.symbol)
    if symbol is None:
        return tuple(item.name for item in code.fields(given.symbol)) if isinstance(given, Construct) else ()
    plain = [item for item in parameters_of(symbol) if item.kind in ("positional only", "positional or keyword")]
    count = sum(1 for argument in given.arguments if not argument.name)
    return tuple(item.name for item in plain)[:count]
