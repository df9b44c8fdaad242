"""Late interest: the figures of the design, the law of each jurisdiction, and a count day by day that agrees."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.interest_policy import InterestPolicy, NoRate, NoRule
from credit_app.domain.late_interest import Agreed, Item, interest
from tests.domain.policies import VALUES, changed

POLICY = InterestPolicy.from_policy(VALUES)
DUE = date(2025, 6, 30)


def item(amount: str = "5000", due: date = DUE, currency: str = "GBP", **values: Any) -> Item:
    return Item(due, currency, [(due - timedelta(days=30), Decimal(amount))], **values)


def test_the_design_s_figure_of_a_british_debt() -> None:
    found = interest(POLICY, "uk", item(), DUE + timedelta(days=101))
    assert (found.amount, found.days, found.from_on) == (Decimal("169.49"), 101, date(2025, 7, 1))
    (segment,) = found.segments
    # Bank Rate of 30 June, the eve of the half-year in which the debt fell into default, and it stays.
    assert (segment.rate, segment.why.reference_rate, segment.why.fixed_on) == (
        Decimal("12.25"), Decimal("4.25"), date(2025, 6, 30),
    )  # fmt: skip
    # Bank Rate was cut in August and again in December: a debt of the next half-year has the rate of its own eve.
    assert interest(POLICY, "uk", item(due=date(2025, 12, 31)), date(2026, 3, 1)).segments[0].rate == Decimal(
        "11.75"
    )


def test_a_payment_counts_from_the_next_day_and_a_correction_too() -> None:
    paid = Item(
        DUE, "GBP",
        [(date(2025, 6, 1), Decimal(5000)), (DUE + timedelta(days=10), Decimal(-2000)),
         (DUE + timedelta(days=20), Decimal(-3000)), (DUE + timedelta(days=30), Decimal(1000))],
    )  # fmt: skip
    found = interest(POLICY, "uk", paid, DUE + timedelta(days=40))
    assert [(one.days, one.open_amount) for one in found.segments] == [(10, 5000), (10, 3000), (10, 1000)]
    assert found.amount == Decimal("30.21")  # (50 000 + 30 000 + 10 000) x 12.25 % / 365, rounded once
    assert interest(POLICY, "uk", item(), DUE).amount == 0, "on the due date nothing is late"


def test_the_european_rate_follows_the_reference_rate_of_each_half_year() -> None:
    found = interest(POLICY, "eu", item(due=date(2024, 5, 31), currency="EUR"), date(2025, 7, 31))
    assert [(one.from_on, one.rate) for one in found.segments] == [
        (date(2024, 6, 1), Decimal("12.50")),
        (date(2024, 7, 1), Decimal("12.25")),
        (date(2025, 1, 1), Decimal("11.15")),
        (date(2025, 7, 1), Decimal("10.15")),
    ]


def test_fees_go_by_the_size_of_the_debt() -> None:
    british, european = (POLICY.rule(name, DUE) for name in ("uk", "eu"))
    debts = ("999.99", "1000", "9999.99", "10000")
    assert [british.fee(Decimal(debt)) for debt in debts] == [40, 70, 70, 100]
    assert (european.fee(Decimal(1)), european.fee_currency, british.fee_currency) == (40, "EUR", "GBP")
    assert POLICY.rule("eu", date(2012, 12, 31)).fee(Decimal(1)) == 0, "before the directive of 2011 none"


@pytest.mark.parametrize(
    ("agreed", "annual", "basis"),
    [
        (Agreed(), "3.90", "factor"),  # LPR 3.00 at the breach x 1.3
        (Agreed(Decimal(8)), "8", "agreed"),
        (Agreed(Decimal(2)), "2", "agreed"),
        (Agreed(Decimal(2), small=True), "3.00", "agreed"),  # not below LPR
        (Agreed(Decimal(8), small=True), "8", "agreed"),
        (Agreed(None, small=True), "18.25", "small"),  # 0.05 % a day
    ],
)
def test_chinese_debts_by_agreement_or_by_lpr(agreed: Agreed, annual: str, basis: str) -> None:
    found = interest(POLICY, "china", item(currency="CNY", agreed=agreed), DUE + timedelta(days=10))
    assert (found.segments[0].rate, found.segments[0].why.basis) == (Decimal(annual), basis)


def test_elsewhere_a_rate_of_the_policy_and_no_fee() -> None:
    assert POLICY.jurisdiction("US") == POLICY.jurisdiction(None) == "elsewhere"
    assert interest(POLICY, "elsewhere", item("3650"), DUE + timedelta(days=100)).amount == 50
    assert POLICY.rule("elsewhere", DUE).fees == []


def test_a_missing_rate_or_rule_is_named_with_its_day() -> None:
    stale = InterestPolicy.from_policy(changed(interest__bank_rate={"2020-01-02": "0.75"}))
    with pytest.raises(NoRate, match="“bank_rate” for 2025-06-30"):
        interest(stale, "uk", item(), DUE + timedelta(days=1))
    with pytest.raises(NoRule, match="“china” has no rule of late interest for 2011-03-02"):
        interest(POLICY, "china", item(due=date(2011, 3, 1)), DUE)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(-90_000, 90_000)), max_size=8),
    st.integers(0, 400),
    st.sampled_from(["uk", "eu", "china", "elsewhere"]),
    st.integers(0, 90),
)
def test_interest_is_what_a_count_of_each_day_says(
    steps: list[tuple[int, int]], days: int, jurisdiction: str, terms: int
) -> None:
    """Each day by itself: what its beginning found open, at its own rate; and two parts are the whole."""
    issued = date(2024, 3, 1)
    entries, still_open = [(issued, Decimal("900.00"))], Decimal("900.00")
    for after, cents in sorted(steps):
        amount = max(Decimal(cents) / 100, -still_open)
        entries.append((issued + timedelta(days=after), amount))
        still_open += amount
    debt = Item(issued + timedelta(days=terms), "EUR", entries)
    as_of = issued + timedelta(days=days)
    found = interest(POLICY, jurisdiction, debt, as_of)
    rule = POLICY.rule(jurisdiction, debt.first_day)
    total, day = Decimal(0), debt.first_day
    while day <= as_of:
        opened = sum((amount for on, amount in entries if on < day), Decimal(0))
        total += opened * POLICY.rate(rule, debt.first_day, day).annual
        day += timedelta(days=1)
    assert found.amount == (total / 36500).quantize(Decimal("0.01"), ROUND_HALF_UP)
    middle = debt.first_day + timedelta(days=40)
    rest = interest(POLICY, jurisdiction, Item(debt.due_date, "EUR", entries, begins=middle), as_of)
    first = interest(POLICY, jurisdiction, debt, min(as_of, middle - timedelta(days=1)))
    whole = sum(one.product for one in found.segments)
    assert sum(one.product for one in [*first.segments, *rest.segments]) == whole


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("jurisdictions", {"eu": []}),
        ("jurisdictions", {"eu": [{"from": "soon", "rate": "5"}]}),
        ("jurisdictions", {"eu": [{"from": "2020-01-01"}]}),
        ("jurisdictions", {"eu": [{"from": "2020-01-01", "rate": "-5"}]}),
        ("jurisdictions", {"eu": [{"from": "2020-01-01", "reference": "libor", "points": "8"}]}),
        ("jurisdictions", {"eu": [{"from": "2020-01-01", "reference": "lpr", "points": "8", "factor": "2"}]}),
        ("jurisdictions", {"eu": [{"from": "2020-01-01", "rate": "5", "fees": [["9", "40"]], "fee_currency": "EUR"}]}),
        ("jurisdictions", {"eu": [{"from": "2020-01-01", "rate": "5", "fees": 7, "fee_currency": "EUR"}]}),
        ("jurisdictions", {"eu": [{"from": "2020-01-01", "rate": "5", "fees": [[None, "40"]]}]}),
        ("countries", {"DE": "atlantis"}),
        ("bank_rate", {"yesterday": "4"}),
        ("lpr", {"2025-05-20": "300"}),
        ("confirmed_days", 0),
    ],
)  # fmt: skip
def test_a_policy_that_is_no_law_is_refused(key: str, value: object) -> None:
    with pytest.raises(InvalidPolicy, match="interest"):
        InterestPolicy.from_policy(changed(**{f"interest__{key}": value}))
