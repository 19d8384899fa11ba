"""What a tier of our own is made of: a model, the GPUs it is pinned to, and how many of it there are."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from qtest.records.record import Record
from serve.prices import Price

Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0, le=1)]


class Autoscaling(Record):
    """Replicas between two numbers, by how many requests each has in flight. `min_replicas: 0` gives the GPUs back when nobody asks."""

    min_replicas: Annotated[int, Field(ge=0)] = 1
    max_replicas: Count = 1
    target_in_flight: Annotated[float, Field(gt=0)] = 8.0
    downscale_delay_s: Seconds = 600.0

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min_replicas > self.max_replicas:
            raise PydanticCustomError("replicas", "min_replicas should be at most max_replicas")
        return self


class TierSettings(Record):
    """One deployment. `model` is a folder, or a name on Hugging Face, which needs the `revision` that it is pinned to. `gpus` is 0 on a CPU.

    Each replica has `gpus`; `tensor_parallel` of them share out every layer, and what is more than that shares out the layers.
    `fraction` is the share of one GPU that a replica takes, so that small models may live side by side. `in_flight` is how many requests
    a replica works on at once; more wait, `queue` of them at most, and what comes then is told to go elsewhere. `cache_mb` is memory for
    attention on a CPU; on a GPU it is what the model leaves of the replica's share."""

    model: Annotated[str, Field(min_length=1)]
    revision: str = ""
    gpus: Annotated[int, Field(ge=0)] = 1
    cpus: Annotated[float, Field(ge=0)] = 1.0
    tensor_parallel: Count = 1
    accelerator: str = ""
    fraction: Share = 1.0
    replicas: Count = 1
    autoscaling: Autoscaling | None = None
    max_length: Count = 32_768
    max_output: Count = 4_096
    in_flight: Count = 32
    queue: Annotated[int, Field(ge=0)] = 64
    cache_mb: Count = 512
    try_s: Seconds = 120.0
    price: Price = Price()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.gpus == 0 and (self.accelerator or self.fraction < 1):
            raise PydanticCustomError("gpus", "accelerator and fraction are of GPUs, and gpus is 0")
        if self.gpus and self.gpus % self.tensor_parallel:
            raise PydanticCustomError("gpus", "gpus should be a multiple of tensor_parallel")
        if self.fraction < 1 and self.gpus > 1:
            raise PydanticCustomError("fraction", "a fraction below 1 is of a single GPU, and gpus is more than 1")
        if self.max_output >= self.max_length:
            raise PydanticCustomError("max_output", "max_output should be below max_length, which holds the prompt too")
        if not self.revision and not self.is_folder:
            raise PydanticCustomError("revision", "a model that is no folder needs the revision it is pinned to")
        return self

    @property
    def is_folder(self) -> bool:
        return self.model.startswith(("/", "./", "../", "~"))

    @property
    def gpus_taken(self) -> float:
        """By one replica, of one node."""
        return self.gpus * self.fraction
