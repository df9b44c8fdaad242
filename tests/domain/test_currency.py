"""Conversions at dated rates."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.currency import MissingRate, OutdatedRate, Rate, convert, find_rate

DAY = date(2026, 3, 10)
RATES = [
    Rate("EUR", "USD", date(2026, 3, 9), Decimal("1.10")),
    Rate("EUR", "USD", date(2026, 3, 2), Decimal("1.20")),
    Rate("EUR", "USD", date(2026, 3, 11), Decimal("9.99")),
    Rate("EUR", "CNY", date(2026, 3, 6), Decimal("7.70")),
    Rate("EUR", "JPY", date(2026, 3, 9), Decimal("160.00")),
]


def test_the_newest_rate_of_the_day_or_before_is_used() -> None:
    assert convert(Decimal(100), RATES, "EUR", "USD", DAY, 7) == Decimal("110.00")
    assert convert(Decimal(100), RATES, "EUR", "USD", date(2026, 3, 8), 7) == Decimal("120.00")


def test_a_rate_serves_in_the_other_direction() -> None:
    assert convert(Decimal(110), RATES, "USD", "EUR", DAY, 7) == Decimal("100.00")
    assert find_rate(RATES, "USD", "EUR", DAY, max_age_days=7).how == "inverse"


def test_a_direct_quote_wins_over_the_inverse_of_the_same_day() -> None:
    rates = [*RATES, Rate("USD", "EUR", date(2026, 3, 9), Decimal("0.90"))]
    assert convert(Decimal(100), rates, "USD", "EUR", DAY, 7) == Decimal("90.00")


def test_two_rates_are_crossed_over_the_base_currency() -> None:
    assert convert(Decimal(110), RATES, "USD", "CNY", DAY, 7, via="EUR") == Decimal("770.00")
    assert find_rate(RATES, "USD", "CNY", DAY, max_age_days=7, via="EUR").day == date(2026, 3, 6)


def test_a_missing_rate_names_the_pair_and_the_day() -> None:
    with pytest.raises(MissingRate, match="from USD to GBP for 2026-03-10"):
        convert(Decimal(1), RATES, "USD", "GBP", DAY, 7, via="EUR")
    with pytest.raises(MissingRate, match="from USD to CNY"):
        convert(Decimal(1), RATES, "USD", "CNY", DAY, 7)


def test_an_outdated_rate_is_not_used_and_says_of_when_it_is() -> None:
    with pytest.raises(OutdatedRate, match="newest is of 2026-03-06, more than 3 days old"):
        convert(Decimal(1), RATES, "EUR", "CNY", DAY, 3)
    with pytest.raises(OutdatedRate):
        convert(Decimal(1), RATES, "USD", "CNY", DAY, 3, via="EUR")


def test_a_rate_of_exactly_the_highest_age_is_still_used() -> None:
    assert convert(Decimal(100), RATES, "EUR", "CNY", DAY, 4) == Decimal("770.00")
    assert convert(Decimal(110), RATES, "USD", "CNY", DAY, 4, via="EUR") == Decimal("770.00")


def test_a_fresh_cross_replaces_an_outdated_rate_of_the_pair() -> None:
    rates = [*RATES, Rate("USD", "CNY", date(2020, 1, 1), Decimal("6.00"))]
    assert convert(Decimal(110), rates, "USD", "CNY", DAY, 7, via="EUR") == Decimal("770.00")


def test_the_same_currency_needs_no_rate() -> None:
    assert convert(Decimal("12.345"), [], "GBP", "GBP", DAY, 0) == Decimal("12.345")


def test_the_result_has_the_smallest_unit_of_its_currency() -> None:
    assert convert(Decimal("1.23"), RATES, "EUR", "JPY", DAY, 7) == Decimal(197)


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity"])
def test_a_rate_is_above_zero(rate: str) -> None:
    with pytest.raises(ValueError, match="not above zero"):
        Rate("EUR", "USD", DAY, Decimal(rate))


@given(st.decimals(1, 10**9, places=2), st.decimals("0.01", 1000, places=4))
def test_there_and_back_loses_less_than_the_rounding(amount: Decimal, rate: Decimal) -> None:
    rates = [Rate("EUR", "USD", DAY, rate)]
    there = convert(amount, rates, "EUR", "USD", DAY, 0)
    back = convert(there, rates, "USD", "EUR", DAY, 0)
    assert abs(back - amount) <= Decimal("0.005") / rate + Decimal("0.005")
