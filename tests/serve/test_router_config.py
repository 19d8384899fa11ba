"""The router's settings are checked to the last key, and what is wrong is named without showing a secret."""

from pathlib import Path
from typing import Any

import pytest

from qtest.errors import UsageError
from serve.config import ENGINE, checked, load

MODEL: dict[str, Any] = {"model": "/models/a"}
CLOUD: dict[str, Any] = {"kind": "openai", "model": "m"}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"tier": {}}, "tier: there is no such setting"),
        ({"tiers": {"TIER1": {**MODEL, "gpu": 1}}}, "tiers.TIER1.gpu: there is no such setting"),
        ({"tiers": {"TIER4": MODEL}}, "tiers.TIER4 is 'TIER4'; input should be 'TIER1', 'TIER2' or 'TIER3'"),
        ({"tiers": {"TIER1": {**MODEL, "gpus": "2"}}}, "tiers.TIER1.gpus is '2'; input should be a valid integer"),
        ({"tiers": {"TIER1": {"model": "Qwen/Q"}}}, "tiers.TIER1: a model that is no folder needs the revision it is pinned to"),
        ({"tiers": {"TIER1": {**MODEL, "gpus": 3, "tensor_parallel": 2}}}, "tiers.TIER1: gpus should be a multiple of tensor_parallel"),
        ({"tiers": {"TIER1": {**MODEL, "gpus": 0, "fraction": 0.5}}}, "accelerator and fraction are of GPUs, and gpus is 0"),
        ({"tiers": {"TIER1": {**MODEL, "gpus": 2, "tensor_parallel": 2, "fraction": 0.5}}}, "a fraction below 1 is of a single GPU"),
        ({"tiers": {"TIER1": {**MODEL, "max_length": 10, "max_output": 10}}}, "max_output should be below max_length"),
        (
            {"tiers": {"TIER1": {**MODEL, "autoscaling": {"min_replicas": 3, "max_replicas": 2}}}},
            "tiers.TIER1.autoscaling: min_replicas should be at most max_replicas",
        ),
        ({"chains": {"TIER1": ["nobody"]}}, "chains.TIER1 asks 'nobody', and providers has no 'nobody'"),
        ({"chains": {"TIER1": [ENGINE]}}, "chains.TIER1 asks its engine, and tiers has no TIER1"),
        ({}, "nobody is there to answer"),
        ({"providers": {ENGINE: CLOUD}, "chains": {"TIER1": [ENGINE]}, "tiers": {"TIER1": MODEL}}, "another name is needed"),
        ({"tiers": {"TIER1": MODEL}, "keys": []}, "keys is []"),
        ({"tiers": {"TIER1": MODEL}, "keys": [{"name": "a"}]}, "keys.0: a key has either env or sha256"),
        ({"tiers": {"TIER1": MODEL}, "keys": [{"name": "a", "env": "A"}, {"name": "a", "env": "B"}]}, "two keys are called 'a'"),
        ({"tiers": {"TIER1": MODEL}, "budgets": {"run": {"usd": float("nan")}}}, "budgets.run.usd"),
        ([], "c.yaml is []; expected a table"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(table: Any, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        checked(table, "c.yaml")
    assert message in str(raised.value)
    assert str(raised.value).startswith("c.yaml")


@pytest.mark.parametrize(
    "table",
    [
        {"providers": {"a": {**CLOUD, "key_env": "sk-secret"}}},
        {"providers": {"a": {**CLOUD, "key": "sk-secret"}}},
        {"keys": [{"name": "a", "sha256": "sk-secret"}]},
        {"keys": [{"name": "a", "env": "sk-secret"}]},
    ],
)
def test_a_key_written_where_its_name_belongs_is_not_shown(table: Any) -> None:
    with pytest.raises(UsageError) as raised:
        checked(table, "c.yaml")
    assert "sk-secret" not in str(raised.value)


def test_a_tier_without_a_chain_asks_its_own_engine() -> None:
    config = checked({"tiers": {"TIER1": MODEL}, "providers": {"c": CLOUD}, "chains": {"TIER2": ["c"]}}, "test")
    assert [config.chain(tier) for tier in ("TIER1", "TIER2", "TIER3")] == [(ENGINE,), ("c",), ()]


def test_the_key_is_looked_for_in_the_environment_unless_said_otherwise() -> None:
    config = checked({"tiers": {"TIER1": MODEL}}, "test")
    assert [(key.name, key.env) for key in config.keys] == [("default", "QTEST_API_KEY")]


def test_a_file_for_serve_deploy_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("applications:\n- name: router\n  import_path: a:b\n  args:\n    tiers: {TIER1: {model: /m}}\n")
    assert load(path).tiers["TIER1"].model == "/m"


@pytest.mark.parametrize("text", ["tiers: [", "\xff"])
def test_a_file_that_is_no_yaml_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, "latin-1")
    with pytest.raises(UsageError, match=r"config\.yaml( line 1)?: .*expected the settings of the router as YAML"):
        load(path)
