"""Those who propose tests, by name, in the order in which they are asked."""

from qtest.generate.llm import ModelGenerator
from qtest.generate.search.generator import SearchGenerator

GENERATORS: dict[str, type[SearchGenerator] | type[ModelGenerator]] = {
    "search": SearchGenerator,
    "model": ModelGenerator,
}
