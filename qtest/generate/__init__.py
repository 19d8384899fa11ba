"""Those who propose tests, by name."""

from qtest.generate.search.generator import SearchGenerator

GENERATORS: dict[str, type[SearchGenerator]] = {"search": SearchGenerator}
