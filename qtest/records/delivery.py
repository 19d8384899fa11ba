"""What is handed over to a forge."""

from qtest.records.record import Record


class PullText(Record):
    """What a pull request says: `title` is plain text, `body` Markdown as GitHub renders it."""

    title: str
    body: str
