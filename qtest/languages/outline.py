"""Languages that have no folder of their own yet: their symbols and imports, read by one grammar each."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from qtest import treesitter
from qtest.records.record import digest_of
from qtest.records.source import Project
from qtest.records.system import Import, Module, Symbol, SymbolKind
from qtest.treesitter import Definition

_LARGEST = 1_000_000  # characters; larger ones are bundles and tables, and queries over them take seconds


@dataclass(frozen=True)
class Outline:
    """Answers the port `Parser`. `grammars` by suffix; `hidden` is found in the modifiers of what is not public, `shown` in those
    of what is, where a language says so; `private` in the names of what is not."""

    name: str
    grammars: dict[str, str]
    hidden: str = ""
    shown: str = ""
    private: str = r"^[_#]"

    @property
    def suffixes(self) -> tuple[str, ...]:
        return tuple(self.grammars)

    def parse(self, text: str, path: str, project: Project) -> Module:
        """A module is called by its path. What is not code is skipped over; raises SyntaxError where nothing else is left."""
        if len(text) > _LARGEST:
            raise SyntaxError(f"larger than {_LARGEST:,} characters")
        read = treesitter.read(self.grammars[PurePosixPath(path).suffix], text.encode("utf-8", "replace"))
        if read.broken and not (read.definitions or read.imports):
            raise SyntaxError("invalid syntax", (path, read.broken, None, None))
        symbols: dict[str, Symbol] = {}
        for definition in read.definitions:
            symbol = self._symbol(definition, path)
            symbols.setdefault(symbol.id, symbol)
        return Module(
            name=path,
            path=path,
            project=project.root,
            sha256=digest_of(text),
            imports=tuple(
                Import(
                    name=item.name or item.source,
                    source=f"{item.source}:{item.what}" if item.what else item.source,
                    line=item.line,
                )
                for item in read.imports
            ),
            symbols=tuple(symbols.values()),
            language=self.name,
            depth="symbols",
        )

    def _symbol(self, definition: Definition, path: str) -> Symbol:
        name = definition.name.replace("::", ".")
        qualname = f"{definition.owner}.{name}".strip(".")
        kind: SymbolKind = "class" if definition.kind == "class" else "method" if "." in qualname else "function"
        return Symbol(
            id=f"{path}:{qualname}",
            module=path,
            qualname=qualname,
            kind=kind,
            path=path,
            line=definition.line,
            end_line=definition.end_line,
            public=self._is_public(definition),
        )

    def _is_public(self, definition: Definition) -> bool:
        if re.search(self.private, definition.name) or (self.hidden and re.search(self.hidden, definition.head)):
            return False
        return not self.shown or re.search(self.shown, definition.head) is not None


OUTLINES: dict[str, Outline] = {
    "javascript": Outline("javascript", dict.fromkeys((".js", ".jsx", ".mjs", ".cjs"), "javascript")),
    "typescript": Outline(
        "typescript",
        {".ts": "typescript", ".mts": "typescript", ".cts": "typescript", ".tsx": "tsx"},
        hidden=r"\b(private|protected)\b",
    ),
    "java": Outline("java", {".java": "java"}, shown=r"\bpublic\b"),
    "go": Outline("go", {".go": "go"}, private=r"^[^A-Z]"),
    "rust": Outline("rust", {".rs": "rust"}, shown=r"\bpub\b"),
    "ruby": Outline("ruby", {".rb": "ruby"}),
    "c": Outline("c", {".c": "c", ".h": "c"}, hidden=r"\bstatic\b"),
    "cpp": Outline("cpp", dict.fromkeys((".cc", ".cpp", ".cxx", ".hpp", ".hh", ".hxx"), "cpp"), hidden=r"^static\b"),
    "c_sharp": Outline("c_sharp", {".cs": "c_sharp"}, shown=r"\bpublic\b"),
    "php": Outline("php", {".php": "php"}, hidden=r"\b(private|protected)\b"),
}
