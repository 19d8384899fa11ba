"""The nodes of a cluster, and those that its autoscaler may start."""

from typing import Any

import pytest

from serve.nodes import nodes
from serve.placement import absent
from serve.tierconfig import TierSettings


def test_a_kind_of_node_that_may_be_started_counts_for_those_that_do_not_run_yet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import ray
    from ray._private.state import state
    from ray.core.generated import autoscaler_pb2

    group = autoscaler_pb2.NodeGroupConfig(name="gpu.t1", max_count=2, resources={"GPU": 4, "accelerator_type:L4": 1})
    config = autoscaler_pb2.ClusterConfig(node_group_configs=[group])
    running: list[dict[str, Any]] = [
        {"Alive": True, "Resources": {"CPU": 4.0}, "Labels": {}},
        {
            "Alive": True,
            "Resources": {"GPU": 4.0, "accelerator_type:L4": 1.0},
            "Labels": {"ray.io/node-group": "gpu.t1"},
        },
        {"Alive": False, "Resources": {"GPU": 64.0}, "Labels": {}},
    ]
    monkeypatch.setattr(ray, "nodes", lambda: running)
    monkeypatch.setattr(state, "get_cluster_config", lambda: config)
    found = nodes()
    assert sorted((node.gpus, node.many) for node in found) == [(0.0, 1), (4.0, 1), (4.0, 1)]
    four = TierSettings(model="/w", gpus=4, accelerator="L4")
    assert set(absent({"TIER1": four, "TIER2": four, "TIER3": four}, found)) == {"TIER3"}


@pytest.mark.ray
def test_the_real_cluster_answers(ray_cluster: Any) -> None:
    assert [(node.gpus, node.many) for node in nodes()] == [(0.0, 1)]
