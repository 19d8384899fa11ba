"""Where values come from: what people hand to the code, not what it says to them."""

import random
from collections.abc import Callable, Mapping
from typing import Any

from qtest.generate.search.kinds import TEXT
from qtest.generate.search.pools import Pools
from qtest.records.case import Argument, Call, Int, Text

Made = Callable[[str, Mapping[str, tuple[str, str]]], Any]
SOURCE = '''
import warnings

def read(mode):
    """Reads in `binary` mode."""
    if mode == "fast":
        warnings.warn("fast is not safe", stacklevel=2)
    assert mode != "never", "never say never"
    note = "reading a file may take a while"
    label = f"Mode: {mode}" + "(%d)" % 3 + "<{}>".format(mode)
    raise ValueError("mode must be fast or %s" % "slow")
'''


def test_messages_of_errors_and_warnings_are_no_inputs(bench: Made) -> None:
    pools = Pools(bench(SOURCE, {}).brief(), random.Random(0))
    assert {"fast", "never", "binary"} <= set(pools.texts)
    said = ("mode must", "say", "safe", "slow", "a while", "Mode", "%d", "<")
    assert not any(part in text for part in said for text in pools.texts)
    assert not any(part in value.value for part in said for value in pools.local["read"] if isinstance(value, Text))


def test_what_documentation_and_calls_show_is_remembered_as_spoken(bench: Made) -> None:
    pools = Pools(bench(SOURCE, {}).brief(), random.Random(0))
    pools.hear(Call("m:read", (Argument(Text("slowly")), Argument(Int(3)))))
    assert list(pools.spoken) == ["binary", "slowly"]


def test_a_key_that_is_looked_up_is_no_function(bench: Made) -> None:
    code = bench("class Box:\n    def __getitem__(self, key):\n        return self.held[key]\n", {}).code
    method = code.symbols["m:Box.__getitem__"]
    assert code.wanted(method, method.parameters[1]).kinds[0] == TEXT
