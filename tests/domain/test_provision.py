"""Provisions: the loss rates of the design, and a movement that ties whatever happened."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.provision import (
    MonthNotOver,
    NoMonthEnd,
    ProvisionPolicy,
    check_month,
    expected_loss,
    historic_rates,
    last_month_end,
    months_between,
    movement,
    total_of,
)
from credit_app.domain.waiver import AboveAuthority, AboveEverybody, authority, bands_from_policy
from credit_app.domain.write_off import WriteOffPolicy
from tests.domain.policies import VALUES, changed

POLICY = ProvisionPolicy.from_policy(VALUES)
cents = st.decimals(min_value=0, max_value=10**9, places=2)


def test_the_historic_rates_of_the_design() -> None:
    unpaid = [Decimal(100_000), Decimal(80_000), Decimal(45_000), Decimal(15_000), Decimal(0)]
    rates = historic_rates(unpaid, Decimal(3_000))
    assert [rate if rate is None else round(rate * 100, 2) for rate in rates] == [
        3, Decimal("3.75"), Decimal("6.67"), 20, None,
    ]  # fmt: skip


def test_a_balance_loses_its_rate_times_the_factor_and_never_more_than_itself() -> None:
    assert POLICY.rate("high", 2) == (Decimal("0.08"), Decimal("1.1"))
    assert POLICY.rate("DE", 99) == (Decimal(1), Decimal("1.0")), "others, and older than the last rate"
    assert expected_loss(Decimal("1234.56"), Decimal("0.08"), Decimal("1.1")) == Decimal("108.64")
    assert expected_loss(Decimal(100), Decimal(1), Decimal("1.1")) == 100


amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=6)


@given(st.lists(st.tuples(cents, cents, cents, cents, amounts), min_size=1, max_size=5))
def test_a_movement_ties_whatever_happened(rows: list[tuple[Decimal, ...]]) -> None:
    found = [movement(*row) for row in rows]
    assert all(one.ties and one.charge >= 0 and one.reversal >= 0 for one in found)
    assert all(one.charge == 0 or one.reversal == 0 for one in found)
    total = total_of(found)
    assert total.ties
    assert total.closing == sum(one.closing for one in found)


def test_months_are_run_in_order_and_none_is_left_out() -> None:
    assert last_month_end(date(2026, 3, 1)) == date(2026, 2, 28)
    assert months_between(date(2025, 11, 30), date(2026, 2, 28)) == [
        date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28),
    ]  # fmt: skip
    assert months_between(None, date(2026, 2, 28)) == [date(2026, 2, 28)]
    assert months_between(date(2026, 2, 28), date(2026, 2, 28)) == []
    with pytest.raises(NoMonthEnd):
        check_month(date(2026, 2, 27), date(2026, 3, 10))
    with pytest.raises(MonthNotOver, match="2026-02-28"):
        check_month(date(2026, 3, 31), date(2026, 3, 31))


def test_waivers_go_to_the_lowest_role_that_may() -> None:
    bands = bands_from_policy(VALUES)
    assert authority(bands, ["collector", "credit_manager"], Decimal(100), "EUR") == "collector"
    assert authority(bands, ["collector", "credit_manager"], Decimal(101), "EUR") == "credit_manager"
    with pytest.raises(AboveAuthority, match="more than you may waive, 100; ask “finance_director”"):
        authority(bands, ["collector"], Decimal(5001), "EUR")
    with pytest.raises(AboveEverybody):
        authority(bands, ["finance_director"], Decimal(10**7), "EUR")


def test_write_offs_go_to_the_level_whose_band_holds_them() -> None:
    policy = WriteOffPolicy.from_policy(VALUES)
    levels = [policy.level(Decimal(total)) for total in (10_000, 10_001, 100_001, 10**12)]
    assert levels == ["credit_manager", "finance_director", "cfo", "cfo"]
    assert policy.levels_from("finance_director") == ("finance_director", "cfo")
    assert policy.lacks("insolvency", 1, 0, Decimal(10**6)) == ()
    assert [one.code for one in policy.lacks("small_amount", 0, 89, Decimal(201))] == [
        "write_off.days", "write_off.most",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("provision__segment", "colour"),
        ("provision__loss_rates", {"low": ["0.1"]}),
        ("provision__loss_rates", {"other": ["0.2", "0.1"]}),
        ("provision__loss_rates", {"other": ["2"]}),
        ("provision__loss_rates", {"other": []}),
        ("provision__factors", {"other": "-1"}),
        ("interest__waive_bands", {"sales_rep": "10"}),
        ("write_off__bands", {"credit_manager": "5", "finance_director": "4", "cfo": "9"}),
        ("write_off__bands", {"cfo": "9"}),
        ("write_off__evidence", {"age": {}}),
        ("write_off__evidence", {**VALUES["write_off.evidence"], "age": {"days": -1}}),
        ("write_off__evidence", {**VALUES["write_off.evidence"], "age": {"tears": 1}}),
    ],
)
def test_a_policy_without_sense_is_refused(key: str, value: object) -> None:
    readers = (ProvisionPolicy.from_policy, WriteOffPolicy.from_policy, bands_from_policy)
    (reader,) = [one for one, name in zip(readers, ("provision", "write_off", "interest"), strict=True) if key.startswith(name)]  # fmt: skip  # noqa: E501
    with pytest.raises(InvalidPolicy, match=key.replace("__", ".")):
        reader(changed(**{key: value}))
