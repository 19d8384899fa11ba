"""What a shipped file of tests needs: where its imports live now, and why a test of it is red. Assertions are never touched."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from qtest.languages.python.bodies import bodies
from qtest.languages.python.edits import Home, taken_out, with_homes, without_tests
from qtest.languages.python.testfile import taken_names, written_tests
from qtest.records.baseline import SuiteRun
from qtest.records.proof import ImportedName, ProofFile, ProvenFile, ProvenKill, ProvenTest
from qtest.records.system import Symbol

Bodies = Mapping[str, str]


@dataclass(frozen=True)
class Code:
    """The project's modules today: what stands in each by name, with its digest where it is a function or a class; and their paths."""

    names: Mapping[str, Bodies]
    paths: Mapping[str, str]

    def has(self, home: Home) -> bool:
        return home[1] in self.names.get(home[0], {})


def code_of(texts: Mapping[str, tuple[str, str]], plain: Mapping[str, Iterable[str]]) -> Code:
    """`texts` are (path, text) by module, `plain` what each binds beside functions and classes. A module that cannot be read has nothing."""
    names: dict[str, dict[str, str]] = {}
    for module, (_, text) in texts.items():
        found = dict.fromkeys(plain.get(module, ()), "")
        try:
            found |= {symbol.partition(":")[2]: digest for symbol, digest in bodies(text, module).items()}
        except SyntaxError:
            found = {}
        names[module] = found
    return Code(names, {module: path for module, (path, _) in texts.items()})


def new_homes(file: ProvenFile, text: str, code: Code) -> dict[Home, Home]:
    """For names that the file imports and that are not there any more: where the same stands now, if that is one place. Functions and
    classes are known by what they do; for other names what moved with them tells."""
    known = {(name.module, name.name): name for name in file.names}
    lost = [known[home] for home in taken_names(text) if home in known and not code.has(home)]
    found = {(name.module, name.name): place for name in lost if name.body and (place := _same(name, code))}
    moved = Counter((old[0], new[0]) for old, new in found.items())
    for name in lost:
        if not name.body:
            places = [new for (old, new), _ in moved.most_common() if old == name.module and code.has((new, name.name))]
            places = places or [module for module in code.names if code.has((module, name.name))]
            if len(places) == 1 or (moved and places):
                found[name.module, name.name] = (places[0], name.name)
    return found


def _same(name: ImportedName, code: Code) -> Home | None:
    """What has its name and body, else what has its body; None when that may be several."""
    alike = [
        (module, other)
        for module, names in code.names.items()
        for other, digest in names.items()
        if digest == name.body and "." not in other
    ]
    namesakes = [home for home in alike if home[1] == name.name]
    best = namesakes or [home for home in alike if home[0] == name.module] or alike
    return best[0] if len(best) == 1 else None


def healed(file: ProvenFile, text: str, homes: Mapping[Home, Home], code: Code) -> tuple[ProvenFile, str]:
    """The proof as it has to be proven again, and the text; only imports differ."""
    module = next((new for (old, _), (new, _) in homes.items() if old == file.module), file.module)
    if file.module in code.paths:  # only some of its names left it
        module = file.module
    source = code.paths.get(module, file.source)
    names = {f"{old}:{name}": f"{new}:{other}" for (old, name), (new, other) in homes.items()}

    def renamed(symbol: str) -> str:
        home, _, qualname = symbol.partition(":")
        outer, dot, inner = qualname.partition(".")
        known = names.get(f"{home}:{outer}")
        return known + dot + inner if known else f"{module}:{qualname}" if home == file.module else symbol

    def kill_of(kill: ProvenKill) -> ProvenKill:
        symbol = renamed(kill.symbol)
        path = code.paths.get(symbol.partition(":")[0], source)
        return kill.model_copy(update={"symbol": symbol, "path": path})

    def test_of(test: ProvenTest) -> ProvenTest:
        return test.model_copy(update={"target": renamed(test.target), "kills": tuple(map(kill_of, test.kills))})

    proof = file.model_copy(
        update={
            "module": module,
            "source": source,
            "names": tuple(_moved(name, homes) for name in file.names),
            "tests": tuple(map(test_of, file.tests)),
        }
    )
    return proof, with_homes(text, homes)


def text_without(file: ProvenFile, text: str, functions: Collection[str], *, last: bool) -> str:
    """The text of a shipped file without these tests; empty where nothing is left that is worth keeping. `last`: none of ours is left."""
    if file.shared:
        return taken_out(text, functions, {name.name for name in file.names}, last=last)
    return without_tests(text, functions)


def _moved(name: ImportedName, homes: Mapping[Home, Home]) -> ImportedName:
    home = homes.get((name.module, name.name))
    return name.model_copy(update={"module": home[0], "name": home[1]}) if home else name


def differing(old: str, new: str) -> tuple[str, str]:
    """The lines that only one of them has."""
    before, after = old.splitlines(), new.splitlines()
    return (
        "\n".join(line for line in before if line not in after),
        "\n".join(line for line in after if line not in before),
    )


def executed_by(run: SuiteRun, nodes: Iterable[str], symbols: Sequence[Symbol]) -> tuple[str, ...]:
    """The functions that these tests entered, in the order of the model."""
    wanted = set(nodes)
    lines = {
        (file.path, line) for test in run.tests if test.node in wanted for file in test.lines for line in file.lines
    }
    return tuple(
        symbol.id
        for symbol in symbols
        if symbol.kind != "class"
        and any((symbol.path, line) in lines for line in range(symbol.line, symbol.end_line + 1))
    )


def recorded(proof: ProofFile) -> dict[str, str]:
    """What each function of the tested modules did when its tests were made, by symbol."""
    return {
        f"{file.module}:{name}": digest for file in proof.files for name, digest in file.functions.items() if digest
    }


def vanished(file: ProvenFile, text: str, code: Code) -> tuple[str, ...]:
    """Names of the project that the file imports and that stand nowhere any more."""
    known = {(name.module, name.name) for name in file.names}
    return tuple(name for module, name in taken_names(text) if (module, name) in known and not code.has((module, name)))


def users(text: str, name: str, tests: Iterable[str]) -> tuple[str, ...]:
    """Of these tests those that name it."""
    written = written_tests(text)
    word = re.compile(rf"\b{re.escape(name)}\b")
    return tuple(test for test in tests if test in written and word.search(written[test].text))


def renamed_method(test: ProvenTest, code: Code) -> str:
    """Under which name its target stands in the same class, doing the same; empty when nowhere, or in several."""
    module, _, qualname = test.target.partition(":")
    owner = qualname.rpartition(".")[0]
    alike = [
        name
        for name, digest in code.names.get(module, {}).items()
        if owner and digest == test.function and name.rpartition(".")[0] == owner
    ]
    return alike[0] if len(alike) == 1 else ""
