"""The room in the company's envelope, and what a customer can carry, out of the tables."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from credit_app.facts.envelope import carrying, envelope_of, own_yearly_sales
from credit_app.models import FinancialStatement, Security
from tests.domain.statement_samples import FIGURES
from tests.factories import (
    NOW,
    TODAY,
    Cast,
    make_customer,
    make_invoice,
    make_limit,
    make_policy,
    make_rate,
    make_rating,
)

DAY = timedelta(days=1)


@pytest.fixture
def cast(session: Session, cast: Cast) -> Cast:
    make_policy(session, "envelope.own_equity", "1000000")
    return cast


def test_room_counts_limits_of_others_by_the_risk_of_their_newest_rating_in_base_currency(
    session: Session, cast: Cast
) -> None:
    make_rate(session, "EUR", "USD", "2")
    asked, safe, risky, unrated = (make_customer(session, name) for name in "ABCD")
    make_rating(session, safe, "CCC", rated_at=NOW - 400 * DAY)
    make_rating(session, safe, "AA")
    make_rating(session, risky, "C")
    make_limit(session, asked, 999_999)
    make_limit(session, safe, 100_000)
    make_limit(session, risky, 40_000, currency="USD")
    make_limit(session, unrated, 30_000)
    low, high = (envelope_of(session, asked.id, grade, TODAY) for grade in ("AAA", "CC"))
    assert low is not None
    assert high is not None
    assert (low.own_class.amount, low.own_class.used) == (800_000, 100_000)
    assert (high.own_class.amount, high.own_class.used) == (150_000, 50_000)
    assert (low.total.amount, low.total.used) == (1_000_000, 150_000)
    assert (low.room, high.room) == (700_000, 100_000)
    assert envelope_of(session, asked.id, "D", TODAY) is None


def test_a_temporary_limit_counts_instead_of_the_permanent_one_and_an_old_or_retracted_one_does_not(
    session: Session, cast: Cast
) -> None:
    asked, other = make_customer(session), make_customer(session)
    make_rating(session, other, "A")
    make_limit(session, other, 10_000)
    make_limit(session, other, 50_000, kind="temporary", valid_from=TODAY, valid_to=TODAY + DAY)
    gone = make_customer(session)
    make_limit(session, gone, 70_000, valid_to=TODAY - DAY, status="expired")
    make_limit(session, gone, 80_000, status="retracted")
    now = envelope_of(session, asked.id, "A", TODAY)
    later = envelope_of(session, asked.id, "A", TODAY + 2 * DAY)
    assert now is not None
    assert later is not None
    assert (now.total.used, later.total.used) == (50_000, 10_000)


def test_credit_sales_of_a_year_may_be_the_basis(session: Session, cast: Cast) -> None:
    make_policy(session, "envelope.basis", "credit_sales")
    customer = make_customer(session)
    assert envelope_of(session, customer.id, "A", TODAY) is None
    make_invoice(session, customer, "1000.00", TODAY)
    make_invoice(session, customer, "300.00", TODAY, kind="credit_note")
    make_invoice(session, customer, "5000.00", TODAY - 500 * DAY)
    assert own_yearly_sales(session, "EUR", TODAY) == 700
    found = envelope_of(session, customer.id, "A", TODAY)
    assert found is not None
    assert found.total.amount == 700


def test_what_a_customer_can_carry_comes_from_its_newest_statement_its_insurance_and_our_envelope(
    session: Session, cast: Cast
) -> None:
    make_rate(session, "EUR", "USD", "2")
    customer = make_customer(session)
    empty = carrying(session, customer.id, "A", "USD", TODAY)
    assert (empty.tangible_net_worth, empty.working_capital, empty.insurer_limit) == (None, None, None)
    assert empty.envelope_room == 1_600_000
    figures = {key: str(amount) for key, amount in FIGURES[2025].items()}
    for year, unit in ((2024, 1), (2025, 1000), (TODAY.year, 1)):
        session.add(
            FinancialStatement(
                customer_id=customer.id,
                period_end=date(year, 12, 31),
                currency="EUR",
                unit=unit,
                source="Report",
                figures=figures,
            )
        )
    insurance = {"customer_id": customer.id, "kind": "insurance", "currency": "EUR", "haircut": 0}
    confirmed = {"status": "confirmed", "confirmed_by": cast.anna.id, "confirmed_at": NOW}
    session.add(Security(**insurance, amount=5000, cover=Decimal("0.9"), **confirmed))
    session.add(Security(**insurance, amount=9000, cover=Decimal("0.9")))
    session.add(Security(**insurance, amount=8000, cover=Decimal("0.9"), expires_on=TODAY - DAY, **confirmed))
    session.flush()
    found = carrying(session, customer.id, "A", "USD", TODAY)
    assert found.tangible_net_worth == 2 * 1_080_000
    assert found.working_capital == 2 * 660_000
    assert (found.insurer_limit, found.insurer_cover) == (10_000, Decimal("0.9"))
    assert found.as_facts()["working_capital"] == found.working_capital
