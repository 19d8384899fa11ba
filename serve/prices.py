"""What an answer costs: money by tokens where a cloud answers, GPU time where we do."""

from typing import Annotated

from pydantic import Field

from qtest.records.record import Record

NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Price(Record):
    """`gpu_s_per_thousand` is only what is set aside before the GPU seconds of an answer are known."""

    input_usd_per_million: NotNegative = 0.0
    output_usd_per_million: NotNegative = 0.0
    usd_per_gpu_hour: NotNegative = 0.0
    gpu_s_per_thousand: NotNegative = 0.0

    def usd(self, input_tokens: int, output_tokens: int, gpu_s: float) -> float:
        by_token = input_tokens * self.input_usd_per_million + output_tokens * self.output_usd_per_million
        return by_token / 1_000_000 + gpu_s / 3600 * self.usd_per_gpu_hour

    def gpu_s(self, tokens: int) -> float:
        return tokens / 1000 * self.gpu_s_per_thousand


FREE = Price()
