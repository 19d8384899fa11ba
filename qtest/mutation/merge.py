"""Puts the reports of all shards together into the one that no shards would have given."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from qtest.config import Config, recalled
from qtest.errors import UsageError
from qtest.mutation.green import NONE_MADE, NONE_RUN, unproven
from qtest.mutation.matrix import idle
from qtest.records.mutant import Controls
from qtest.records.mutation import JudgedModule, MutationReport
from qtest.records.source import Revision

_NOT_RUN = "none"  # of the interpreter where nothing fell into the shard


def merged(named: Sequence[tuple[Path, MutationReport]]) -> MutationReport:
    """`named` by where each was read. Controls are counted for each shard that ran them. Raises UsageError when they are not the parts of
    one whole."""
    for place, report in named:
        _check_alone(place, report)
    for place, report in named:
        _check_beside(place, report, *named[0])
    _check_whole(named)
    reports = sorted((report for _, report in named), key=lambda report: _part(report)[0])
    shown = next((report for report in reports if report.suites), reports[0])
    modules = tuple(_together(parts) for parts in zip(*(report.modules for report in reports), strict=True))
    settings = recalled(shown.settings)
    whole = settings.mutate.model_copy(update={"shard": ""})
    return shown.model_copy(
        update={
            "modules": modules,
            "idle": idle(shown.tests, [one for module in modules for one in module.verdicts]) if whole.matrix else None,
            "shard": "",
            "note": reports[0].note if all(report.note for report in reports) else "",
            "red": _red(reports, modules),
            "settings": settings.model_copy(update={"mutate": whole}).kept(),
            "wall_s": max(report.wall_s for report in reports),
            "ready_s": max(report.ready_s for report in reports),
            "cpu_s": sum(report.cpu_s for report in reports),
        }
    )


def _check_alone(place: Path, report: MutationReport) -> None:
    if not report.shard:
        raise UsageError(f"{place}: is of no shard; expected the outputs of `qtest mutate --shard K/N`")
    if report.status != "completed":
        raise UsageError(f"{place}: shard {report.shard} was interrupted; finish it with `qtest resume {report.run}`")


def _check_beside(place: Path, report: MutationReport, other: Path, first: MutationReport) -> None:
    if (report.qtest, report.build) != (first.qtest, first.build):
        raise UsageError(
            f"{place}: was made by another QTest ({_made(report)}) than {other} ({_made(first)}); judge all shards with one"
        )
    if report.content != first.content:
        raise UsageError(
            f"{place}: is of other files ({_called(report.revision)}) than {other} ({_called(first.revision)}); "
            "judge all shards of one revision"
        )
    pythons = {report.python, first.python} - {_NOT_RUN}
    if len(pythons) > 1:
        raise UsageError(
            f"{place}: was judged under Python {report.python} and {other} under {first.python}; use one for all shards"
        )
    if _whole(report) != _whole(first):
        raise UsageError(f"{place}: was made with other settings than {other}: {_differing(report, first)}")
    if len(report.modules) != len(first.modules):
        raise UsageError(f"{place}: has other modules than {other}; judge all shards anew")


def _check_whole(named: Sequence[tuple[Path, MutationReport]]) -> None:
    seen: dict[int, Path] = {}
    total = _part(named[0][1])[1]
    for place, report in named:
        part, parts = _part(report)
        if parts != total:
            raise UsageError(
                f"{place}: is of {parts} shards and {named[0][0]} of {total}; expected the parts of one whole"
            )
        if part in seen:
            raise UsageError(f"{place}: is shard {report.shard}, and so is {seen[part]}; give each once")
        seen[part] = place
    missing = [str(part) for part in range(1, total + 1) if part not in seen]
    if missing:
        more = f" (and {len(missing) - 5} more)" if len(missing) > 5 else ""
        raise UsageError(
            f"of {total} shards these are missing: {', '.join(missing[:5])}{more}; judge them, or give their outputs"
        )


def _together(parts: Sequence[JudgedModule]) -> JudgedModule:
    verdicts = sorted(
        (verdict for part in parts for verdict in part.verdicts),
        key=lambda verdict: (
            verdict.mutant.start,
            verdict.mutant.end,
            verdict.mutant.operator,
            verdict.mutant.replacement,
        ),
    )
    together = sum((part.controls for part in parts), Controls())
    return parts[0].model_copy(
        update={
            "verdicts": tuple(verdicts),
            "controls": together.model_copy(update={"doubtful": tuple(dict.fromkeys(together.doubtful))}),
            "same_code": sum(part.same_code for part in parts),
            "remembered": sum(part.remembered for part in parts),
            "runs": next((part.runs for part in parts if part.runs), ()),
            "elsewhere": 0,
        }
    )


def _red(reports: Sequence[MutationReport], modules: Sequence[JudgedModule]) -> str:
    """What is wrong with the suite is wrong in every shard; what was proven is that of all together."""
    suites = next((report.red for report in reports if report.red and report.red not in (NONE_MADE, NONE_RUN)), "")
    if suites or all(report.note for report in reports):
        return suites
    return unproven([verdict for module in modules for verdict in module.verdicts])


def _whole(report: MutationReport) -> str:
    """The settings but for what may differ: which shard, where the files lay, where it was done and told."""
    config = recalled(report.settings)
    plain = Config()
    return config.model_copy(
        update={
            "target": config.target.model_copy(
                update={"repository": plain.target.repository, "python": plain.target.python}
            ),
            "mutate": config.mutate.model_copy(update={"shard": plain.mutate.shard, "floor": plain.mutate.floor}),
            "output": plain.output,
            "where": plain.where,
        }
    ).kept()


def _differing(report: MutationReport, first: MutationReport) -> str:
    """The first setting that does."""
    one, other = (dict(_leaves(json.loads(_whole(each)))) for each in (report, first))
    name = next(name for name in (*one, *other) if one.get(name) != other.get(name))
    return f"{name} is {one.get(name)!r} there and {other.get(name)!r} here; use the same for all shards"


def _leaves(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    if not isinstance(value, dict):
        yield name, value
        return
    for key, below in value.items():
        yield from _leaves(below, f"{name}.{key}" if name else key)


def _part(report: MutationReport) -> tuple[int, int]:
    part, parts = (int(number) for number in report.shard.split("/"))
    return part, parts


def _called(revision: Revision) -> str:
    return " ".join(filter(None, (revision.name, revision.version, revision.sha256[:12])))


def _made(report: MutationReport) -> str:
    return f"{report.qtest} build {report.build[:8] or 'unknown'}"
