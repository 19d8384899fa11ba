"""A tier's settings in the terms of vLLM and Ray Serve."""

from pathlib import Path

import pytest
import yaml

from qtest.errors import UsageError
from serve.config import RouterConfig, checked, load
from serve.engineoptions import deployment_options, engine_arguments, environment
from serve.tierconfig import TierSettings

CONFIG = Path(__file__).parents[2] / "serve" / "config.yaml"


def tier(**more: object) -> TierSettings:
    return TierSettings.model_validate({"model": "/weights", **more})


def test_gpus_that_do_not_share_the_layers_out_share_them_in_turn() -> None:
    made = engine_arguments(tier(gpus=8, tensor_parallel=4))
    assert (made["tensor_parallel_size"], made["pipeline_parallel_size"]) == (4, 2)
    assert deployment_options(tier(gpus=8, tensor_parallel=4))["ray_actor_options"]["num_gpus"] == 8


def test_a_fraction_takes_that_share_of_a_gpu_and_of_its_memory() -> None:
    small = tier(gpus=1, fraction=0.5)
    assert deployment_options(small)["ray_actor_options"]["num_gpus"] == 0.5
    assert engine_arguments(small)["gpu_memory_utilization"] == 0.45


def test_a_tier_is_pinned_to_its_kind_of_gpu() -> None:
    assert deployment_options(tier(gpus=1, accelerator="H100"))["ray_actor_options"]["accelerator_type"] == "H100"


def test_a_grammar_never_allows_free_whitespace_and_urgent_prompts_go_first() -> None:
    for settings in (tier(gpus=0), tier(gpus=1)):
        made = engine_arguments(settings)
        assert made["structured_outputs_config"]["disable_any_whitespace"]
        assert made["scheduling_policy"] == "priority"
        assert made["enable_prefix_caching"] and made["enable_chunked_prefill"]


def test_weights_by_name_come_at_their_revision_and_a_folder_is_never_looked_for_elsewhere() -> None:
    named = tier(model="Qwen/Qwen2.5-Coder-7B-Instruct", revision="c03e6d3")
    assert engine_arguments(named)["revision"] == engine_arguments(named)["tokenizer_revision"] == "c03e6d3"
    assert "HF_HUB_OFFLINE" not in environment(named)
    assert "revision" not in engine_arguments(tier(revision="mine"))
    assert environment(tier())["HF_HUB_OFFLINE"] == "1"


def test_a_tier_may_scale_to_zero() -> None:
    made = deployment_options(tier(autoscaling={"min_replicas": 0, "max_replicas": 4}))
    assert "num_replicas" not in made
    assert (made["autoscaling_config"]["min_replicas"], made["autoscaling_config"]["max_replicas"]) == (0, 4)


def test_usage_is_told_to_nobody() -> None:
    assert environment(tier())["VLLM_NO_USAGE_STATS"] == environment(tier())["DO_NOT_TRACK"] == "1"


@pytest.mark.usefixtures("serve_imported")
def test_the_file_for_production_is_one_that_ray_serve_and_we_take() -> None:
    from ray.serve.schema import ServeDeploySchema

    written = yaml.safe_load(CONFIG.read_text("utf-8"))
    [application] = ServeDeploySchema.model_validate(written).applications
    assert application.import_path == "serve.deploy:application"
    config: RouterConfig = load(CONFIG)
    assert config == checked(application.args, "args")
    assert [settings.gpus for settings in config.tiers.values()] == [1, 2, 4]


@pytest.mark.parametrize("wrong", ["gpu", "replica", "tensor_parallell"])
def test_an_unknown_setting_of_a_tier_is_named(wrong: str) -> None:
    with pytest.raises(UsageError, match=rf"tiers\.TIER1\.{wrong}: there is no such setting"):
        checked({"tiers": {"TIER1": {"model": "/weights", wrong: 1}}}, "config.yaml")


@pytest.mark.usefixtures("serve_imported")
@pytest.mark.parametrize("settings", [TierSettings(model="/w", gpus=0), tier(gpus=4, tensor_parallel=2), tier(gpus=1, accelerator="L4", autoscaling={"max_replicas": 3})])  # fmt: skip
def test_ray_serve_takes_the_options(settings: TierSettings) -> None:
    from ray import serve as ray_serve

    made = ray_serve.deployment(object, name="TIER1").options(**deployment_options(settings))
    assert made.max_ongoing_requests == settings.in_flight + settings.queue
