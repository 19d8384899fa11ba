"""The nodes of the Ray cluster that this process is in, with their GPUs, and those that its autoscaler may start."""

from collections import Counter
from typing import Any

import ray
from ray._private.state import state

from serve.placement import Node

_KIND = "accelerator_type:"
_NO_END = 1_000


def nodes() -> list[Node]:
    alive: list[Any] = [node for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]
    running = Counter(node.get("Labels", {}).get("ray.io/node-group", "") for node in alive)
    return [_node(node["Resources"], 1) for node in alive] + [
        _node(group.resources, (group.max_count if group.max_count >= 0 else _NO_END) - running[group.name])
        for group in _groups()
    ]


def _node(resources: Any, many: int) -> Node:
    kinds = frozenset(name.removeprefix(_KIND) for name in resources if name.startswith(_KIND))
    return Node(gpus=float(resources.get("GPU", 0)), kinds=kinds, many=max(0, many))


def _groups() -> list[Any]:
    """Private in Ray, which is pinned: there is no public way to ask what its autoscaler may start."""
    found: Any = state.get_cluster_config()
    return list(found.node_group_configs) if found else []
