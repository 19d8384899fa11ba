"""Classes that are data, and the fields they have."""

import re
from collections.abc import Iterator

from qtest.model.directory import Directory
from qtest.model.objects import Objects
from qtest.records.system import Entity, EntityField, EntityKind, Symbol

_DECORATORS: dict[str, EntityKind] = {
    "dataclasses:dataclass": "dataclass",
    "pydantic.dataclasses:dataclass": "pydantic",
    **dict.fromkeys((f"attr:{name}" for name in ("s", "attrs", "dataclass", "define", "frozen", "mutable")), "attrs"),
    **dict.fromkeys((f"attrs:{name}" for name in ("define", "frozen", "mutable")), "attrs"),
}
_BASES: dict[str, EntityKind] = {
    **dict.fromkeys(("pydantic.BaseModel", "pydantic.RootModel", "pydantic.main.BaseModel"), "pydantic"),
    **dict.fromkeys(("pydantic_settings.BaseSettings", "pydantic.BaseSettings"), "pydantic"),
    **dict.fromkeys(("typing.TypedDict", "typing_extensions.TypedDict"), "typed dict"),
    **dict.fromkeys(("typing.NamedTuple", "typing_extensions.NamedTuple"), "named tuple"),
    **dict.fromkeys(("sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.MappedAsDataclass"), "sqlalchemy"),
    **dict.fromkeys(("sqlalchemy.orm.declarative_base()", "flask_sqlalchemy.SQLAlchemy().Model"), "sqlalchemy"),
    **dict.fromkeys(("sqlalchemy.ext.declarative.declarative_base()", "sqlmodel.SQLModel"), "sqlalchemy"),
    "sqlalchemy.orm.registry().generate_base()": "sqlalchemy",
}
_COLUMN = re.compile(
    r"^([\w.]+\.)?(Column|mapped_column|relationship|column_property|deferred|synonym|composite|Field)\("
)
_ATTRIBUTE = re.compile(r"^(attrs?\.)?(ib|attrib|attr|field|Factory)\(")


def entities(directory: Directory, objects: Objects) -> tuple[Entity, ...]:
    """By symbol. A class that only lends its fields to others, such as a declarative base, has none of its own and is left out."""
    found = {}
    for symbol in directory.symbols.values():
        kind = _kind(symbol, directory, objects) if symbol.kind == "class" else None
        if kind is not None:
            fields = tuple(_fields(symbol, kind, directory))
            if fields:
                found[symbol.id] = Entity(symbol=symbol.id, kind=kind, fields=fields, line=symbol.line)
    return tuple(found[key] for key in sorted(found))


def _kind(symbol: Symbol, directory: Directory, objects: Objects) -> EntityKind | None:
    own = _decorated(symbol, directory)
    if own is not None or not symbol.bases:
        return own
    return next((_BASES[base] for base in objects.bases(symbol.id) if base in _BASES), None)


def _decorated(symbol: Symbol, directory: Directory) -> EntityKind | None:
    for text in symbol.decorators:
        meaning = directory.meaning(symbol.module, text.partition("(")[0].strip())
        if meaning in _DECORATORS:
            return _DECORATORS[meaning]
    return None


def _fields(symbol: Symbol, kind: EntityKind, directory: Directory) -> Iterator[EntityField]:
    """Those of the farthest base first; one that is said again keeps its place."""
    found: dict[str, EntityField] = {}
    for owner in reversed(directory.lineage(symbol.id)):
        lends = kind not in ("dataclass", "attrs") or owner is symbol or _decorated(owner, directory) is not None
        if lends:
            bare = kind == "attrs" and "auto_attribs" not in " ".join(owner.decorators) and _is_old(owner)
            found |= {item.name: item for item in owner.attributes if _is_field(item, kind, bare)}
    yield from found.values()


def _is_old(owner: Symbol) -> bool:
    """`attr.s`, which takes nothing but `attr.ib`."""
    return any(
        text.partition("(")[0] in ("attr.s", "attr.attrs", "attrs", "attr.attributes") for text in owner.decorators
    )


def _is_field(item: EntityField, kind: EntityKind, bare: bool) -> bool:
    if "ClassVar" in item.annotation or item.annotation.rpartition(".")[2] == "KW_ONLY":
        return False
    if kind == "sqlalchemy":
        return item.annotation.startswith(("Mapped[", "orm.Mapped[")) or bool(_COLUMN.match(item.default))
    if kind == "attrs":
        return bool(_ATTRIBUTE.match(item.default)) or (bool(item.annotation) and not bare)
    if kind == "pydantic" and (item.name.startswith("_") or item.name == "model_config"):
        return False
    return bool(item.annotation)
