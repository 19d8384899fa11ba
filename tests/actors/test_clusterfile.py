"""The cluster file that we ship, and mistakes in it that nobody would see before the bill."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from actors.clusterfile import problems

OURS = Path(__file__).parents[2] / "cluster.yaml"
Edit = Callable[[dict[str, Any]], Any]


def node(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda file: file["available_node_types"][name]  # type: ignore[no-any-return]


MISTAKES: dict[str, tuple[Edit, str]] = {
    "unknown key": (lambda file: file.update(max_wrokers=3), "Ray refuses it"),
    "no head": (lambda file: file.pop("head_node_type"), "Ray refuses it"),
    "fraction": (lambda file: node("cpu.spot")(file)["resources"].update(CPU=1.5), "Ray refuses it"),
    "least above most": (lambda file: node("cpu.spot")(file).update(min_workers=30), "more than max_workers"),
    "misspelt node": (lambda file: node("head")(file)["node_config"].update(InstanceTyp="x"), "InstanceTyp"),
    "head works": (lambda file: node("head")(file)["resources"].update(CPU=4), "expected CPU: 0"),
    "no sandbox": (lambda file: node("cpu.spot")(file)["resources"].pop("sandbox"), "offers the resource `sandbox`"),
    "open workers": (lambda file: file.update(worker_start_ray_commands=["ray start"]), "RAY_AUTH_MODE"),
    "open dashboard": (
        lambda file: file.update(head_start_ray_commands=["RAY_AUTH_MODE=token ray start --head"]),
        "--dashboard-host",
    ),
    "too few": (lambda file: node("cpu.ondemand")(file).update(max_workers=0, min_workers=0), "raise max_workers"),
}


def test_the_one_we_ship_has_no_problems() -> None:
    assert problems(OURS) == ()


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line(name: str, tmp_path: Path) -> None:
    edit, said = MISTAKES[name]
    file = yaml.safe_load(OURS.read_text())
    edit(file)
    path = tmp_path / "cluster.yaml"
    path.write_text(yaml.safe_dump(file))
    found = problems(path)
    assert any(said in line for line in found), found
    assert all("\n" not in line for line in found)


@pytest.mark.parametrize("text", ["a: [", "- 1", ""])
def test_what_is_no_cluster_file_is_said(text: str, tmp_path: Path) -> None:
    path = tmp_path / "cluster.yaml"
    path.write_text(text)
    assert len(problems(path)) == 1
