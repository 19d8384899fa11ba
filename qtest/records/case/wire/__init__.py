"""The DSL as language models write it: JSON that a grammar can enforce, with a limit on everything that can grow.

It is derived from the records: the same kinds and fields, but plain JSON for what JSON has, and nothing said that is a default.
"""

from qtest.records.case.wire.coding import Unsayable, each, written
from qtest.records.case.wire.schema import schema_text
from qtest.records.case.wire.suite import DEPTH, MOST_CASES, WireCase, WireSuite

__all__ = ["DEPTH", "MOST_CASES", "Unsayable", "WireCase", "WireSuite", "each", "schema_text", "written"]
