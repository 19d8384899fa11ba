"""What an answer costs, by tokens and by GPU time."""

from serve.prices import FREE, Price


def test_tokens_and_gpu_time_add_up() -> None:
    price = Price(input_usd_per_million=2.0, output_usd_per_million=10.0, usd_per_gpu_hour=3.6)
    assert price.usd(1_000_000, 500_000, 1_000.0) == 2.0 + 5.0 + 1.0


def test_what_has_no_price_costs_nothing() -> None:
    assert (FREE.usd(10**6, 10**6, 10.0), FREE.gpu_s(10**6)) == (0.0, 0.0)


def test_gpu_time_is_set_aside_by_tokens() -> None:
    assert Price(gpu_s_per_thousand=1.5).gpu_s(2_000) == 3.0
