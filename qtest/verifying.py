"""One run of `qtest verify`: the proof and the code as they lie in folders, file by file, side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qtest.adapters.inline import in_order
from qtest.adapters.prooffile import text_of
from qtest.config import Config
from qtest.errors import UsageError
from qtest.languages.python.source import decoded
from qtest.memory import Memory, NoLedger
from qtest.model.projects import project_of
from qtest.records.baseline import Setting
from qtest.records.proof import ProofFile, ProvenFile
from qtest.records.source import Project, RawSourceBundle, Repository
from qtest.records.system import SystemModel
from qtest.records.verified import CheckedTest
from qtest.stages import Made, Stages
from qtest.verify import Standing, verify
from qtest.wiring import House, workers


@dataclass
class Ground:
    """The code that shipped tests are of, ready to be run: `tests` is the folder that they and their proof lie in."""

    house: House
    config: Config
    tests: Path
    stages: Stages
    repository: Repository
    bundle: Made[RawSourceBundle]
    _settings: dict[str, Setting] = field(default_factory=dict)

    @classmethod
    def of(cls, house: House, config: Config, tests: Path) -> "Ground":
        stages = Stages(house, config, Memory(NoLedger(), house.store, "", lambda: 0))
        repository = house.fetcher.fetch(config.target.repository)
        return cls(house, config, tests, stages, repository, stages.ingest(repository))

    def setting(self, file: ProvenFile) -> Setting:
        """Raises QTestError when there is no environment for its project."""
        project = self._project(file)
        if project.root not in self._settings:
            self._settings[project.root] = self.stages.setting(self.bundle, project, self.repository.folder)
        return self._settings[project.root]

    def standing(self, file: ProvenFile) -> Standing:
        return Standing(file, text_of(self.tests / file.path), self.sources(file))

    def sources(self, file: ProvenFile) -> dict[str, str]:
        """By path, those that its mutants are of."""
        paths = {kill.path for test in file.tests for kill in test.kills}
        return {path: text for path in sorted(paths) if (text := self.source(path)) is not None}

    def source(self, path: str) -> str | None:
        found = self.bundle.what.file(path)
        try:
            return decoded(self.house.store.get(found.sha256)) if found else None
        except SyntaxError:
            return ""

    def model(self) -> SystemModel:
        return self.stages.model(self.bundle.what).what

    def _project(self, file: ProvenFile) -> Project:
        owner = project_of(file.source, self.bundle.what.projects) or project_of(file.path, self.bundle.what.projects)
        if owner is None:
            raise UsageError(f"{file.source}: belongs to no project of {self.config.target.repository}")
        return owner


def verified(ground: Ground, proof: ProofFile, listen: Callable[[str], None]) -> tuple[CheckedTest, ...]:
    """Raises QTestError."""
    for file in proof.files:
        if file.language != "python":
            raise UsageError(f"{file.path}: is written in {file.language}, which this QTest cannot run")
        ground.setting(file)

    def checked(file: ProvenFile) -> Sequence[CheckedTest]:
        listen(f"{file.path}: {len(file.tests)} tests, {sum(len(test.kills) for test in file.tests)} mutants")
        settings = ground.config.gates.mutation
        return verify(ground.standing(file), ground.setting(file), ground.house.executor, settings)

    done = in_order(checked, proof.files, workers(ground.house.sandbox))
    return tuple(test for tests in done for test in tests)
