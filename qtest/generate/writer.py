"""A language model at a run's service: the generator that asks it, and the editor that reads with it."""

from collections.abc import Callable
from dataclasses import dataclass

from qtest.config import WriterSettings
from qtest.generate import phrasing
from qtest.generate.editor import ModelEditor
from qtest.generate.llm import ModelGenerator
from qtest.ports import Completer
from qtest.records.completion import Payer


@dataclass(frozen=True)
class Writer:
    """`named` is how the model was asked for: what is made with another is not remembered as made with this one."""

    completer: Completer
    named: str

    def generator(self, settings: WriterSettings, clock: Callable[[], float], payer: Payer) -> ModelGenerator:
        return ModelGenerator(self.completer, settings, clock, payer)

    def editor(self, settings: WriterSettings, payer: Payer) -> ModelEditor:
        return ModelEditor(self.completer, settings, payer)

    def key(self, settings: WriterSettings) -> str:
        """All that an answer depends on beside the brief."""
        return "\n".join((self.named, phrasing.version(), settings.to_json()))
