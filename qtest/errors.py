"""The error family: one class for each way a run can end badly, and one place where foreign errors are translated."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_LOGIN = re.compile(r"(?<=://)[^/\s]*@")


class QTestError(Exception):
    """Something is wrong that the person at the terminal can read about in one line."""

    exit_code = 3


class UsageError(QTestError):
    """The user's mistake: the message names the thing, what was expected and what to do."""

    exit_code = 2


class FetchError(UsageError):
    """A package or folder that was asked for cannot be had."""


class CredentialError(UsageError):
    """A token or the key it is kept with cannot be had, or was refused. Never holds one."""


class LedgerError(QTestError):
    """What is remembered cannot be read or written: held by another process, of a newer version, half written, or the disk is full."""


class LedgerHeld(LedgerError):
    """Another process has it open, and may soon end."""


class ClusterError(QTestError):
    """The Ray cluster cannot be had, or is not one that we can work on."""


class TargetEnvironmentError(UsageError):
    """No interpreter with the target's dependencies can be made."""


class ForgeError(QTestError):
    """The service that holds the repository, such as GitHub, cannot be had now: it is down, or we ask too much of it."""


class ForgeRefused(ForgeError):
    """It will not do as asked, however often: the message says what would have to change."""

    exit_code = 2


class CompletionError(QTestError):
    """No model gives an answer now: the message says who was asked and what each said."""


class BudgetSpent(CompletionError):
    """A hard limit on tokens, money or GPU time stands in the way; the message says whose and which."""


class SandboxError(QTestError):
    """The sandbox cannot be had, or broke: nothing was run outside of it."""


class WorkerLost(QTestError):
    """A warm process died, hung or spoke nonsense; `culprit` names the item it was working on, if known."""

    def __init__(self, message: str, culprit: str = "") -> None:
        super().__init__(message)
        self.culprit = culprit


class UnspokenError(QTestError):
    """A case needs a kind of value or expectation that the language does not speak."""


class ControlFailed(QTestError):
    """One of our own controls gave the wrong answer, so no verdict of this module may be believed."""


@contextmanager
def translate(family: Mapping[type[BaseException], type[QTestError]]) -> Iterator[None]:
    """Turn foreign exceptions into ours at the border where they enter; the cause is kept."""
    try:
        yield
    except tuple(family) as error:
        ours = next(family[kind] for kind in type(error).__mro__ if kind in family)
        raise ours(f"{type(error).__name__}: {error}") from error


def without_logins(text: str) -> str:
    """The text without the `user:password@` of addresses, before anybody sees it."""
    return _LOGIN.sub("", text)
