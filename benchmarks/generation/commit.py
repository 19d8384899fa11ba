"""Which QTest is measured."""

import hashlib
import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MEASURED = ("qtest", "actors", "gates", "pyproject.toml")


def commit(measured: Sequence[str] = MEASURED) -> str:
    """The last commit that touched what is measured, with a digest of the changes that no commit holds."""
    name = _git("log", "-1", "--format=%h", "--", *measured).decode().strip()
    changed = _git("status", "--porcelain", "--", *measured)
    if not changed:
        return name
    return f"{name}+{digest(ROOT, measured)[:8]}"


def digest(root: Path, measured: Sequence[str] = MEASURED) -> str:
    """Of every source file of what is measured."""
    files = sorted(
        path
        for top in measured
        for path in ([root / top] if (root / top).is_file() else (root / top).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    )
    whole = hashlib.sha256()
    for path in files:
        whole.update(f"{path.relative_to(root).as_posix()}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def _git(*words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True).stdout
