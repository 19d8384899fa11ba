"""A proven trial as a case of the test DSL."""

from qtest.generate.search.code import Code
from qtest.generate.search.making import parameters_of
from qtest.generate.search.minimise import Proven
from qtest.records.case import Call, CallCase, Construct, Consume, Expression, Isolation, Provenance, expression_to_json
from qtest.records.plan import Brief
from qtest.records.record import digest_of


def case_of(item: Proven, code: Code, brief: Brief) -> CallCase:
    trial, heard = item.trial, item.said
    case = CallCase(
        id="",
        target=trial.target,
        setup=trial.setup,
        input=heard.input,
        expect=heard.expect,
        provenance=Provenance(generator="search", origin=trial.origin, source=trial.source, seed=brief.seed),
    )
    return completed(case, code, brief)


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
