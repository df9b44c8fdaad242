"""Amounts as people type them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.money import (
    AmbiguousAmount,
    AmountTooLong,
    InvalidAmount,
    NegativeAmount,
    TooManyDecimals,
    format_amount,
    minor_units,
    parse_amount,
    round_down,
    round_money,
)

amounts = st.integers(0, 10**15 - 1).map(lambda cents: Decimal(cents).scaleb(-2))


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("250000", "250000"),
        ("250000.5", "250000.50"),
        ("250,000.00", "250000"),
        ("250.000,00", "250000"),
        ("250 000", "250000"),
        ("250\u00a0000,50", "250000.50"),
        ("1'000.50", "1000.50"),
        ("1\u2019000", "1000"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("1.234.567,8", "1234567.80"),
        ("1,5", "1.5"),
        ("1234,56", "1234.56"),
        ("0", "0"),
        ("0.5", "0.50"),
        (" 42 ", "42"),
        ("２５０，０００．００", "250000"),
        ("２５０\u3000０００", "250000"),
    ],
)
def test_an_amount_is_read_as_it_is_written_around_the_world(typed: str, amount: str) -> None:
    assert parse_amount(typed) == Decimal(amount)


@pytest.mark.parametrize(
    ("typed", "readings"),
    [
        ("1.234", ("1234", "1.234")),
        ("1,234", ("1234", "1.234")),
        ("250,000", ("250000", "250.000")),
        ("12,34,5", ("12345", "1234.5")),
        ("1,234,56", ("123456", "1234.56")),
        ("1.2.3", ("123", "12.3")),
        ("１，２３４", ("1234", "1.234")),
    ],
)
def test_an_ambiguous_amount_is_asked_back_with_both_readings(typed: str, readings: tuple[str, str]) -> None:
    with pytest.raises(AmbiguousAmount) as error:
        parse_amount(typed)
    assert error.value.readings == tuple(map(Decimal, readings))
    grouped = f"{Decimal(readings[0]):,f}".replace(",", " ")
    assert f" can mean {grouped} or " in str(error.value)


def test_readings_of_an_ambiguous_amount_are_themselves_plain() -> None:
    with pytest.raises(AmbiguousAmount, match=r"can mean 250 000 or 250\.00; write"):
        parse_amount("250.000")


@pytest.mark.parametrize("typed", ["-5", "- 250,000.00", "(100)", "−7", "100-", "-1e5"])
def test_a_negative_amount_is_refused_as_negative(typed: str) -> None:
    with pytest.raises(NegativeAmount, match="negative"):
        parse_amount(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "NaN",
        "Infinity",
        "1e5",
        "1E+5",
        "0x10",
        "abc",
        "12 34",
        "1 2",
        "5.",
        ".5",
        ",",
        "1..5",
        "+5",
        "EUR 5",
        "5%",
        "1 234.567,8",
        "1,234 567",
        "12,34,567.89",
        "1_000",
        "٢٥٠",
        "½",
        "²",
        "1\n2",
        "1;DROP",
        "1,000.00.00",
        "1'0'0",
        "0 000",
    ],
)
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(InvalidAmount) as error:
        parse_amount(typed)
    assert not isinstance(error.value, AmbiguousAmount)


def test_more_digits_than_the_books_hold_are_refused() -> None:
    assert parse_amount("9" * 15) == 10**15 - 1
    with pytest.raises(AmountTooLong, match="15 digits"):
        parse_amount("9" * 16)
    with pytest.raises(InvalidAmount) as error:
        parse_amount("9" * 100_000)
    assert len(str(error.value)) < 120


def test_fractions_of_the_smallest_unit_are_refused() -> None:
    with pytest.raises(TooManyDecimals, match="3 decimals; at most 2"):
        parse_amount("1234.567")
    with pytest.raises(TooManyDecimals):
        parse_amount("0.500")
    with pytest.raises(TooManyDecimals, match="at most 0"):
        parse_amount("1000.50", decimals=minor_units("JPY"))


@given(amounts)
def test_what_is_formatted_is_read_back_unless_it_is_ambiguous(amount: Decimal) -> None:
    assert parse_amount(format_amount(amount)) == amount
    assert parse_amount(f"{amount:f}") == amount


@given(amounts, st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", "."), ("\u202f", ",")]))
def test_every_way_of_grouping_gives_the_same_amount(amount: Decimal, marks: tuple[str, str]) -> None:
    group, point = marks
    typed = f"{amount:,.2f}".replace(",", "G").replace(".", point).replace("G", group)
    assert parse_amount(typed) == amount


@given(st.text(max_size=20))
def test_any_text_gives_an_amount_or_one_sentence(text: str) -> None:
    try:
        amount = parse_amount(text)
    except InvalidAmount as error:
        sentence: str | None = str(error)
    else:
        sentence = None
        assert amount.is_finite()
        assert amount >= 0
    assert sentence is None or sentence.endswith(".")


@given(st.decimals(0, 10**12, places=2), st.sampled_from([Decimal(10), Decimal(100), Decimal("0.5")]))
def test_rounding_down_never_grants_more_and_loses_less_than_a_step(amount: Decimal, step: Decimal) -> None:
    rounded = round_down(amount, step)
    assert rounded <= amount < rounded + step
    assert rounded % step == 0


def test_money_is_rounded_half_up_to_the_currencys_smallest_unit() -> None:
    assert round_money(Decimal("2.345")) == Decimal("2.35")
    assert round_money(Decimal("2.5"), minor_units("JPY")) == 3
    assert str(round_money(Decimal("-0.001"))) == "0.00"
    assert [minor_units(code) for code in ("JPY", "EUR", "KWD")] == [0, 2, 3]


def test_an_amount_is_written_with_groups_and_its_currency() -> None:
    assert format_amount(Decimal(250000), "EUR") == "EUR 250,000.00"
    assert format_amount(Decimal("1234567.891"), "JPY") == "JPY 1,234,568"
    assert format_amount(Decimal("0.5")) == "0.50"


def test_a_rounding_step_of_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="above zero"):
        round_down(Decimal(1), Decimal(0))
