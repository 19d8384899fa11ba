"""Whether a case that the code contradicts is a suspected bug: when it cites documentation of the target that is really there."""

from qtest.errors import UnspokenError
from qtest.languages.python.phrase import sketch
from qtest.records.case import CallCase
from qtest.records.outcome import Rejection, SuspectedBug
from qtest.records.plan import Brief

_CONTRADICTED = "fails on the code as it is: "  # how the runtime gate begins, of what failed every time
_LEAST_WORDS = 4  # shorter citations stand anywhere


def weighed(rejection: Rejection, brief: Brief) -> Rejection | SuspectedBug:
    case = rejection.case
    if case is None or case.provenance.origin != "model" or rejection.stage != "runtime":
        return rejection
    if not rejection.reason.startswith(_CONTRADICTED) or not _is_promised(case, brief):
        return rejection
    return SuspectedBug(
        target=case.target,
        contract=f"its documentation says: {case.provenance.source}",
        observed=rejection.reason.removeprefix(_CONTRADICTED),
        repro=_program(case, brief.module.name),
        case=case,
    )


def _is_promised(case: CallCase, brief: Brief) -> bool:
    """What the model cites stands word for word in the documentation of the target or of the class it belongs to."""
    cited = _flat(case.provenance.source)
    owner = case.target.rpartition(".")[0]
    said = [symbol.docstring for symbol in brief.module.symbols if symbol.public and symbol.id in (case.target, owner)]
    return len(cited.split()) >= _LEAST_WORDS and any(cited in _flat(text) for text in said)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _program(case: CallCase, module: str) -> str:
    """A small program that shows it."""
    try:
        drawn = sketch(case.setup, case.input, module)
    except (UnspokenError, ValueError, RecursionError):
        return ""
    return "\n".join((*drawn.imports, *drawn.setup, f"print(repr({drawn.expr}))")) + "\n"
