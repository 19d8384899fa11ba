"""Lays a file under test into a session's own view of the project, which goes when the session does."""

from zlib import crc32

from qtest.errors import QTestError
from qtest.ports import Session
from qtest.records.baseline import Setting
from qtest.records.file import WrittenFile


def lay(session: Session, setting: Setting, file: WrittenFile) -> None:
    """Raises QTestError when the session does not take it. Another text has another time of change, to the second: checkers that
    remember go by it."""
    path, text = f"{setting.folder}/{file.path}", file.text.encode()
    script = 'mkdir -p "$(dirname "$1")" && rm -f "$1" && cat > "$1" && touch -d "@$2" "$1"'
    done = session.run(("/bin/sh", "-c", script, "sh", path, str(crc32(text))), stdin=text)
    if not done.ok:
        raise QTestError(f"{file.path} could not be written into the sandbox: {done.stderr.strip()[:200]}")
