"""What a call is given, by place and by name."""

from qtest.records.system import Given, Site


def by_place(site: Site) -> list[Given]:
    """Those by place, in order."""
    return [one for one in site.arguments if not one.name]


def by_name(site: Site, name: str) -> Given | None:
    return next((one for one in site.arguments if one.name == name), None)


def literal(site: Site, position: int, *names: str) -> str | None:
    """A literal text by place or by name."""
    candidates = [
        *by_place(site)[position : position + 1],
        *(found for name in names if (found := by_name(site, name))),
    ]
    return next((one.texts[0] for one in candidates if one.texts), None)
