"""How many tokens a text may have, without asking the model's own tokenizer; and whether a count that a provider gives can be true."""

from qtest.records.completion import Completion, Prompt

# code and prose take one token for three to five bytes; no tokenizer in use makes tokens of sixteen bytes on average
_BYTES_AT_LEAST = 3
_BYTES_OFTEN = 4
_BYTES_AT_MOST = 16
_ROLE = 8


def at_most(prompt: Prompt) -> int:
    """Of its messages. More than code or prose in any common language takes; rare characters alone may take more."""
    return sum(-(-_bytes(message.content) // _BYTES_AT_LEAST) + _ROLE for message in prompt.messages)


def likely(prompt: Prompt) -> int:
    """Of its messages."""
    return _sent(prompt) // _BYTES_OFTEN


def at_least(prompt: Prompt) -> int:
    """Of its messages, for what must not be refused in vain: the model's own tokenizer refuses the rest."""
    return _sent(prompt) // _BYTES_AT_MOST


def believable(prompt: Prompt, completion: Completion) -> Completion:
    """With our own guess in place of a count that cannot be: less than the text has, or more tokens than it has bytes."""
    sent = _sent(prompt)
    overhead = 1_000 + 100 * len(prompt.messages) + len(prompt.answer)
    got = _bytes(completion.content)
    input_tokens = _counted(completion.input_tokens, sent, overhead)
    output_tokens = _counted(completion.output_tokens, got, max(overhead, prompt.max_tokens))
    if (input_tokens, output_tokens) == (completion.input_tokens, completion.output_tokens):
        return completion
    return completion.model_copy(update={"input_tokens": input_tokens, "output_tokens": output_tokens})


def guessed(text: str) -> int:
    return -(-_bytes(text) // _BYTES_AT_LEAST)


def _sent(prompt: Prompt) -> int:
    return sum(_bytes(message.content) for message in prompt.messages)


def _counted(said: int, size: int, overhead: int) -> int:
    """Templates, and thoughts that are counted and not shown, may add to what is seen."""
    return said if size // _BYTES_AT_MOST <= said <= size + overhead else -(-size // _BYTES_AT_LEAST)


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
