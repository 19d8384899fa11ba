"""Which project a file belongs to."""

from qtest.records.source import Project


def project_of(path: str, projects: tuple[Project, ...]) -> Project | None:
    """The deepest project whose folder holds the path."""
    inside = [item for item in projects if not item.root or path.startswith(f"{item.root.rstrip('/')}/")]
    return max(inside, key=lambda item: len(item.root), default=None)
