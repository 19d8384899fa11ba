"""What every record has in common: frozen, strict, and named by the digest of what it holds."""

import hashlib
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


def digest_of(data: bytes | str) -> str:
    """The SHA-256 of the bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data).hexdigest()


class Record(BaseModel):
    """A noun of the trade: immutable, picklable, read from and written to JSON by its fields alone."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings", ser_json_bytes="base64", val_json_bytes="base64")
    __test__: ClassVar[bool] = False

    @property
    def digest(self) -> str:
        """SHA-256 of the record's JSON; computed on demand."""
        return digest_of(self.model_dump_json())
