"""What a test says of an object, as a person would: that it equals a new one, else what its attributes are, last its text.

Every claim is tried by itself, on the code and on the mutants it is to kill, so that a plainer test is no weaker one.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qtest.generate.search.code import Code
from qtest.generate.search.minimise import Proven, cover
from qtest.generate.search.oracle import Said, about, result_of, value_of
from qtest.generate.search.trial import Trial
from qtest.generate.search.twins import Twins, altered
from qtest.records.case import (
    Construct,
    Equals,
    Expectation,
    Expression,
    Get,
    Holds,
    IsInstance,
    Operate,
    Outputs,
    Raises,
    Ref,
    Step,
    Subject,
    Text,
)
from qtest.records.workbench import Observation

Observe = Callable[[Sequence[Trial], Sequence[str]], Sequence[tuple[Trial, Observation]]]
_SHOWN = 3  # attributes, where none of them kills anything
_CONTROLS = 4
_SAME, _PART, _TEXT = 0, 1, 2  # ranks; a plainer claim is preferred
_WORDS = ("repr", "str")
_METHODS = {"list": "iter"}


@dataclass(frozen=True, slots=True)
class _Claim:
    """What could be asserted of one subject; `trial` shows it alone, `kills` are those of that trial."""

    rank: int
    of: str
    expect: tuple[Expectation, ...]
    trial: Trial
    kills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Part:
    """One subject of a test: the result, or a step's value after the call."""

    of: str
    setup: tuple[Step, ...]
    look: Expression
    form: Mapping[str, Any]
    expect: tuple[Expectation, ...]

    def trial(self, target: str, given: Expression) -> Trial:
        return Trial(target, given, self.setup, watch=False)


class Claims:
    """`observe` tries trials on the code and on the named mutants. `producers` are expressions seen to give an object of a class."""

    def __init__(self, code: Code, observe: Observe, producers: Mapping[str, Sequence[Expression]]) -> None:
        self._code, self._observe, self._producers = code, observe, producers
        self._twins = Twins(code)

    def plainer(self, chosen: Sequence[Proven], found: Sequence[Proven]) -> list[Proven]:
        """The same tests saying it plainly. `found` are all that could be chosen from: they fill in for kills that a text alone
        had made; what nothing else kills is still asserted by the text, as a test of `__repr__` or `__str__` where there is one."""
        total = {mutant for item in chosen for mutant in item.kills}
        covered = {mutant for item in chosen if not _of_object(item) for mutant in item.kills}
        told: list[Proven] = []
        left: dict[int, tuple[Proven, list[_Claim]]] = {}
        for at, item in enumerate(chosen):
            if not _of_object(item):
                told.append(item)
                continue
            claims = self._tried(item, item.kills - covered)
            told.append(_said_by(item, _enough(claims, item.kills - covered)) if claims else item)
            covered |= told[-1].kills
            left[at] = (item, claims)
        spare = [replace(item, kills=item.kills & (total - covered)) for item in found if not _of_object(item)]
        filled = cover([item for item in spare if item.kills], lambda _: len(spare))
        covered |= {mutant for item in filled for mutant in item.kills}
        for at, (item, claims) in left.items():
            missed = item.kills - covered
            if not missed:
                continue
            for claim in claims:
                if claim.rank != _TEXT or not claim.kills & missed:
                    continue
                shown = self._own_test(item, claim)
                if shown is not None:
                    filled.append(shown)
                else:
                    told[at] = _also(told[at], claim)
                covered |= claim.kills
                missed -= claim.kills
        return [*told, *filled]

    def _own_test(self, item: Proven, claim: _Claim) -> Proven | None:
        """Of the method that makes the text, when the class has one."""
        expect = claim.expect[-1]
        if not isinstance(expect, Equals) or not isinstance(claim.trial.input, Operate):
            return None
        owner = json.loads(item.seen)
        form = owner["result"] if claim.of == "result" else owner["watch"][claim.of]
        for name in (_METHODS.get(claim.trial.input.operator, claim.trial.input.operator), "repr"):
            for cls in self._code.line(str(form.get("symbol", ""))):
                method = f"{cls}.__{name}__"
                if method in self._code.symbols:
                    trial = replace(claim.trial, target=method)
                    return Proven(trial, Said(trial.input, (Equals(expect.value),)), claim.kills)
        return None

    # --- what could be said -----------------------------------------------------------------------------------------

    def _tried(self, item: Proven, mutants: Iterable[str]) -> list[_Claim]:
        """Those that hold, with their kills; none when a subject of the test is left without any."""
        parts = list(_parts(item))
        drawn = [claim for part in parts for claim in self._claims(item.trial.target, part)]
        if not drawn:
            return []
        observed = self._observe([claim.trial for claim in drawn], sorted(mutants))
        seen = {trial.identity: observation for trial, observation in observed}
        held = [
            replace(claim, kills=frozenset(observation.kills))
            for claim in drawn
            if (observation := seen.get(claim.trial.identity)) is not None and _holds(claim, observation)
        ]
        held = [claim for claim in held if claim.rank != _SAME or self._tells_apart(claim)]
        same = {claim.of for claim in held if claim.rank == _SAME}
        held = [replace(claim, rank=_TEXT) if claim.of in same and _lists(claim) else claim for claim in held]
        return held if {part.of for part in parts} <= {claim.of for claim in held} else []

    def _claims(self, target: str, part: _Part) -> Iterator[_Claim]:
        if part.form.get("kind") == "subclass":
            yield from self._beside(target, part)
            return
        if part.form.get("kind") != "object" and not _has_text(part):
            yield _Claim(_SAME - 1, part.of, part.expect, part.trial(target, part.look))
            return
        for twin in self._alike(target, part):
            same = part.trial(target, Operate("==", (part.look, twin)))
            yield _Claim(_SAME, part.of, (Equals(twin, Subject(part.of)),), same)
        if part.form.get("kind") != "object":
            yield _Claim(_TEXT, part.of, part.expect, part.trial(target, Operate("repr", (part.look,))))
            return
        kind = tuple(item for item in part.expect if isinstance(item, IsInstance) and not _is_new(part.look, item))
        yield from self._attributes(target, part, kind)
        listed = value_of({"kind": "list", "items": part.form["list"]}) if "list" in part.form else None
        if listed is not None and not part.form.get("more"):
            said = (Equals(listed, Subject(part.of, view="list")),)
            yield _Claim(_PART, part.of, (*kind, *said), part.trial(target, Operate("list", (part.look,))))
        for word in _WORDS:
            text = part.form.get(word)
            if isinstance(text, str) and (word == "repr" or text != part.form.get("repr")):
                said = (Equals(Text(text), Subject(part.of, view=word)),)  # type: ignore[arg-type]
                yield _Claim(_TEXT, part.of, (*kind, *said), part.trial(target, Operate(word, (part.look,))))

    def _beside(self, target: str, part: _Part) -> Iterator[_Claim]:
        """Of an object that equals a builtin: that, and what it has besides, of which the equality says nothing."""
        plain = value_of(part.form["value"])
        if plain is not None:
            same = part.trial(target, Operate("==", (part.look, plain)))
            yield _Claim(_SAME - 1, part.of, part.expect, same)
        yield from self._attributes(target, part, ())

    def _attributes(self, target: str, part: _Part, kind: tuple[Expectation, ...]) -> Iterator[_Claim]:
        for name in self._twins.in_order(part.form):
            said = tuple(about(part.form["attributes"][name], Subject(part.of, (name,))))
            if said:
                yield _Claim(_PART, part.of, (*kind, *said), part.trial(target, Get(part.look, name)))

    def _alike(self, target: str, part: _Part) -> list[Expression]:
        """What might equal it, plainest first."""
        form = dict(part.form)
        asked: list[Expression] = [Get(part.look, name) for name in self._twins.missing(form)]
        asked += [Operate("dict", (part.look,))] if "list" in form else []
        learned: dict[str, Any] = {}
        if asked:
            for trial, observation in self._observe([part.trial(target, given) for given in asked], ()):
                found = result_of(observation)
                if observation.status == "ok" and found is not None and value_of(found) is not None:
                    name = trial.input.attribute if isinstance(trial.input, Get) else "()"
                    learned[name] = found
        twins: list[Expression | None] = [self._twins.of(form, learned, plain=plain) for plain in (True, False)]
        if "()" in learned:
            twins.append(value_of(learned["()"]))
        if form.get("kind") == "object" and "list" in form and not form.get("more"):
            twins.append(value_of({"kind": "list", "items": form["list"]}))
        return [twin for twin in dict.fromkeys(twins) if twin is not None and not _is_itself(part.look, twin)]

    def _tells_apart(self, claim: _Claim) -> bool:
        """An `==` that is true of anything proves nothing: some other object must not equal it."""
        given = claim.trial.input
        twin = given.operands[1] if isinstance(given, Operate) else given
        others = [other for other in self._producers.get(getattr(twin, "symbol", ""), ()) if other != twin]
        controls = [*others[-_CONTROLS:], *altered(twin)][: 2 * _CONTROLS]
        trials = [replace(claim.trial, input=Operate("==", (_operand(given), other))) for other in controls]
        return any(_truth(observation) is False for _, observation in self._observe(trials, ()))


def _is_new(look: Expression, kind: IsInstance) -> bool:
    """A new object is of the class that was called; nobody needs to be told."""
    return isinstance(look, Construct) and look.symbol == kind.symbol


def _is_itself(look: Expression, twin: Expression) -> bool:
    """A constructor held against the same call says nothing."""
    if not isinstance(look, Construct) or not isinstance(twin, Construct) or look.symbol != twin.symbol:
        return False
    return {argument.value for argument in look.arguments} == {argument.value for argument in twin.arguments}


def _parts(item: Proven) -> Iterator[_Part]:
    form = json.loads(item.seen)
    by_subject: dict[str, list[Expectation]] = {}
    for expectation in item.said.expect:
        by_subject.setdefault(_subject(expectation).of, []).append(expectation)
    for of, expect in by_subject.items():
        if of == "result":
            yield _Part(of, item.trial.setup, item.said.input, form["result"], tuple(expect))
        else:
            after = (*item.trial.setup, Step(item.said.input))
            yield _Part(of, after, Ref(of), form["watch"][of], tuple(expect))


def _of_object(item: Proven) -> bool:
    """Whether it speaks of an object in other words than `==`, and of nothing but values."""
    if not item.seen or any(isinstance(expectation, Raises | Holds) for expectation in item.said.expect):
        return False
    return any(
        not isinstance(expectation, Outputs)
        and (
            isinstance(expectation, IsInstance)
            or bool(_subject(expectation).path)
            or _subject(expectation).view in _WORDS
        )
        for expectation in item.said.expect
    )


def _has_text(part: _Part) -> bool:
    """A container that is told by its text, for what is inside has no other form."""
    return part.form.get("kind") in ("list", "tuple", "map", "iterator") and any(
        _subject(item).view == "repr" for item in part.expect
    )


def _subject(expectation: Expectation) -> Subject:
    return getattr(expectation, "subject", Subject())


def _lists(claim: _Claim) -> bool:
    """What comes of walking through it: beside an equality, that is for a test of the walking."""
    return any(_subject(expectation).view == "list" for expectation in claim.expect)


def _holds(claim: _Claim, observation: Observation) -> bool:
    if observation.status != "ok" or observation.raised:
        return False
    return not isinstance(claim.trial.input, Operate) or claim.rank > _SAME or _truth(observation) is True


def _truth(observation: Observation) -> bool | None:
    form = result_of(observation) if observation.status == "ok" else None
    found = form.get("value") if form and form.get("kind") == "bool" else None
    return found if isinstance(found, bool) else None


def _operand(given: Expression) -> Expression:
    return given.operands[0] if isinstance(given, Operate) else given


def _enough(claims: Sequence[_Claim], wanted: Iterable[str]) -> list[_Claim]:
    """The plainest that kill as many of the wanted as attributes and equality can; each subject is spoken of."""
    left = set(wanted)
    chosen: list[_Claim] = []
    spoken: set[str] = set()
    for claim in claims:
        if claim.rank < _PART and claim.of not in spoken:
            chosen.append(claim)
            spoken.add(claim.of)
            left -= claim.kills
    while True:
        best = max((claim for claim in claims if claim.rank == _PART), key=lambda c: len(c.kills & left), default=None)
        if best is None or not best.kills & left:
            break
        chosen.append(best)
        spoken.add(best.of)
        left -= best.kills
    for of in dict.fromkeys(claim.of for claim in claims):
        if of not in spoken:
            own = [claim for claim in claims if claim.of == of]
            chosen += [claim for claim in own if claim.rank == _PART][:_SHOWN] or own[:1]
    return sorted(chosen, key=claims.index)


def _said_by(item: Proven, claims: Sequence[_Claim]) -> Proven:
    same = {claim.of for claim in claims if claim.rank == _SAME}
    expect = tuple(
        dict.fromkeys(
            expectation
            for claim in claims
            for expectation in claim.expect
            if not (claim.of in same and isinstance(expectation, IsInstance))
        )
    )
    kills = frozenset(mutant for claim in claims for mutant in claim.kills)
    return replace(item, said=replace(item.said, expect=expect), kills=kills)


def _also(item: Proven, claim: _Claim) -> Proven:
    has_same = any(isinstance(e, Equals) and _subject(e) == Subject(claim.of) for e in item.said.expect)
    more = tuple(e for e in claim.expect if not (has_same and isinstance(e, IsInstance)))
    expect = tuple(dict.fromkeys((*item.said.expect, *more)))
    return replace(item, said=replace(item.said, expect=expect), kills=item.kills | claim.kills)
