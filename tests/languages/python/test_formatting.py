"""A project's own settings of its formatter, as data."""

import pytest

from qtest.languages.python.formatting import configured


@pytest.mark.parametrize(
    ("name", "text", "style"),
    [
        ("pyproject.toml", "[tool.black]\nline-length = 100\n", {"line_length": 100, "quote": '"'}),
        ("pyproject.toml", "[tool.black]\nskip-string-normalization = true\n", {"line_length": 88}),
        ("pyproject.toml", "[tool.ruff]\nline-length = 99\n[tool.ruff.format]\nquote-style = 'single'\n", {"line_length": 99, "quote": "'"}),
        ("ruff.toml", "[format]\nquote-style = 'preserve'\n", {"line_length": 88}),
        (".ruff.toml", "line-length = 120\n[format]\n", {"line_length": 120, "quote": '"'}),
        ("pyproject.toml", "[tool.ruff]\nline-length = 99\n", {}),
        ("pyproject.toml", "[tool.black]\nline-length = 'wide'\n", {"quote": '"'}),
        ("pyproject.toml", "no toml", {}),
        ("pyproject.toml", "tool = 1\n", {}),
    ],
)  # fmt: skip
def test_what_is_set_up_counts_and_nothing_else(name: str, text: str, style: dict[str, object]) -> None:
    assert configured({name: text}) == style
