"""Lays a file under test into a session's own view of the project, which goes when the session does."""

from qtest.errors import QTestError
from qtest.ports import Session
from qtest.records.baseline import Setting
from qtest.records.file import WrittenFile


def lay(session: Session, setting: Setting, file: WrittenFile) -> None:
    """Raises QTestError when the session does not take it."""
    path = f"{setting.folder}/{file.path}"
    done = session.run(
        ("/bin/sh", "-c", 'mkdir -p "$(dirname "$1")" && cat > "$1"', "sh", path), stdin=file.text.encode()
    )
    if not done.ok:
        raise QTestError(f"{file.path} could not be written into the sandbox: {done.stderr.strip()[:200]}")
