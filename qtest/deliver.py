"""From a run's report to pull requests: looked for before they are made, so that doing it again changes nothing that stands."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from qtest.config import PullSettings
from qtest.errors import ForgeError, ForgeRefused
from qtest.ports import Branches, Forge
from qtest.proposals import Text, Wanted, everything, mark, proposals
from qtest.records.delivery import AUTHOR, Delivered, Place, Proposal, PullRequest, Since
from qtest.records.file import WrittenFile
from qtest.records.report import RunReport

Read = Callable[[str], str]  # a file of the repository, as it was when the run began; empty where there is none
Beside = Callable[[RunReport, Read], Sequence[WrittenFile]]


def nothing(part: RunReport, read: Read) -> Sequence[WrittenFile]:
    return ()


@dataclass(frozen=True)
class Delivery:
    """`wanted` says which tests may be proposed at all, `beside` what goes with the tests of
    one pull request, given the report of its modules alone."""

    forge: Forge
    branches: Branches
    text: Text
    wanted: Wanted = everything
    beside: Beside = nothing

    def ready(self, wish: PullSettings) -> tuple[str, str]:
        """The branch to be merged into, and its tip; asked before any work is done. Raises ForgeError, ForgeRefused."""
        hosted = self.forge.hosted()
        if hosted.archived:
            raise ForgeRefused(f"{hosted.name}: is archived, which is read-only; unarchive it, or give a fork of it")
        base = wish.base or hosted.default_branch
        return base, self.forge.tip(base)

    def deliver(self, report: RunReport, wish: PullSettings) -> Iterator[Delivered]:
        """In the order of the plan. What was delivered before an error stands, and is found by a second try."""
        base, tip = self.ready(wish)
        commit = report.revision.sha256
        since = self.forge.since(commit, tip)
        made = proposals(report, self.text, self.wanted, self._besides, wish.lines)
        _check_base(base, commit, since, made)
        if not made:
            return
        place = self.forge.place()
        known = self.forge.pulls(base, place)
        matched = self._matched(made, [pull for pull in known if pull.state == "open"])
        room = wish.most - sum(1 for pull in known if pull.state == "open")
        for proposal in made:
            pull = matched.get(proposal.branch)
            if pull:
                yield self._update(place, proposal, pull)
            elif ended := _ended(proposal, known):
                yield ended
            elif room <= 0:
                yield Delivered(how="waiting", modules=proposal.modules)
            else:
                room -= 1
                yield self._open(place, base, proposal, wish.draft)

    def _besides(self, part: RunReport) -> Sequence[WrittenFile]:
        return self.beside(part, lambda path: self.forge.read(path, part.revision.sha256))

    def _matched(self, made: Sequence[Proposal], opened: Sequence[PullRequest]) -> dict[str, PullRequest]:
        """By branch of the proposal: the open one from there, else one that changes the same files."""
        found = {pull.branch: pull for pull in opened if any(pull.branch == proposal.branch for proposal in made)}
        free = [pull for pull in opened if pull.branch not in found]
        changed = {pull.number: frozenset(self.forge.paths(pull.number)) for pull in free}
        for proposal in made:
            near = [pull for pull in free if changed[pull.number] & proposal.tests]
            if proposal.branch not in found and near:
                found[proposal.branch] = max(
                    near, key=lambda pull: (len(changed[pull.number] & proposal.tests), -pull.number)
                )
                free.remove(found[proposal.branch])
        return found

    def _update(self, place: Place, proposal: Proposal, pull: PullRequest) -> Delivered:
        """What others have committed to its branch is theirs: it is not written over."""
        if set(self.forge.committers(pull.number)) - {AUTHOR}:
            return Delivered(how="left", modules=proposal.modules, address=pull.address)
        made = self.branches.push(place, proposal.change, pull.branch, over=pull.sha)
        if made == pull.sha and mark(proposal.content) in pull.body:
            return Delivered(how="unchanged", modules=proposal.modules, address=pull.address)
        self.forge.edit(pull.number, proposal.text)
        return Delivered(how="updated", modules=proposal.modules, address=pull.address)

    def _open(self, place: Place, base: str, proposal: Proposal, draft: bool) -> Delivered:
        """A branch without a pull request is taken away again, whatever went wrong."""
        made = self.branches.push(place, proposal.change, proposal.branch, over="")
        try:
            pull = self._opened(place, base, proposal, draft)
        except BaseException:
            with suppress(ForgeError):
                self.branches.remove(place, proposal.branch, made)
            raise
        return Delivered(how="opened", modules=proposal.modules, address=pull.address)

    def _opened(self, place: Place, base: str, proposal: Proposal, draft: bool) -> PullRequest:
        try:
            return self.forge.open(base, place, proposal.branch, proposal.text, draft=draft)
        except ForgeError:
            with suppress(ForgeError):  # the answer may be what was lost
                for pull in self.forge.pulls(base, place):
                    if pull.state == "open" and pull.branch == proposal.branch:
                        return pull
            raise


def _ended(proposal: Proposal, known: Sequence[PullRequest]) -> Delivered | None:
    """Merged as it is; or closed by somebody who did not want it, wherever it was based."""
    for pull in known:
        if pull.state == "merged" and pull.branch == proposal.branch:
            return Delivered(how="merged", modules=proposal.modules, address=pull.address)
        if pull.state == "closed" and mark(proposal.content) in pull.body:
            return Delivered(how="declined", modules=proposal.modules, address=pull.address)
    return None


def _check_base(base: str, commit: str, since: Since, made: Sequence[Proposal]) -> None:
    if not since.holds:
        raise ForgeRefused(
            f"{base}: does not hold {commit[:12]}, which the tests were made from (it was rewritten, or another branch was meant); "
            "run again, or name another with --base"
        )
    both = sorted(set(since.paths) & {file.path for proposal in made for file in proposal.change.files})
    if both:
        raise ForgeRefused(f"{base}: has moved meanwhile, and {both[0]} with it; run again, from what stands there now")
