"""What every record has in common: frozen, strict, and named by the digest of what it holds."""

import hashlib
import json
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict


def digest_of(data: bytes | str) -> str:
    """The SHA-256 of the bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data).hexdigest()


class Record(BaseModel):
    """A noun of the trade: immutable, picklable, read from and written to JSON by its fields alone."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_inf_nan="strings", ser_json_bytes="base64", val_json_bytes="base64"
    )
    __test__: ClassVar[bool] = False

    def to_json(self) -> str:
        """ASCII, so that lone surrogates survive: pydantic's own writer refuses them."""
        data: Any = self.model_dump(mode="json")
        return json.dumps(data, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Raises pydantic.ValidationError, or json.JSONDecodeError."""
        return cls.model_validate(json.loads(text))

    @property
    def digest(self) -> str:
        """SHA-256 of the record's JSON; computed on demand."""
        return digest_of(self.to_json())
