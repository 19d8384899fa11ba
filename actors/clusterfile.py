"""What is wrong with a cluster file, found without a cloud: what Ray's own validation says, and what it lets pass."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from actors.stages import STAGES

_NODE = ("InstanceType", "InstanceMarketOptions", "BlockDeviceMappings", "ImageId", "KeyName", "SubnetIds", "SecurityGroupIds", "IamInstanceProfile", "NetworkInterfaces", "TagSpecifications")  # fmt: skip


def problems(file: Path) -> tuple[str, ...]:
    """One line each; none when the file will do."""
    try:
        written = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return (f"{file}: cannot be read: {' '.join(str(error).split())[:200]}",)
    if not isinstance(written, dict):
        return (f"{file}: expected a mapping at the top",)
    said = _of_ray(written)
    if said:
        return (said,)
    return tuple(_missed(written))


def _of_ray(written: Mapping[str, Any]) -> str:
    """Ray's functions are private: this is the only place that knows them, for the version that is pinned."""
    from ray.autoscaler._private.util import prepare_config, validate_config

    before = dict(os.environ)
    try:
        validate_config(prepare_config(dict(written)))
    except Exception as error:  # a schema's error, a ValueError or a KeyError, whatever it finds first
        lines = [line for line in str(error).splitlines() if line.strip()]
        return f"Ray refuses it: {lines[0] if lines else type(error).__name__}"
    finally:
        os.environ.clear()
        os.environ.update(before)
    return ""


def _missed(written: Mapping[str, Any]) -> Iterator[str]:
    types: Mapping[str, Any] = written["available_node_types"]
    head = written["head_node_type"]
    for name, node in types.items():
        least, most = node.get("min_workers", 0), node.get("max_workers", 0)
        if least > most:
            yield f"{name}: min_workers {least} is more than max_workers {most}"
        for key in node.get("node_config", {}):
            if written["provider"]["type"] == "aws" and key not in _NODE:
                yield f"{name}: node_config has {key}, which is no setting of a node; expected one of {', '.join(_NODE)}"
    if types[head].get("resources", {}).get("CPU") != 0:
        yield f"{head}: expected CPU: 0, so that no work lands on the node that keeps the store"
    if not any("sandbox" in node.get("resources", {}) for node in types.values()):
        yield "no node type offers the resource `sandbox`: mutants would run beside everything else"
    yield from _unpinned(written)
    yield from _too_few(types)


def _unpinned(written: Mapping[str, Any]) -> Iterator[str]:
    for key in ("head_start_ray_commands", "worker_start_ray_commands"):
        starts = [line for line in written.get(key, ()) if "ray start" in line]
        if not any("RAY_AUTH_MODE=token" in line for line in starts):
            yield f"{key}: expected RAY_AUTH_MODE=token before `ray start`: without it whoever reaches a port runs code"
    head = " ".join(written.get("head_start_ray_commands", ()))
    if "--dashboard-host=127.0.0.1" not in head:
        yield "head_start_ray_commands: expected --dashboard-host=127.0.0.1: the dashboard runs jobs for whoever reaches it"


def _too_few(types: Mapping[str, Any]) -> Iterator[str]:
    """Every pool at its largest must fit the nodes at their most."""
    wanted = sum(stage.cpus * stage.workers["cluster"][1] for stage in STAGES.values())
    offered = sum(
        node.get("resources", {}).get("CPU", 0) * node.get("max_workers", 0)
        for node in types.values()
        if "GPU" not in node.get("resources", {}) and "sandbox" not in node.get("resources", {})
    )
    if offered < wanted:
        yield f"the pools may ask for {wanted:g} CPUs, nodes without a sandbox or GPU offer at most {offered:g}: raise max_workers"
