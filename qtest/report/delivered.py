"""What came of handing tests over, a line each."""

from qtest.records.delivery import Delivered
from qtest.report.text import visible

_SAID = {
    "opened": "pull request opened: {}",
    "updated": "pull request updated: {}",
    "unchanged": "pull request already there, unchanged: {}",
    "merged": "already merged: {}",
    "declined": "closed by a reviewer, so not proposed again: {}",
    "left": "left as it is, as others have committed to its branch: {}; merge or close it, and run again",
    "waiting": "held back until open pull requests of QTest are merged or closed, and it is run again",
}
_NAMED = 3


def said(one: Delivered) -> str:
    rest = len(one.modules) - _NAMED
    names = ", ".join(one.modules[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
    return visible(f"{_SAID[one.how].format(one.address)} ({names})")
