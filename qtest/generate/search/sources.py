"""Where trials come from before there is anything to vary: examples people wrote, and calls made up from what the code says."""

import ast
import random
from collections.abc import Iterator
from dataclasses import replace

from qtest.generate.search.code import Code, owner_of
from qtest.generate.search.heirs import receivers
from qtest.generate.search.kinds import ANY, NULL, Kind, Wanted, written
from qtest.generate.search.making import DURATION, SHORT, SLICES, Maker, last_name, parameters_of
from qtest.generate.search.quiet import is_quiet
from qtest.generate.search.special import CHANGING, Special, key_of, with_key
from qtest.generate.search.talking import talks
from qtest.generate.search.trial import Origin, Trial
from qtest.languages.python.naming import snake
from qtest.languages.python.walk import walk
from qtest.records.case import (
    Argument,
    Bool,
    Bytes,
    Call,
    Construct,
    Consume,
    Enter,
    Expression,
    Float,
    Function,
    Get,
    Int,
    Later,
    List,
    Map,
    Null,
    Ref,
    SetAttribute,
    Step,
    SymbolRef,
    Text,
    Tuple,
)
from qtest.records.plan import Brief
from qtest.records.system import Parameter, Symbol, Usage

_AMBIENT = (
    "sys:",
    "os:",
    "time:",
    "locale:",
    "platform:",
    "getpass:",
    "socket:",
)  # modules whose values differ from one process to the next
_CLOCKS = frozenset(f"datetime:{name}" for name in ("datetime.now", "datetime.today", "datetime.utcnow", "date.today"))
_ODD = (Int(1), Text("a"))  # one of them is of another type than what a function asks for
_KEYS = (Bytes, Float, Int, Text, Tuple)
_MAKING = frozenset(("__init__", "__new__", "__post_init__"))
_ORIGINS: dict[str, Origin] = {
    "doctest": "doctest",
    "documentation": "doctest",
    "existing test": "existing test",
    "call site": "call site",
}


class Sources:
    """Trials for each target of a brief; made from one random stream."""

    def __init__(self, brief: Brief, code: Code, maker: Maker, rng: random.Random) -> None:
        self._brief, self._code, self._maker, self._rng = brief, code, maker, rng
        self._changers: dict[str, list[Symbol]] = {}
        self._special = Special(code, maker, rng)
        self.targets = tuple(target.symbol for target in brief.targets if target.symbol in code.symbols)

    def written(self) -> Iterator[Trial]:
        """What people wrote, in documentation first; its arguments and constructions are learned for later."""
        ordered = sorted(self._brief.usages, key=lambda usage: usage.origin != "doctest")
        for usage in ordered:
            self._learn(usage)
        for usage in ordered:
            if usage.call is not None and _closed(usage):
                yield Trial(
                    target=usage.symbol,
                    input=self._looked_at(usage.symbol, usage.call),
                    setup=usage.setup,
                    origin=_ORIGINS[usage.origin],
                    source=usage.place,
                    expected=usage.expected,
                )

    def systematic(self, target: str) -> Iterator[Trial]:
        """Plainest first: without options, then each option at another value, then each parameter at its edges."""
        symbol = self._code.symbols[target]
        for _ in range(3):
            yield from self.fresh(target, options=0.0)
        body = self._code.functions.get(target)
        if body is not None and symbol.is_generator and not symbol.is_async:
            for trial in self.fresh(target, options=0.0):
                yield from talks(trial, body)
        parameters = parameters_of(self._caller(symbol))
        for parameter in parameters:
            yield from self._varied(symbol, parameter)

    def fresh(self, target: str, options: float = 0.35) -> Iterator[Trial]:
        """A new call, made up; none where nothing can be called."""
        symbol = self._code.symbols[target]
        if symbol.kind == "class":
            yield from self._of_class(symbol, options)
        elif symbol.kind in ("function", "static method", "class method"):
            yield self._trial(target, Call(target, self._arguments(symbol, options), awaited=_awaits(symbol)))
        elif symbol.kind == "property":
            yield from self._of_property(symbol)
        else:
            yield from self._of_method(symbol, options)

    def given(self, target: str, value: Expression) -> Iterator[Trial]:
        """A plain call of it with that value for its first parameter."""
        caller = self._caller(self._code.symbols[target])
        parameters = parameters_of(caller)
        for trial in self.fresh(target, options=0.0) if parameters else ():
            changed = _with_argument(trial.input, parameters, parameters[0], value)
            if changed is not None:
                yield replace(trial, input=changed)

    def another_call(self, owner: str, receiver: Ref) -> Expression | None:
        """Of a public method of the class, or an assignment to an item, for its effect on the receiver."""
        if owner not in self._changers:
            self._changers[owner] = list(self._changers_of(owner))
        methods = self._changers[owner]
        if not methods:
            return None
        filling = [symbol for symbol in methods if last_name(symbol.id) == "__setitem__"]
        chosen = self._rng.choice(filling if filling and self._rng.random() < 0.5 else methods)
        if last_name(chosen.id) in CHANGING:
            return self._special.use(chosen, receiver)
        return Call(chosen.id, self._maker.arguments(chosen), receiver, awaited=_awaits(chosen))

    def _changers_of(self, owner: str) -> Iterator[Symbol]:
        line = tuple(self._code.line(owner))
        for symbol in self._code.symbols.values():
            if symbol.kind != "method" or owner_of(symbol.id) not in line or not symbol.public:
                continue
            if symbol.is_async and symbol.is_generator:
                continue
            name = last_name(symbol.id)
            if name in CHANGING or not (name.startswith("_") or is_quiet(symbol, self._code)):
                yield symbol

    def hurried(self, trial: Trial) -> Iterator[Trial]:
        """The same with every wait that can be given as an argument made a short one."""
        setup = tuple(replace(step, does=self._short(step.does)) for step in trial.setup)
        changed = replace(trial, input=self._short(trial.input), setup=setup, origin="search", source="", expected="")
        if changed.identity != trial.identity:
            yield changed

    def _short(self, does: Expression) -> Expression:
        symbol = self._code.symbols.get(does.symbol) if isinstance(does, Call | Construct) else None
        if symbol is None:
            return does
        parameters = parameters_of(self._caller(symbol))
        for parameter in parameters:
            if DURATION.search(parameter.name):
                does = _with_argument(does, parameters, parameter, Float(self._rng.choice(SHORT[:2]))) or does
        return does

    # --- what people wrote ---------------------------------------------------------------------------------------------

    def _learn(self, usage: Usage) -> None:
        symbol = self._code.symbols.get(usage.symbol)
        for said in (
            *(step.does for step in usage.setup),
            *(argument.value for argument in usage.arguments),
            usage.call,
        ):
            if said is not None:
                self._maker.pools.hear(said)
        for step in usage.setup:
            if isinstance(step.does, Construct) and _self_contained(step.does):
                self._maker.pools.produce(step.does.symbol, step.does)
        if isinstance(usage.call, Construct) and _self_contained(usage.call):
            self._maker.pools.produce(usage.call.symbol, usage.call)
        if symbol is None:
            return
        parameters = parameters_of(self._caller(symbol))
        for at, argument in enumerate(usage.arguments):
            name = argument.name or (parameters[at].name if at < len(parameters) else "")
            if name and not argument.spread and _self_contained(argument.value):
                self._maker.pools.note(name, argument.value)
                self._maker.pools.learn(argument.value)

    def _looked_at(self, target: str, call: Expression) -> Expression:
        symbol = self._code.symbols.get(target)
        if symbol is None or not isinstance(call, Call) or call.awaited:
            return call
        if symbol.is_generator and _manages(symbol):
            return Enter(call, awaited=symbol.is_async)
        if symbol.is_generator and not symbol.is_async:
            return Consume(call)
        return replace(call, awaited=True) if _awaits(symbol) else call

    # --- made up ---------------------------------------------------------------------------------------------------------

    def _trial(self, target: str, given: Expression, setup: tuple[Step, ...] = ()) -> Trial:
        return self._maker.places.furnished(Trial(target, self._looked_at(target, given), setup))

    def _arguments(self, symbol: Symbol, options: float) -> tuple[Argument, ...]:
        return self._maker.arguments(symbol, 0, options)

    def _caller(self, symbol: Symbol) -> Symbol:
        """Whose parameters are given: for a class its constructor's."""
        return (self._code.maker(symbol.id) or symbol) if symbol.kind == "class" else symbol

    def _of_class(self, symbol: Symbol, options: float) -> Iterator[Trial]:
        if self._code.members(symbol.id):
            yield self._trial(symbol.id, Construct(symbol.id, (Argument(self._maker.of(Kind("any"))),)))
            return
        maker = self._code.maker(symbol.id)
        given = self._maker.arguments(maker, 0, options) if maker else self._maker.made_of(symbol.id)
        yield self._trial(symbol.id, Construct(symbol.id, given))

    def _receiver(self, symbol: Symbol) -> tuple[tuple[Step, ...], Ref]:
        owner = owner_of(symbol.id)
        among = receivers(symbol, self._code)
        made = self._maker.instance(self._rng.choice(among) if len(among) > 1 else owner)
        cls = made.symbol if isinstance(made, Construct) else owner
        name = snake(cls.rpartition(":")[2].rpartition(".")[2]) or "subject"
        steps = [Step(made, name)]
        for _ in range(
            self._rng.choice((0, 0, 1, 2, 3) if f"{owner}.__setitem__" in self._code.symbols else (0, 0, 0, 1, 2))
        ):
            call = self.another_call(owner, Ref(name))
            if call is not None:
                steps.append(Step(call))
        return tuple(steps), Ref(name)

    def _of_property(self, symbol: Symbol) -> Iterator[Trial]:
        setup, receiver = self._receiver(symbol)
        name = last_name(symbol.id)
        if len(parameters_of(symbol)) == 1 or ".setter" in " ".join(symbol.decorators):
            value = self._maker.of(Kind("any"), name)
            yield self._trial(symbol.id, SetAttribute(receiver, name, value), setup)
            return
        yield self._trial(symbol.id, Get(receiver, name, symbol.id), setup)

    def _of_method(self, symbol: Symbol, options: float) -> Iterator[Trial]:
        name = last_name(symbol.id)
        if name in _MAKING:
            owner = self._code.symbols.get(owner_of(symbol.id))
            given = (
                self._maker.arguments(symbol, 0, options)
                if name != "__post_init__"
                else self._maker.made_of(owner_of(symbol.id))
            )
            if owner is not None:
                yield self._trial(symbol.id, Construct(owner.id, given))
            return
        setup, receiver = self._receiver(symbol)
        made = setup[0].does if len(setup) == 1 else None
        special = self._special.use(symbol, receiver, made)
        if special is not None:
            yield self._trial(symbol.id, self._asked_for(special, setup), setup)
            return
        given = self._arguments(symbol, options)
        call = Call(symbol.id, given, receiver, awaited=_awaits(symbol))
        if call.awaited and self._rng.random() < 0.2:
            yield self._trial(symbol.id, self._together(call, receiver, owner_of(symbol.id)), setup)
            return
        yield self._trial(symbol.id, self._asked_for(call, setup), setup)

    def _asked_for(self, given: Expression, setup: tuple[Step, ...]) -> Expression:
        """Now and then what an earlier step put in, which calls made up one by one would hardly meet."""
        said = [value for step in setup[1:] if isinstance(value := key_of(step.does), _KEYS)]
        own = key_of(given)
        if not said or not isinstance(own, _KEYS) or self._rng.random() < 0.4:
            return given
        return with_key(given, self._rng.choice(said))

    def _together(self, call: Call, receiver: Ref, owner: str) -> Expression:
        """The call and another one on the same object, at the same time."""
        other = self.another_call(owner, receiver) if self._rng.random() < 0.6 else None
        second = other if isinstance(other, Call) and other.awaited else call
        both = tuple(Argument(replace(one, awaited=False)) for one in (call, second))
        return Call("asyncio:gather", both, awaited=True)

    def _varied(self, symbol: Symbol, parameter: Parameter) -> Iterator[Trial]:
        """The plain call with this one parameter at every value that is worth a look."""
        caller = self._caller(symbol)
        for value in self._worth_a_look(symbol, caller, parameter):
            for trial in self.fresh(symbol.id, options=0.0):
                changed = _with_argument(trial.input, parameters_of(caller), parameter, value)
                if changed is not None:
                    yield self._maker.places.furnished(replace(trial, input=changed))

    def _worth_a_look(self, symbol: Symbol, caller: Symbol, parameter: Parameter) -> Iterator[Expression]:
        """Once each. An option is left out elsewhere; here it is also given as what it would be anyway, as nothing (which a default that
        stands for "not given" is there to tell apart), and as something else."""
        wanted = self._code.wanted(caller, parameter)
        found = dict.fromkeys([*_edges(wanted.kinds), *self._options(symbol, parameter)])
        if parameter.default:
            default = written(parameter.default)
            if default is None and not wanted.declared:
                found[Null()] = None
            if default is not None:
                found[default] = None
            if not found.keys() - {default, Null()}:
                found[
                    self._maker.value(
                        Wanted(tuple(kind for kind in wanted.kinds if kind != NULL) or (ANY,)), parameter.name
                    )
                ] = None
        yield from found

    def _options(self, symbol: Symbol, parameter: Parameter) -> list[Expression]:
        """Constants that the body compares the parameter with, and for a type that it asks for something of another."""
        node = self._code.functions.get(self._caller(symbol).id)
        found: dict[Expression, None] = {}
        for part in ast.walk(node) if node is not None else ():
            match part:
                case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), _]) if name == parameter.name:
                    found |= dict.fromkeys(_ODD)
            if isinstance(part, ast.Compare):
                sides = [part.left, *part.comparators]
                if any(isinstance(side, ast.Name) and side.id == parameter.name for side in sides):
                    for side in sides:
                        for inner in ast.walk(side):
                            if isinstance(inner, ast.Constant) and isinstance(inner.value, str | int | float):
                                value = _constant(inner.value)
                                found[value] = None
        return list(found)[:8]


def _edges(kinds: tuple[Kind, ...]) -> list[Expression]:
    edges: dict[str, tuple[Expression, ...]] = {
        "bool": (Bool(True), Bool(False)),
        "null": (Null(),),
        "text": (Text(""), Text("a"), Text("Hello World"), Text("naïve café")),
        "int": (Int(0), Int(1), Int(2), Int(-1), Int(10)),
        "float": (Float("0.0"), Float("1.5"), Float("-2.5")),
        "list": (List(), List((Int(1),)), List((Int(3), Int(1), Int(2), Int(1)))),
        "stream": (_stream(), _stream(1), _stream(3, 1, 2, 1)),
        "iterable": (List(), List((Int(1),)), List((Int(3), Int(1), Int(2), Int(1)))),
        "bytes": (Bytes(""), Bytes("6162")),
        "slice": SLICES,
        "map": (Map(),),
        "any": (Null(), Text(""), Int(0), List(), List((Int(3), Int(1), Int(2), Int(1)))),
    }
    found: dict[Expression, None] = {}
    for kind in kinds:
        found.update(dict.fromkeys(kind.values[:12] if kind.values else edges.get(kind.name, ())))
    return list(found)


def _stream(*numbers: int) -> Expression:
    return Later(List(tuple(Int(number) for number in numbers)))


def _with_argument(
    given: Expression, parameters: tuple[Parameter, ...], parameter: Parameter, value: Expression
) -> Expression | None:
    """The call with that one argument put in place, by position where it stands there, else by name."""
    if isinstance(given, Consume | Enter):
        source = _with_argument(given.source, parameters, parameter, value)
        return None if source is None else replace(given, source=source)
    if not isinstance(given, Call | Construct) or parameter.kind in ("variadic", "variadic keyword"):
        return None
    arguments = list(given.arguments)
    names = [item.name for item in parameters]
    at = names.index(parameter.name)
    positional = [index for index, argument in enumerate(arguments) if not argument.name]
    if at < len(positional):
        arguments[at] = Argument(value)
    elif parameter.kind == "positional only":
        return None
    else:
        arguments = [argument for argument in arguments if argument.name != parameter.name]
        arguments.append(Argument(value, parameter.name))
    return replace(given, arguments=tuple(arguments))


def _constant(value: str | int | float) -> Expression:
    if isinstance(value, bool):
        return Bool(value)
    return Text(value) if isinstance(value, str) else Int(value) if isinstance(value, int) else Float(repr(value))


def _manages(symbol: Symbol) -> bool:
    return any(word.rpartition(".")[2] in ("contextmanager", "asynccontextmanager") for word in symbol.decorators)


def _awaits(symbol: Symbol) -> bool:
    return symbol.is_async and not symbol.is_generator


def _self_contained(expression: Expression) -> bool:
    return not _refs(expression)


def _refs(node: object) -> set[str]:
    return {part.name for part in walk(node) if isinstance(part, Ref)}


def _closed(usage: Usage) -> bool:
    """Every name it uses is bound by its own steps, or is a parameter of a function inside; and nothing of the process it runs in."""
    bound = {step.name for step in usage.setup}
    parts = [part for step in usage.setup for part in walk(step.does)] + list(walk(usage.call))
    bound |= {name for part in parts if isinstance(part, Function) for name in part.parameters}
    named = [part.symbol for part in parts if isinstance(part, SymbolRef | Call)]
    ambient = any(symbol.startswith(_AMBIENT) or symbol in _CLOCKS for symbol in named)
    return not ambient and all(part.name in bound for part in parts if isinstance(part, Ref))
