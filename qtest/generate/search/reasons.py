"""Why a target has no test."""

from collections import Counter
from collections.abc import Mapping

from qtest.generate.search.archive import Archive


def reason(
    target: str, archive: Archive, home: Mapping[str, str], rejected: Mapping[str, Counter[str]]
) -> tuple[str, int]:
    """What stood in the way, and how often. `home` gives each mutant's symbol."""
    own = [mutant for mutant, symbol in home.items() if symbol == target]
    endings = archive.endings.get(target, Counter())
    total = sum(endings.values())
    if not total:
        return "no call of it could be made up within the budget", 1
    if not any(_is_result(ending) for ending in endings):
        worst, count = endings.most_common(1)[0]
        return f"all {_calls(total)} came to nothing, most of them: {worst}", count
    if own and archive.mutants.isdisjoint(own):
        return "its mutants are seen only when the module is imported anew, and no call showed one", 1
    if own and not any(mutant in archive.alive for mutant in own):
        return "tests of other functions kill all its mutants", 1
    if not own:
        return "it has no mutant of its own that is alive", 1
    if target in rejected:
        return rejected[target].most_common(1)[0]
    if not any(mutant in archive.reached for mutant in own):
        return f"{_calls(total)} never reached a living mutant", total
    return f"{_calls(total)} killed no mutant that others leave alive", total


def _is_result(ending: str) -> bool:
    return ending == "ok" or (ending.startswith("raised") and not ending.endswith("implicitly"))


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"
