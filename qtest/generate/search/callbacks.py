"""Functions to hand over where one is wanted: small ones, as a person would write them."""

from qtest.records.case import Bool, Expression, Function, Int, Null, Operate, Ref, SymbolRef, Text, Tuple

_ITEM = "x"


def functions(arity: int, result: str) -> tuple[Expression, ...]:
    """Small ones, as a person would write them."""
    x, y = Ref(_ITEM), Ref("y")
    if arity == 0:
        return (Function((), Int(1)), Function((), Text("value")), SymbolRef("builtins:list"))
    if arity == 2:
        return (
            SymbolRef("operator:add"),
            Function((_ITEM, "y"), Operate("<", (x, y))),
            SymbolRef("builtins:max"),
            Function((_ITEM, "y"), Operate("-", (x, y))),
            Function((_ITEM, "y"), x),
        )
    if arity >= 3:
        names = tuple(f"x{number}" for number in range(arity))
        return (Function(names, Tuple(tuple(Ref(name) for name in names))), Function(names, Ref(names[0])))
    truths = (
        Function((_ITEM,), Operate(">", (x, Int(1)))),
        Function((_ITEM,), Operate("==", (Operate("%", (x, Int(2))), Int(0)))),
        SymbolRef("builtins:bool"),
        SymbolRef("builtins:str.isupper"),
        Function((_ITEM,), Bool(False)),
        Function((_ITEM,), Bool(True)),
    )
    others = (
        SymbolRef("builtins:len"),
        SymbolRef("builtins:str"),
        Function((_ITEM,), x),
        Function((_ITEM,), Operate("*", (x, Int(2)))),
        SymbolRef("builtins:str.lower"),
        Function((_ITEM,), Operate("neg", (x,))),
        SymbolRef("builtins:int"),
        Function((_ITEM,), Null()),
        Function((_ITEM,), Operate("[]", (x, Int(0)))),
    )
    return truths if result == "bool" else (*others, *truths[:3])


def coroutines(arity: int, result: str) -> tuple[Expression, ...]:
    """The same for coroutine functions, each with a name of its own."""
    x, y = Ref(_ITEM), Ref("y")

    def of(name: str, body: Expression, *parameters: str) -> Expression:
        return Function(parameters or (_ITEM,) * bool(arity), body, name, awaited=True)

    if arity == 0:
        return (of("give_one", Int(1)), of("give_text", Text("value")))
    if arity == 2:
        return (
            of("add", Operate("+", (x, y)), _ITEM, "y"),
            of("is_less", Operate("<", (x, y)), _ITEM, "y"),
            of("first_of", x, _ITEM, "y"),
        )
    if arity >= 3:
        names = tuple(f"x{number}" for number in range(arity))
        return (of("as_tuple", Tuple(tuple(Ref(name) for name in names)), *names),)
    truths = (
        of("is_even", Operate("==", (Operate("%", (x, Int(2))), Int(0)))),
        of("is_above_one", Operate(">", (x, Int(1)))),
        of("never", Bool(False)),
    )
    others = (
        of("same", x),
        of("double", Operate("*", (x, Int(2)))),
        of("negate", Operate("neg", (x,))),
        of("nothing", Null()),
    )
    return truths if result == "bool" else (*others, *truths[:2])
