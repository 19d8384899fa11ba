"""Settings of the plan, as they stand in pyproject.toml."""

from pathlib import Path

import pytest

from qtest.config import PlanSettings, load, load_for
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
