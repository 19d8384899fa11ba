"""What the rooms of mutation testing hand to each other."""

from dataclasses import FrozenInstanceError

import pytest

from qtest.mutation.again import Again, Missing
from qtest.mutation.audit import Audited
from qtest.mutation.cache import Named
from qtest.mutation.changes import Changes
from qtest.mutation.choose import Choice
from qtest.mutation.plan import Reach
from qtest.mutation.refused import Module
from qtest.mutation.score import Score
from qtest.mutation.slices import Slices


@pytest.mark.parametrize("kind", [Again, Audited, Changes, Choice, Missing, Module, Named, Reach, Score, Slices])
def test_what_crosses_a_door_cannot_be_changed(kind: type) -> None:
    value = object.__new__(kind)
    with pytest.raises(FrozenInstanceError):
        value.anything = 1
