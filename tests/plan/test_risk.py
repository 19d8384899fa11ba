"""What makes a symbol risky, and that a score is nothing but its reasons."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtest.config import PlanSettings, RiskWeights
from qtest.languages.python.parse import parse
from qtest.plan.risk import rank
from qtest.records.plan import Reason
from qtest.records.source import Project
from qtest.records.system import CallEdge, EntryPoint, FileHistory, Flow, SystemModel

PROJECT = Project(root="", language="python", name="p", layout="flat", import_roots=("",))
TEXT = "def f(x):\n    return _g(x) if x else x\ndef _g(x):\n    return x or not x or 1\ndef h(x):\n    return x\n"


def model(text: str = TEXT, **more: object) -> SystemModel:
    return SystemModel(modules=(parse(text, "a.py", PROJECT),)).model_copy(update=more)


def of(system: SystemModel, symbol: str, settings: PlanSettings | None = None) -> dict[str, Reason]:
    return {reason.factor: reason for reason in rank(system, {}, settings)[symbol].reasons}


def flow(*chain: str, sink: str = "writes files") -> Flow:
    return Flow(entry=chain[0], chain=chain, sink=sink)


def test_the_history_of_the_file_counts() -> None:
    together = (("b.py", 6), ("c.py", 5), ("d.py", 4), ("e.py", 3), ("z.py", 2))
    history = FileHistory(path="a.py", commits=6, fixes=3, recency=3.0, together=together)
    found = of(model(histories=(history,)), "a:h")
    assert (found["change"].points, found["fixes"].points, found["together"].points) == (2.0, 2.0, 1.161)
    assert found["change"].text == "file changed in 6 commits, 3.0 by their age"
    assert found["together"].text == "file changes with b.py (6 times), c.py (5 times), d.py (4 times) and 1 more"


def test_a_history_of_another_file_does_not_count() -> None:
    assert of(model(histories=(FileHistory(path="b.py", commits=9, fixes=9, recency=9.0),)), "a:h").keys() == {
        "coverage"
    }


def test_the_more_critical_paths_the_more_points_and_one_is_named() -> None:
    entry = EntryPoint(kind="endpoint", name="POST /orders", symbol="a:f", path="a.py", line=1)
    flows = (flow("a:h", "a:_g", sink="network"), flow("a:f", "a:_g"))
    system = model(flows=flows, entries=(entry,))
    assert of(system, "a:_g")["critical path"] == Reason(
        factor="critical path", points=3.17, text="on 2 critical paths, POST /orders → writes files among them"
    )
    assert of(system, "a:h")["critical path"].text == "on the critical path h → network"


def test_private_code_counts_for_the_public_code_that_leads_to_it() -> None:
    found = of(model(calls=(CallEdge(caller="a:f", callee="a:_g", line=2),)), "a:f")
    assert (found["private code"].text, found["private code"].points) == ("2 decisions in _g", 2.377)


def test_a_project_may_add_a_domain_replace_one_and_empty_one() -> None:
    text = "def parcel_total(x):\n    return x\n"
    ours = PlanSettings(domains={"shipping": ("Parcel",), "money": ()})
    assert of(model(text), "a:parcel_total")["domain"].text == "money (total)"
    assert of(model(text), "a:parcel_total", ours)["domain"].text == "shipping (parcel)"


def test_what_is_weighed_with_nothing_is_no_reason() -> None:
    assert of(model(), "a:f", PlanSettings(weights=RiskWeights(gap=0, decision=0, helpers=0))) == {}


@given(
    st.builds(
        RiskWeights,
        **{name: st.floats(0, 1000) for name in RiskWeights.model_fields if name != "most_decisions"},
        most_decisions=st.integers(0, 50),
    ),
    st.lists(st.tuples(st.sampled_from(("a:f", "a:_g", "a:h")), st.sampled_from(("a:f", "a:_g", "a:h"))), max_size=6),
    st.integers(0, 40),
    st.floats(0, 1),
)
def test_reasons_add_up_to_the_score_and_twice_gives_the_same(
    weights: RiskWeights, calls: list[tuple[str, str]], commits: int, covered: float
) -> None:
    system = model(
        calls=tuple(CallEdge(caller=caller, callee=callee, line=1) for caller, callee in calls),
        flows=tuple(flow(*dict.fromkeys(pair)) for pair in calls),
        histories=(FileHistory(path="a.py", commits=commits, fixes=commits // 2, recency=commits / 3),),
    )
    settings = PlanSettings(weights=weights)
    risks = rank(system, {"a:f": covered}, settings)
    for risk in risks.values():
        assert risk.score == round(math.fsum(reason.points for reason in risk.reasons), 3)
        assert all(reason.points > 0 and reason.text for reason in risk.reasons)
    assert list(risks.items()) == list(rank(system, {"a:f": covered}, settings).items())
    assert [risk.score for risk in risks.values()] == sorted((risk.score for risk in risks.values()), reverse=True)


@pytest.mark.parametrize(("covered", "said"), [({}, "known"), ({"a:f": 0.5}, "seen")])
def test_not_measured_is_not_the_same_as_not_run(covered: dict[str, float], said: str) -> None:
    reasons = rank(model(), covered)["a:h"].reasons
    assert reasons[0].text == f"no test {'is' if said == 'known' else 'was'} {said} to run it"
