"""Logging in by the device flow of OAuth (RFC 8628), as GitHub speaks it: a code to type into a page, and waiting until that is done."""

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qtest.adapters.credentials.tokens import safe
from qtest.errors import CredentialError

SCOPE = "repo"  # to push a branch and open a pull request, also where the repository is private
_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_ANSWER_S = 30.0
_LARGEST = 1 << 16  # bytes of an answer
_SLOWER_S = 5.0
_ENDS = {
    "access_denied": "the login was refused on the page; run `qtest login` again to try once more",
    "expired_token": "the code was not entered in time; run `qtest login` again",
    "incorrect_client_credentials": "the client id is not known there; expected that of an OAuth app, by --client-id",
    "incorrect_device_code": "the server no longer knows the code; run `qtest login` again",
    "device_flow_disabled": "the app does not allow this kind of login; enable Device Flow in its settings, or use --with-token",
    "unsupported_grant_type": "the server does not speak the device flow; use --with-token",
}


@dataclass(frozen=True)
class Code:
    """What the server gave. A person types `user_code` into the page at `page`; times are in seconds."""

    user_code: str
    page: str
    device_code: str = field(repr=False)
    interval_s: float
    expires_s: float


@dataclass(frozen=True)
class DeviceFlow:
    """`server` as for `token_for`; `now` in seconds from any point. Raises CredentialError."""

    server: str
    client_id: str
    now: Callable[[], float]
    sleep: Callable[[float], None]

    def ask(self) -> Code:
        said = self._said("/login/device/code", {"client_id": self.client_id, "scope": SCOPE})
        if "error" in said:
            raise self._ended(str(said["error"]))
        try:
            return Code(
                user_code=str(said["user_code"]),
                page=str(said["verification_uri"]),
                device_code=str(said["device_code"]),
                interval_s=float(said.get("interval", _SLOWER_S)),
                expires_s=float(said["expires_in"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise CredentialError(f"{self.server}: its answer holds no code; is it a GitHub server?") from error

    def wait(self, code: Code) -> str:
        """The token, once the code was entered."""
        interval_s, until = code.interval_s, self.now() + code.expires_s
        asked = {"client_id": self.client_id, "device_code": code.device_code, "grant_type": _GRANT}
        while self.now() + interval_s < until:
            self.sleep(interval_s)
            said = self._said("/login/oauth/access_token", asked)
            if token := said.get("access_token"):
                return str(token)
            error = str(said.get("error"))
            if error == "slow_down":
                interval_s += _SLOWER_S
            elif error != "authorization_pending":
                raise self._ended(error)
        raise self._ended("expired_token")

    def _ended(self, error: str) -> CredentialError:
        return CredentialError(f"{self.server}: {_ENDS.get(error, f'the login failed ({error[:100]})')}")

    def _said(self, path: str, fields: Mapping[str, str]) -> dict[str, Any]:
        if not safe(self.server):
            raise CredentialError(f"{self.server}: is no safe way to log in; expected https")
        request = urllib.request.Request(  # noqa: S310 - of our own making, see above
            self.server + path,
            urllib.parse.urlencode(fields).encode(),
            {"Accept": "application/json", "User-Agent": "qtest"},
        )
        try:
            with urllib.request.urlopen(request, timeout=_ANSWER_S) as answer:  # noqa: S310
                found = json.loads(answer.read(_LARGEST))
        except urllib.error.HTTPError as error:
            with error:
                return _refusal(error)
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise CredentialError(
                f"{self.server}: cannot be reached ({reason}); check the host and the network"
            ) from error
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise CredentialError(f"{self.server}: its answer cannot be read; is it a GitHub server?")
        return found


def _refusal(error: urllib.error.HTTPError) -> dict[str, Any]:
    """GitHub answers 200 to a refusal, RFC 8628 asks for 400. A server in trouble wants us to come back later."""
    if error.code == 429 or error.code >= 500:
        return {"error": "slow_down"}
    if error.code == 404:
        return {"error": "incorrect_client_credentials"}
    try:
        told = json.loads(error.read(_LARGEST))
    except ValueError:
        told = None
    said = told.get("error") if isinstance(told, dict) else None
    return {"error": str(said or f"HTTP {error.code}")}
