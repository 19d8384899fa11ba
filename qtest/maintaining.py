"""One run of `qtest maintain`: every shipped file beside the code as it is, and what is to be done about it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gates.sent import SentGate, repeated
from qtest.declined import declined
from qtest.errand import sent
from qtest.languages.python.asked import expected, seen, telling
from qtest.languages.python.bodies import bodies
from qtest.languages.python.source import decoded
from qtest.maintain import (
    Code,
    code_of,
    differing,
    executed_by,
    healed,
    new_homes,
    recorded,
    renamed_method,
    text_without,
    users,
    vanished,
)
from qtest.mutation.again import renewed
from qtest.mutation.executed import ExecutedOrder, executed
from qtest.records.baseline import Setting
from qtest.records.file import RenderedTest, TestFile, WrittenFile
from qtest.records.maintained import Care, Change
from qtest.records.outcome import Finding
from qtest.records.proof import Declined, ProofFile, ProvenFile, ProvenTest, Step
from qtest.records.source import Commit
from qtest.records.system import Symbol, SystemModel
from qtest.shipped import ordered
from qtest.verify import Ran, Standing, current_names, function_of, mutants_again, run_twice, verify
from qtest.verifying import Ground

History = Callable[[str], Sequence[tuple[Commit, bytes]]]
UNCHANGED = "no function of the tested modules that it runs is another than when it was made; what they depend on is"


@dataclass(frozen=True)
class Work:
    """A file as it would stand; no text when no test of it is left."""

    file: ProvenFile
    text: str

    def without(self, names: Sequence[str], functions: Sequence[str]) -> "Work":
        """`names` as recorded, `functions` as they stand."""
        tests = tuple(test for test in self.file.tests if test.name not in names)
        file = self.file.model_copy(update={"tests": tests})
        return Work(file, text_without(self.file, self.text, functions, last=not tests))


@dataclass
class Maintenance:
    """`history` gives the forms of a file, newest first. `texts` are what would be written, by path; of an empty one the file goes."""

    ground: Ground
    proof: ProofFile
    today: str
    history: History
    listen: Callable[[str], None]
    texts: dict[str, str] = field(default_factory=dict)
    green: int = 0
    _declined: list[Declined] = field(default_factory=list)

    def run(self) -> tuple[tuple[Care, ...], ProofFile]:
        """And the proof as it would stand. Raises QTestError."""
        self._model: SystemModel = self.ground.model()
        self._code: Code = code_of(
            {module.name: (module.path, self.ground.source(module.path) or "") for module in self._model.modules},
            {
                module.name: (*module.constants, *(item.name for item in module.imports))
                for module in self._model.modules
            },
        )
        self._known = recorded(self.proof)
        cares: list[Care] = []
        files: list[ProvenFile] = []
        for file in self.proof.files:
            self.listen(f"{file.path}: {len(file.tests)} tests")
            found, work = self._cared(file)
            cares += found
            files += [work.file] if work.file.tests else []
        proof = ProofFile(
            files=tuple(sorted(files, key=lambda file: file.path)),
            declined=ordered((*self.proof.declined, *self._declined)),
            trail=(*self.proof.trail, *self._steps(cares)),
        )
        return tuple(cares), proof

    def _steps(self, cares: Sequence[Care]) -> Iterator[Step]:
        for care in cares:
            if care.status in ("healed", "retired"):
                yield Step(
                    date=self.today,
                    file=care.file,
                    what="healed" if care.status == "healed" else "retired",
                    test=care.test,
                    old=care.old,
                    new=care.new,
                    why=care.why,
                )

    def _cared(self, file: ProvenFile) -> tuple[list[Care], Work]:
        """What its tests need, and how it would stand then."""
        standing = self.ground.standing(file)
        work = Work(file, standing.tests or "")
        if standing.tests is None:
            return [], work
        ran = self._ran(work)
        if not self._is_red(work, ran):
            self.green += len(current_names(file, work.text))
            return [], work
        cares, work = self._at_home(work)
        if work.text and work.text != standing.tests:
            ran = self._ran(work)
        if "" in ran.red and work.text:
            broken = Care(file=file.path, status="needs a person", why=f"it cannot be run: {ran.red['']}")
            return [care for care in cares if care.status == "needs a person"] or [broken], Work(file, standing.tests)
        if work.text:
            red, work = self._red(work, ran)
            cares += red
            self.green += len(current_names(work.file, work.text)) - sum(care.status != "retired" for care in red)
        if work.text != standing.tests:
            self.texts[file.path] = work.text
        return cares, work

    def _is_red(self, work: Work, ran: Ran) -> bool:
        """Of a file that people wrote only what was added is looked after."""
        own = {"", *current_names(work.file, work.text).values()}
        return any(name in own for name in ran.red) if work.file.shared else bool(ran.red)

    def _ran(self, work: Work) -> Ran:
        return run_twice(self._laid(work.file, work.text), work.file.path, self.ground.house.executor)

    def _laid(self, file: ProvenFile, text: str) -> Setting:
        written = WrittenFile(path=file.path, text=text)
        return self.ground.setting(file).model_copy(update={"written": (written,)})

    def _at_home(self, work: Work) -> tuple[list[Care], Work]:
        """Imports from where their names live now; tests of functions that are gone are retired. All or nothing: what then is not proven
        again is left to a person."""
        homes = new_homes(work.file, work.text, self._code)
        moved = Work(*healed(work.file, work.text, homes, self._code)) if homes else work
        cares: list[Care] = []
        if homes:
            old, new = differing(work.text, moved.text)
            said = ", ".join(f"{a}:{b} is now {c}:{d}" for (a, b), (c, d) in homes.items())
            cares.append(Care(file=work.file.path, status="healed", why=said, old=old, new=new))
        for name in vanished(moved.file, moved.text, self._code):
            retired, moved = self._outgrown(moved, name)
            cares += retired
        if moved is work or not moved.text:
            return cares, moved
        standing = Standing(moved.file, moved.text, self.ground.sources(moved.file))
        executor, settings = self.ground.house.executor, self.ground.config.gates.mutation
        checked = verify(standing, self.ground.setting(moved.file), executor, settings)
        proven = sum(test.status == "proven" for test in checked)
        wrong = next((test for test in checked if test.status == "lost its kill"), None)
        if wrong or not proven:
            why = f"{wrong.name} {wrong.status} ({wrong.why})" if wrong else checked[0].why
            told = f"{cares[0].why}; with the imports healed it is not proven again: {why}"
            return [Care(file=work.file.path, status="needs a person", why=told)], work
        told = f"; {proven} of {len(checked)} tests proven again"
        cares = [
            care.model_copy(update={"why": care.why + told}) if care.status == "healed" else care for care in cares
        ]
        return cares, Work(self._renewed(standing), moved.text)

    def _outgrown(self, work: Work, name: str) -> tuple[list[Care], Work]:
        names = current_names(work.file, work.text)
        there = {names[test.name]: test for test in work.file.tests if test.name in names}
        using = users(work.text, name, there)
        gone = [function for function in using if not self._stands(there[function])]
        if len(gone) < len(using):
            return [], work
        cares = [
            Care(
                file=work.file.path,
                test=there[function].name,
                status="retired",
                why=f"{there[function].target} is gone",
            )
            for function in gone
        ]
        return cares, work.without([there[function].name for function in gone], gone)

    def _stands(self, test: ProvenTest) -> bool:
        module, _, qualname = test.target.partition(":")
        return self._code.has((module, qualname))

    def _renewed(self, standing: Standing) -> ProvenFile:
        """The proof as of today's code, so that it is found at once the next time."""
        found = mutants_again(standing)
        tests = (
            test.model_copy(update={"kills": tuple(renewed(kill, found, standing.sources) for kill in test.kills)})
            for test in standing.proof.tests
        )
        module = standing.proof.module
        today = self._code.names.get(module, {})
        functions = {name: today[name] for name in sorted(today) if today[name] and name}
        old = {name: self._known.get(f"{module}:{name}", digest) for name, digest in functions.items()}
        return standing.proof.model_copy(update={"tests": tuple(tests), "functions": old})

    def _red(self, work: Work, ran: Ran) -> tuple[list[Care], Work]:
        names = current_names(work.file, work.text)
        by_function = {names[test.name]: test for test in work.file.tests if test.name in names}
        red = {function: test for function, test in by_function.items() if function in ran.red}
        said = self._told(work, red)
        cares: list[Care] = []
        for function, test in red.items():
            care = self._care(work, ran, function, test, said)
            cares.append(care)
            if care.status == "retired":
                work = work.without([test.name], [function])
        return cares, work

    def _care(self, work: Work, ran: Ran, function: str, test: ProvenTest, said: Mapping[str, str]) -> Care:
        path, reason = work.file.path, ran.red[function]
        care = Care(file=path, test=test.name, status="behaviour changed", why=reason)
        if not self._stands(test):
            name = renamed_method(test, self._code)
            if name:
                told = f"{test.target} is now called {name}; the name stands in the test itself, which is not touched"
                return care.model_copy(update={"status": "needs a person", "why": told})
            return care.model_copy(update={"status": "retired", "why": f"{test.target} is gone"})
        nodes = [one.node for one in ran.run.failing if function_of(one.node, path) == function]
        changes = self._changes(executed_by(ran.run, nodes, self._symbols()))
        if not changes:
            flaky = self._flaky(work, function, nodes)
            if flaky:
                why = f"flaky ({flaky.cause}): {flaky.text}"
                self._declined.append(
                    declined(path, test, test.claims, reason=why, author="qtest maintain", date=self.today)
                )
                return care.model_copy(update={"status": "retired", "why": why})
        local = nodes[0].removeprefix(f"{path}::") if nodes else function
        wanted = expected(work.text, local)
        was, now = seen(said.get(nodes[0] if nodes else "", reason), wanted.was if wanted else "")
        call = wanted.call if wanted else ""
        why = reason if changes else f"{reason}; {UNCHANGED}"
        return care.model_copy(
            update={"node": local, "call": call, "was": was, "now": now, "changes": changes, "why": why}
        )

    def _told(self, work: Work, red: Mapping[str, ProvenTest]) -> dict[str, str]:
        """By node why a copy fails that tells both sides of its comparisons; nothing where that cannot be had."""
        if not red:
            return {}
        order = ExecutedOrder(setting=self._laid(work.file, telling(work.text)), files=(work.file.path,))
        run = sent(self.ground.house.executor, executed, order)
        return {test.node: test.reason for test in run.failing}

    def _flaky(self, work: Work, function: str, nodes: Sequence[str]) -> Finding | None:
        """Passes sometimes: what of the circumstances it depends on."""
        local = tuple(node.removeprefix(f"{work.file.path}::") for node in nodes)
        test = RenderedTest(name=function, nodes=local, cases=(), line=1, end_line=1)
        file = TestFile(path=work.file.path, text=work.text, language="python", module=work.file.module, tests=(test,))
        setting, settings = self.ground.setting(work.file), self.ground.config.gates.runtime
        report = SentGate("runtime", repeated, self.ground.house.executor, setting, settings).check(file)
        return next((found for found in report.findings if found.cause not in ("", "wrong")), None)

    def _symbols(self) -> list[Symbol]:
        return [symbol for module in self._model.modules for symbol in module.symbols]

    def _changes(self, symbols: Sequence[str]) -> tuple[Change, ...]:
        found = []
        for symbol in symbols:
            module, _, name = symbol.partition(":")
            old, new = self._known.get(symbol), self._code.names.get(module, {}).get(name)
            if old and new and old != new:
                found.append(Change(symbol=symbol, commits=tuple(self._commits(symbol, old))))
        return tuple(found)

    def _commits(self, symbol: str, old: str) -> Iterator[Commit]:
        """Those between which the function became another than the last one, back to how it was."""
        later: tuple[Commit, str] | None = None
        for commit, data in self.history(self._code.paths[symbol.partition(":")[0]]):
            form = _form(data, symbol)
            if later and later[1] != form:
                yield later[0]
            if form == old:
                return
            later = commit, form


def _form(data: bytes, symbol: str) -> str:
    try:
        return bodies(decoded(data), symbol.partition(":")[0]).get(symbol, "")
    except SyntaxError:
        return ""
