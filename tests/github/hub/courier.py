"""Hands reports over to a repository, as `qtest run --open-pr` does."""

from dataclasses import dataclass
from typing import Any

from qtest.adapters.git.push import GitBranches
from qtest.adapters.github.client import Patience, client
from qtest.adapters.github.forge import GitHubForge
from qtest.config import PullSettings
from qtest.deliver import Beside, Delivery, nothing
from qtest.proposals import Wanted, everything
from qtest.records.delivery import Delivered, PullText
from qtest.records.report import RunReport

QUICK = Patience(tries=2, backoff_s=0.0, secondary_s=0.0, between_writes_s=0.0)


@dataclass
class Courier:
    server: str
    api: str
    name: str
    token: str
    patience: Patience = QUICK

    def deliver(
        self, report: RunReport, wanted: Wanted = everything, beside: Beside = nothing, **wish: Any
    ) -> list[Delivered]:
        """All of it, or what an error says."""
        with client(self.token, self.api, self.patience) as github:
            forge = GitHubForge(github, self.server, self.name, self.token, sleep=lambda seconds: None)
            branches = GitBranches(f"{self.server}/{self.name}.git", self.token, {})
            delivery = Delivery(forge, branches, _text, wanted, beside)
            return list(delivery.deliver(report, PullSettings(**wish)))


def _text(report: RunReport) -> PullText:
    names = ", ".join(module.module for module in report.modules)
    return PullText(title=f"QTest: tests for {names}", body=f"Tests for {names}.")
