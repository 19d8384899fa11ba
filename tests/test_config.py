"""Settings of the plan, as they stand in pyproject.toml."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from qtest.config import PlanSettings, load, load_for, recalled, schema_text
from qtest.errors import UsageError


def written(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(f"[tool.qtest.plan]\n{text}\n")
    return folder


def test_the_plan_is_read_and_survives_json(tmp_path: Path) -> None:
    text = 'skip = ["a:f"]\nfirst = ["b"]\nlevel = {"c:g" = "e2e"}\nweights = {gap = 0}\ndomains = {x = ["y"]}'
    config = load(written(tmp_path, text), {})
    plan = config.plan
    assert (plan.skip, plan.first, plan.level, plan.domains) == (("a:f",), ("b",), {"c:g": "e2e"}, {"x": ("y",)})
    assert (plan.weights.gap, plan.weights.decision) == (0.0, 1.0)
    assert type(config).from_json(config.to_json()) == config


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('skip = "x"', "plan.skip is 'x'; input should be a list"),
        ("first = [1]", "plan.first.0 is 1; input should be a valid string"),
        ('frist = ["a"]', "plan.frist is ['a']; there is no such setting"),
        ('level = {"a:b" = "unti"}', "plan.level.a:b is 'unti'; input should be 'unit', 'integration', 'api' or 'e2e'"),
        ('level = ["a"]', "plan.level is ['a']; input should be a table"),
        ("weights = {change = -1}", "plan.weights.change is -1; input should be greater than or equal to 0"),
        ("weights = {gap = nan}", "plan.weights.gap is nan; input should be less than or equal to 1000"),
        (
            "pyramid = {unit = 80}",
            "plan.pyramid is {'unit': 80}; unit, integration and outside should add up to 100",
        ),
        ("pyramid = {unit = 101}", "plan.pyramid.unit is 101; input should be less than or equal to 100"),
        ('domains = {x = ["two words"]}', "plan.domains.x.0 is 'two words'; string should match pattern"),
    ],
)
def test_a_mistake_names_the_key_and_what_was_expected(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(written(tmp_path, text), {})
    assert str(caught.value).startswith(f"{tmp_path / 'pyproject.toml'} [tool.qtest]: {said}")
    assert "\n" not in str(caught.value)


def test_names_of_code_here_mean_nothing_for_a_target_that_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = 'skip = ["a:f"]\nweights = {gap = 1}\n[tool.qtest.mutate]\narid = ["metrics.*"]'
    monkeypatch.chdir(written(tmp_path, text))
    assert load_for(".", {}).plan.skip == ("a:f",)
    assert load_for(".", {}).mutate.arid == ("metrics.*",)
    assert load_for("pypi:inflection", {}).mutate.arid == ()
    fetched = load_for("pypi:inflection", {}).plan
    assert (fetched, fetched.weights.gap) == (PlanSettings(weights=fetched.weights), 1.0)


TOLD_AS_A_WHOLE = ("Budget", "JudgeLimits")


def described(schema: Any) -> Iterator[tuple[str, bool]]:
    """Each setting that is a value, with whether it says what it is for."""
    for title, table in schema["$defs"].items():
        for key, part in table.get("properties", {}).items():
            if "$ref" not in part:
                yield f"{title}.{key}", "description" in part or title in TOLD_AS_A_WHOLE


def test_the_schema_in_the_repository_is_that_of_the_settings() -> None:
    kept = Path(__file__).parents[1] / "qtest.schema.json"
    assert kept.read_text() == schema_text(), "write it anew: qtest config --schema > qtest.schema.json"


def test_every_setting_says_what_it_is_for() -> None:
    found = dict(described(json.loads(schema_text())))
    assert len(found) > 30
    assert [name for name, told in found.items() if not told] == []


@pytest.mark.parametrize(
    ("settings", "valid"),
    [
        ({"mutate": {"floor": 0.9, "shard": "1/3", "accepted": "x.toml"}, "plan": {"skip": ["a"]}}, True),
        ({"mutate": {"floor": 1.4}}, False),
        ({"mutate": {"shard": "0/3"}}, False),
        ({"mutate": {"shard": "${PART:-1}/3"}, "output": {"form": "${FORM}"}}, True),
        ({"output": {"form": "FORM"}}, False),
        ({"mutate": {"flor": 0.9}}, False),
        ({"gates": {"mutation": {"floor": "high"}}}, False),
    ],
)
def test_the_schema_accepts_what_the_settings_accept(settings: dict[str, Any], valid: bool) -> None:
    assert jsonschema.Draft202012Validator(json.loads(schema_text())).is_valid(settings) == valid


# --- environment variables ----------------------------------------------------------------------------------------------


def settings(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(f"[tool.qtest]\n{text}\n")
    return folder


@pytest.mark.parametrize(
    ("text", "came_to"),
    [
        ("${FIRST}", "one"),
        ("a-${FIRST}/${FIRST}", "a-one/one"),
        ("${NOT_SET:-plan b}", "plan b"),
        ("${FIRST:-plan b}", "one"),
        ("${EMPTY:-plan b}", "plan b"),
        ("${EMPTY}", ""),
        ("${NOT_SET:-}", ""),
        ("$${FIRST}", "${FIRST}"),
        ("$$$$", "$$"),
        ("$FIRST costs 3$", "$FIRST costs 3$"),
        ("${DOLLARS}", "${FIRST}$$"),
    ],
)
def test_variables_stand_in_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, came_to: str) -> None:
    for name, value in {"FIRST": "one", "EMPTY": "", "DOLLARS": "${FIRST}$$"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NOT_SET", raising=False)
    config = load(settings(tmp_path, f'seed = "{text}"\ntarget.only = ["x", "{text}"]'), {})
    assert (config.seed, config.target.only) == (came_to, ("x", came_to))


def test_a_variable_that_is_not_set_is_named_with_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    with pytest.raises(UsageError) as caught:
        load(settings(tmp_path, 'mutate.tests = ["a", "${NOT_SET}"]'), {})
    assert str(caught.value) == (
        f"{tmp_path / 'pyproject.toml'} [tool.qtest]: mutate.tests.1 needs the environment variable NOT_SET, which is not set;"
        " set it, or write ${NOT_SET:-default}"
    )
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("text", ["${}", "${1}", "${A B}", "${open", "${A-b}"])
def test_what_looks_like_a_variable_and_is_none_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"seed is .*; expected \$\{NAME\}"):
        load(settings(tmp_path, f'seed = "{text}"'), {})


def test_a_flag_needs_no_variable_of_the_key_it_replaces_and_is_taken_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    config = load(settings(tmp_path, 'seed = "${NOT_SET}"'), {"seed": "${NOT_SET}"})
    assert config.seed == "${NOT_SET}"
    assert recalled(config.kept()) == config


@pytest.mark.parametrize("key", ["output.form", "mutate.shard", "mutate.floor"])
def test_a_mistake_in_a_value_does_not_tell_the_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("HIDDEN", "s3cret")
    with pytest.raises(UsageError) as caught:
        load(settings(tmp_path, f'{key} = "${{HIDDEN}}"'), {})
    assert f"{key} is '${{HIDDEN}}'" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_what_is_stored_holds_names_and_is_read_back_with_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIDDEN", "s3cret")
    text = 'seed = "${HIDDEN}"\nmutate.tests = ["a/$$", "${HIDDEN}/b"]\nwhere.store = "${HIDDEN}"'
    config = load(settings(tmp_path, text), {})
    assert "s3cret" not in config.kept()
    assert recalled(config.kept()) == config
    assert config.mutate.tests == ("a/$", "s3cret/b")
    assert type(config).from_json(config.to_json()) == config
    monkeypatch.delenv("HIDDEN")
    with pytest.raises(UsageError, match="seed needs the environment variable HIDDEN"):
        recalled(config.kept())


def test_a_setting_that_was_replaced_later_is_stored_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIDDEN", "s3cret")
    config = load(settings(tmp_path, 'seed = "${HIDDEN}"'), {}).model_copy(update={"seed": "7"})
    assert recalled(config.kept()).seed == "7"


def test_the_part_of_a_shard_is_stored_so_that_it_can_be_merged_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PART", "2")
    kept = load(settings(tmp_path, 'mutate.shard = "${PART}/3"'), {}).kept()
    monkeypatch.delenv("PART")
    assert recalled(kept).mutate.shard == "2/3"


def test_our_own_note_of_variables_is_no_setting(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"filled is .*; there is no such setting"):
        load(settings(tmp_path, "filled = []"), {})


@pytest.mark.parametrize(("name", "option"), [("ask", "--llm"), ("record", "--llm-record")])
def test_a_projects_file_cannot_choose_who_is_sent_a_key(tmp_path: Path, name: str, option: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[tool.qtest.llm]\n{name} = "http://elsewhere"\n')
    with pytest.raises(
        UsageError, match=rf"llm\.{name} may not stand in a file; expected {option} on the command line"
    ):
        load(tmp_path, {})
