"""Exposure by component as of a day: what counts, what covers it, and which limit binds."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from credit_app.domain.errors import InvalidPolicy
from credit_app.facts.exposure_parts import exposure_of
from credit_app.models import Customer, MissingRate, Security
from tests.factories import (
    NOW,
    TODAY,
    make_company,
    make_customer,
    make_invoice,
    make_limit,
    make_person,
    make_policy,
    make_rate,
    make_receipt,
)


@pytest.fixture
def customer(session: Session) -> Customer:
    """A customer that owes 1,000, with a limit of 5,000."""
    make_company(session)
    found = make_customer(session, "Nordwind")
    make_invoice(session, found, 1_000, TODAY)
    make_limit(session, found, 5_000)
    return found


def secure(session: Session, customer: Customer, kind: str, amount: int, **values: Any) -> Security:
    """A confirmed security; without a haircut unless one is given."""
    row = Security(
        **{
            "customer_id": customer.id,
            "kind": kind,
            "amount": Decimal(amount),
            "currency": "EUR",
            "haircut": Decimal(0),
            "status": "confirmed",
            "confirmed_by": make_person(session, "credit_analyst").id,
            "confirmed_at": NOW,
            "required_at": NOW,
        }
        | values
    )
    session.add(row)
    session.flush()
    return row


def test_net_exposure_is_less_receipts_deposits_securities_and_insurance(
    session: Session, customer: Customer
) -> None:
    make_receipt(session, customer, 100)
    secure(session, customer, "deposit", 50)
    secure(session, customer, "guarantee", 200, haircut=Decimal("0.25"))
    secure(session, customer, "insurance", 400, cover=Decimal("0.9"))
    found = exposure_of(session, customer, TODAY)
    assert (found.gross, found.insured) == (1_000, 360)
    assert found.net == 1_000 - 100 - 50 - 150 - 360
    assert found.own is not None
    assert found.own.utilisation == Decimal("0.068")
    assert found.available == 5_000 - 340
    # 5,000 - 50 - 150 - 400 x 90 %
    assert found.unsecured(Decimal(5_000)) == 4_440


def test_what_policy_does_not_count_is_left_out(session: Session, customer: Customer) -> None:
    secure(session, customer, "pledge", 300)
    make_policy(session, "exposure.eligible_securities", ["guarantee"])
    make_policy(session, "exposure.components", ["orders_confirmed"])
    found = exposure_of(session, customer, TODAY)
    assert (found.gross, found.net) == (0, 0)
    [line] = found.parts.securities
    assert line.why_not is not None
    assert line.why_not.code == "security.kind_not_counted"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"status": "required", "confirmed_by": None, "confirmed_at": None}, "not_confirmed"),
        ({"confirmed_at": datetime(2026, 3, 11, 9, tzinfo=UTC)}, "not_confirmed"),
        ({"expires_on": TODAY - timedelta(days=1)}, "expired"),
        ({"valid_from": TODAY + timedelta(days=1)}, "not_yet_valid"),
        ({"status": "released", "released_at": NOW}, "released"),
    ],
)
def test_a_security_that_does_not_stand_never_covers(
    session: Session, customer: Customer, values: dict[str, Any], reason: str
) -> None:
    secure(session, customer, "guarantee", 500, **values)
    found = exposure_of(session, customer, TODAY)
    assert found.net == 1_000
    assert found.parts.securities[0].why_not is not None
    assert found.parts.securities[0].why_not.code == f"security.{reason}"


def test_a_guarantee_covers_through_its_last_day(session: Session, customer: Customer) -> None:
    secure(session, customer, "guarantee", 500, expires_on=TODAY)
    assert exposure_of(session, customer, TODAY).net == 500
    assert exposure_of(session, customer, TODAY + timedelta(days=1)).net == 1_000


def test_figures_of_a_past_day_are_those_of_that_day(session: Session, customer: Customer) -> None:
    make_invoice(session, customer, 9_000, TODAY, document_date=TODAY)
    yesterday = exposure_of(session, customer, TODAY - timedelta(days=1))
    assert (yesterday.gross, exposure_of(session, customer, TODAY).gross) == (1_000, 10_000)


def test_amounts_convert_at_the_dated_rate_and_a_missing_rate_is_named(
    session: Session, customer: Customer
) -> None:
    secure(session, customer, "guarantee", 220, currency="USD")
    with pytest.raises(MissingRate, match="no exchange rate from USD to EUR for 2026-03-10"):
        exposure_of(session, customer, TODAY)
    make_rate(session, "EUR", "USD", "1.10")
    assert exposure_of(session, customer, TODAY).net == 800


def test_the_temporary_limit_replaces_the_permanent_one_while_it_holds(
    session: Session, customer: Customer
) -> None:
    make_limit(
        session, customer, 8_000, kind="temporary", valid_from=TODAY, valid_to=TODAY + timedelta(days=5)
    )
    assert exposure_of(session, customer, TODAY).available == 7_000
    assert exposure_of(session, customer, TODAY + timedelta(days=6)).available == 4_000


def test_the_limit_of_the_parent_is_checked_before_the_own_one(session: Session, customer: Customer) -> None:
    parent = make_customer(session, "Nordwind Holding")
    customer.parent = parent
    sister = make_customer(session, "Nordwind Sud", parent=parent)
    session.flush()
    make_invoice(session, sister, 2_500, TODAY)
    make_limit(session, parent, 4_000)
    found = exposure_of(session, customer, TODAY)
    assert [bound.customer.id for bound in found.groups] == [parent.id]
    assert found.bound is found.groups[0]
    assert (found.groups[0].net, found.available) == (3_500, 500)
    of_parent = exposure_of(session, parent, TODAY)
    assert of_parent.own is not None
    assert (of_parent.own.available, of_parent.available) == (4_000, 500)


def test_without_a_limit_of_its_own_a_company_has_nothing_of_the_groups(
    session: Session, customer: Customer
) -> None:
    sister = make_customer(session, "Nordwind Sud", parent=customer)
    found = exposure_of(session, sister, date(2026, 3, 10))
    assert (found.own, found.bound, found.available) == (None, None, 0)


def test_a_policy_that_names_an_unknown_security_is_refused(session: Session, customer: Customer) -> None:
    make_policy(session, "exposure.eligible_securities", ["handshake"])
    with pytest.raises(InvalidPolicy, match="unknown kind of security"):
        exposure_of(session, customer, TODAY)
