"""What was measured, one JSON file for each step, so that a run goes on where it was cut off."""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


class Store:
    """A step is computed once for each key; a step that raises leaves nothing behind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def once(self, kind: str, key: tuple[object, ...], make: Callable[[], Any]) -> Any:
        path = self._path(kind, key)
        if path.exists():
            return json.loads(path.read_text("utf-8"))
        made = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.part")
        partial.write_text(json.dumps(made, indent=1), "utf-8")
        partial.replace(path)
        return made

    def known(self, kind: str, key: tuple[object, ...]) -> bool:
        return self._path(kind, key).exists()

    def all(self, kind: str) -> Iterator[Any]:
        for path in sorted((self.folder / kind).glob("*.json")):
            yield json.loads(path.read_text("utf-8"))

    def _path(self, kind: str, key: tuple[object, ...]) -> Path:
        return self.folder / kind / (_name(key) + ".json")


def _name(key: tuple[object, ...]) -> str:
    return "--".join(re.sub(r"[^A-Za-z0-9.+=]", "_", str(part)) for part in key)
