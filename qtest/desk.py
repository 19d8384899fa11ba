"""One module's work on one machine: what the rooms that write and assemble are handed for it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import gates
from qtest.assembly import Assembly, Coverage
from qtest.config import Config
from qtest.errors import QTestError
from qtest.generate.search.sent import SentSearch
from qtest.generate.writer import Writer
from qtest.languages import LANGUAGES
from qtest.languages.python.extend import UnfitError, bindings, extended, in_classes
from qtest.languages.python.render import locate
from qtest.measure.coverage import of_file, together
from qtest.mutation.batches import even
from qtest.mutation.distinct import Distinct, distinct
from qtest.mutation.identity import stable_ids
from qtest.mutation.judge import Case, judge
from qtest.mutation.plan import reach
from qtest.mutation.sampling import spread
from qtest.ports import Executor, Formatter, Gate, Generator
from qtest.proof import Proof
from qtest.records.baseline import ProjectBaseline, Setting
from qtest.records.case import CallCase
from qtest.records.completion import Payer
from qtest.records.file import TestFile, WrittenFile
from qtest.records.mutant import Mutant
from qtest.records.outcome import Draft, ModuleOutcome
from qtest.records.plan import Brief, Budget
from qtest.workshop import Judged, Workshop

LANGUAGE = LANGUAGES["python"]


@dataclass
class Desk:
    """`ground` is the baseline of the brief's project, with a setting of this process. Of a module in `judged` the own suite's verdicts
    are known, and no other mutants are worked on. A `writer` is asked for what the search leaves alive, on the account of `payer`."""

    executor: Executor
    formatter: Formatter
    config: Config
    ground: ProjectBaseline
    judged: Mapping[str, Judged] = field(default_factory=dict)
    writer: Writer | None = None
    payer: Payer = field(default_factory=Payer)
    _mutated: dict[str, Distinct] = field(default_factory=dict)
    _stable: dict[str, str] = field(default_factory=dict)

    def write(self, brief: Brief, allot: Callable[[Brief], Budget]) -> Draft:
        workshop = Workshop(
            generators=self._generators(),
            editor=self.writer.editor(self.config.writer, self.payer) if self.writer else None,
            render=self._render,
            gates=self._gates,
            judge_existing=self._judge_existing,
            allot=allot,
        )
        return workshop.write(brief)

    def _generators(self) -> tuple[Generator, ...]:
        search = SentSearch(self.executor, lambda _: self._setting, self.config.search)
        if self.writer is None:
            return (search,)
        return (search, self.writer.generator(self.config.writer, time.monotonic, self.payer))

    def close(self, brief: Brief, draft: Draft) -> ModuleOutcome:
        return Assembly(render=self._render, gates=self._gates, cover=self._cover).close(brief, draft)

    @property
    def _setting(self) -> Setting:
        if self.ground.setting is None:
            raise QTestError(self.ground.problem)
        return self.ground.setting

    def _render(self, brief: Brief, cases: Sequence[CallCase]) -> TestFile:
        """Laid out by the language, then formatted as the project's own; added to the module of tests that is there, where it takes them."""
        apart = brief.apart
        if brief.host:
            try:
                return self._added(brief, brief.host, cases)
            except UnfitError as error:
                apart = f"{brief.host.path} takes no tests: {error}"
        file = LANGUAGE.render(cases, brief.module.name, brief.test_path, brief.style)
        text = self.formatter.format(file.text, brief.style)
        return file.model_copy(update={"text": text, "tests": locate(text, file.tests), "apart": apart})

    def _added(self, brief: Brief, host: WrittenFile, cases: Sequence[CallCase]) -> TestFile:
        style = brief.style.model_copy(update={"classes": in_classes(host.text)})
        file = LANGUAGE.render(cases, brief.module.name, host.path, style, bindings(host.text))
        text = extended(host.text, self.formatter.format(file.text, style), style.line_length)
        return file.model_copy(update={"text": text, "tests": locate(text, file.tests), "host": host.text})

    def _gates(self, brief: Brief, mutants: Sequence[Mutant]) -> Sequence[Gate]:
        controls = [mutant for mutant in self._distinct(brief).mutants if mutant.control]
        return gates.chain(self.executor, self._setting, (*controls, *mutants), brief.source, self.config.gates)

    def _distinct(self, brief: Brief) -> Distinct:
        """Made once for a module: reading, editing and compiling it takes longer than many a test."""
        if brief.module.name not in self._mutated:
            everything = LANGUAGE.mutate(brief.source, brief.module.path, brief.module.name, self.config.mutate.arid)
            self._stable |= stable_ids(everything, brief.source)
            self._mutated[brief.module.name] = self._chosen(brief, everything)
        return self._mutated[brief.module.name]

    def _chosen(self, brief: Brief, everything: Sequence[Mutant]) -> Distinct:
        known = self.judged.get(brief.module.name)
        if known is None:
            chosen = spread(everything, self.config.gates.mutation.per_module, self.config.seed)
            return distinct(chosen, self._setting, self.executor)
        ids = {verdict.mutant.id for verdict in known.verdicts}
        symbols = {verdict.mutant.symbol for verdict in known.verdicts}
        return Distinct(tuple(one for one in everything if one.id in ids or (one.control and one.symbol in symbols)))

    def _judge_existing(self, brief: Brief) -> Judged:
        """By the tests that passed every time; where there are none, nothing is killed and all is to do."""
        if brief.module.name in self.judged:
            return self.judged[brief.module.name]
        case = Case(
            setting=self._setting,
            suite="existing",
            texts={brief.module.path: brief.source},
            reach=reach(self.ground.suite.measured, self.ground.suite.usable),
            limits=self.config.gates.mutation.limits,
            split=even(self.config.gates.mutation.batch),
        )
        found = self._distinct(brief)
        judgement = judge(case, found.mutants, self.executor)
        verdicts = tuple(one.model_copy(update={"stable": self._stable[one.mutant.id]}) for one in judgement.verdicts)
        return Judged(verdicts, judgement.controls, len(judgement.same_code) + len(found.dropped))

    def _cover(self, brief: Brief, proof: Proof) -> Coverage:
        """Of the module's source: by the existing suite, and by it and the file together."""
        before = of_file(brief.module.path, self.ground.suite.measured.files)
        if proof.file is None:
            return Coverage(before, before)
        found = (file for report in proof.reports for file in report.coverage)
        return Coverage(before, together(before, of_file(brief.module.path, found)))
