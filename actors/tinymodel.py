"""A language model of random weights, made on the spot in seconds: it knows nothing, and is served like any other."""

import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

from qtest.records.record import digest_of

ROOM = 16_384
_VOCABULARY = 1024
_TEMPLATE = "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}<|assistant|>"
_MARKS = ("<|end|>", "<|system|>", "<|user|>", "<|assistant|>")
_TEXTS = ("json/__init__.py", "json/decoder.py", "textwrap.py", "statistics.py", "fractions.py", "shlex.py")


def tiny_model(cache: Path) -> Path:
    """The folder with the model, made where there is none yet for this recipe and these libraries. Raises ImportError without them."""
    import tokenizers
    import torch
    import transformers

    recipe = digest_of(Path(__file__).read_bytes())
    made_with = (recipe, sys.version, transformers.__version__, tokenizers.__version__, torch.__version__)
    folder = cache / "models" / f"tiny-{digest_of(repr(made_with))[:16]}"
    if (folder / "config.json").exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=folder.parent))
    _make(new)
    try:
        new.rename(folder)
    except OSError:  # somebody else was faster, with the same
        shutil.rmtree(new)
    return folder


def _make(folder: Path) -> None:
    """Heads of 32 are the smallest that the engine takes on a CPU."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    with torch.random.fork_rng():
        torch.manual_seed(0)
        shape = Qwen2Config(
            vocab_size=_VOCABULARY,
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=1,
            max_position_embeddings=ROOM,
            tie_word_embeddings=True,
            eos_token_id=0,
            pad_token_id=0,
        )
        Qwen2ForCausalLM(shape).to(torch.float32).save_pretrained(folder)
    _write_tokenizer(folder)


def _write_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY, special_tokens=list(_MARKS), initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator(_sources(), trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=made, eos_token=_MARKS[0], pad_token=_MARKS[0])
    tokenizer.chat_template = _TEMPLATE
    tokenizer.save_pretrained(folder)


def _sources() -> Iterator[str]:
    library = Path(sysconfig.get_paths()["stdlib"])
    for name in _TEXTS:
        yield (library / name).read_text("utf-8")
