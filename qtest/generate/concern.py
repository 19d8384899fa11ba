"""Which functions a concern is about, as a model sees it: it picks from a numbered list, and may add to what the words find, not take away."""

import json
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from qtest.config import WriterSettings
from qtest.errors import CompletionError
from qtest.generate.phrasing import Section, messages, template
from qtest.generate.prompt import outline
from qtest.generate.reply import unfenced
from qtest.ports import Completer
from qtest.records.case.wire import schema_text
from qtest.records.case.wire.forms import Form
from qtest.records.completion import Payer, Prompt
from qtest.records.system import Symbol

MOST_LISTED = 120
MOST_PICKED = 8


class Picked(Form):
    numbers: Annotated[
        tuple[Annotated[int, Field(ge=1, le=MOST_LISTED, strict=True)], ...], Field(max_length=MOST_PICKED)
    ]


def picked(
    words: str, listed: Sequence[Symbol], completer: Completer, settings: WriterSettings, payer: Payer
) -> tuple[Symbol, ...]:
    """None where no answer is to be had, or none that can be used."""
    shown = list(listed)[:MOST_LISTED]
    sections = [
        Section("The concern:", words),
        Section("Functions:", "\n".join(f"{number}. {outline(one)}" for number, one in enumerate(shown, 1))),
        Section("Answer with the JSON object."),
    ]
    prompt = Prompt(
        task="summary",
        messages=messages("pick", sections, settings.prompt_tokens),
        template=template("pick"),
        answer=schema_text(model=Picked),
        max_tokens=settings.answer_tokens,
        temperature=0.0,
        payer=payer,
    )
    try:
        completion = completer.complete(prompt)
        answer = Picked.model_validate(json.loads(unfenced(completion.content)))
    except (CompletionError, ValueError, RecursionError):
        return ()
    if completion.finish == "length":
        return ()
    return tuple(shown[number - 1] for number in dict.fromkeys(answer.numbers) if number <= len(shown))
