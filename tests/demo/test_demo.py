"""The demo company: complete, the same every time, and never in the way of real data."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from credit_app import demo
from credit_app.confirmations import due_today
from credit_app.demo.calendar import holidays_of
from credit_app.demo.limits import noon
from credit_app.demo.people import PEOPLE
from credit_app.domain.status import STATUSES
from credit_app.facts.ledger_check import balances_that_do_not_tie
from credit_app.models import (
    ROLES,
    BalanceConfirmation,
    BankEntry,
    Company,
    CreditApplication,
    CreditLimit,
    Customer,
    ExchangeRate,
    Person,
    PersonRole,
    Rating,
    ReceivableItem,
    active_limit,
    open_items,
    password_matches,
)
from credit_app.models.orders import RELEASE_STATUSES, OrderRelease, SalesOrder
from tests.factories import TODAY, make_company
from workflows import clock, history
from workflows.tables import Incident, OpenTask

inside_the_app = pytest.mark.usefixtures("app_context")


def test_the_demo_has_everything_a_visitor_looks_for(shown: Session) -> None:
    session = shown
    roles = Counter(session.scalars(select(PersonRole.role)))
    assert set(roles) == set(ROLES)
    assert min(roles.values()) >= 2
    sara = session.scalars(select(Person).where(Person.email == "sara.lind@demo.creditdesk.example")).one()
    assert password_matches(sara.password_hash, demo.PASSWORD)
    lines = demo.people_lines(session)
    assert any("sara.lind@" in line for line in lines)
    assert demo.PASSWORD in lines[0]

    customers = list(session.scalars(select(Customer)))
    assert len(customers) >= 55
    assert {c.status for c in customers} == {"active", "in_default", "on_hold"}
    assert any(c.parent_id for c in customers)
    assert len(set(session.scalars(select(ReceivableItem.currency)))) >= 4
    assert {"AA", "BBB", "CC", "D"} <= set(session.scalars(select(Rating.grade)))
    first, last = session.execute(
        select(func.min(ReceivableItem.document_date), func.max(ReceivableItem.document_date))
    ).one()
    assert (TODAY - first).days > 700
    assert (TODAY - last).days < 10

    statuses = Counter(session.scalars(select(CreditLimit.status)))
    assert set(statuses) == {"active", "replaced", "expired"}
    limits = {c.id: active_limit(session, c.id, TODAY) for c in customers}
    used = {c.id: sum(i.open_amount for i in open_items(session, [c.id], TODAY)) for c in customers}
    assert any(limit and used[c] > limit.amount for c, limit in limits.items())
    soon = TODAY + timedelta(days=30)
    assert any(limit and limit.valid_to <= soon for limit in limits.values())

    found = set(session.scalars(select(CreditApplication.status)))
    assert found == set(STATUSES)
    waiting = {(row.node, row.role) for row in session.execute(select(OpenTask.node, OpenTask.role))}
    levels = ("credit_analyst", "credit_manager", "finance_director", "cfo")
    assert waiting >= {("enter_application", "sales_rep"), *(("decide_limit", level) for level in levels)}
    assert session.scalars(select(Incident)).all() == []
    for instance_id in session.scalars(select(CreditApplication.instance_id)):
        events = history.timeline(session, instance_id or 0)
        instants = [event["at"] for event in events]
        assert instants == sorted(instants)
        assert instants[-1].date() <= TODAY

    with pytest.raises(demo.NotADemo, match="a company in this database already"):
        demo.load(session, TODAY)


@inside_the_app
def test_the_demo_can_be_reset_and_is_the_same_again(owner_session: Session) -> None:
    session = owner_session

    def fingerprint() -> str | None:
        query = (
            "SELECT md5(string_agg(concat_ws('|', number, document_date, amount, disputed), ';' ORDER BY id))"
            " FROM receivable_item"
        )
        return session.scalar(text(query))

    demo.load(session, TODAY)
    first = fingerprint()
    demo.reset(session)
    assert session.get(Company, 1) is None
    assert session.scalar(select(func.count()).select_from(ExchangeRate)) == 0
    demo.load(session, TODAY)
    assert fingerprint() == first


def test_real_data_is_never_removed(owner_session: Session) -> None:
    with pytest.raises(demo.NotADemo):
        demo.reset(owner_session)
    make_company(owner_session)
    with pytest.raises(demo.NotADemo, match="nothing was removed"):
        demo.reset(owner_session)
    assert owner_session.get(Company, 1) is not None


def test_the_emails_of_the_demo_are_plain_and_unique() -> None:
    emails = [person.email for person in PEOPLE]
    assert len(set(emails)) == len(emails)
    assert all(email.isascii() and email.count("@") == 1 for email in emails)


@pytest.mark.parametrize(
    ("year", "good_friday"), [(2024, "2024-03-29"), (2026, "2026-04-03"), (2038, "2038-04-23")]
)
def test_holidays_follow_easter(year: int, good_friday: str) -> None:
    assert {str(day) for day, name in holidays_of(year).items() if name == "Good Friday"} == {good_friday}


def test_the_demo_shows_limits_under_review_and_temporary_ones(shown: Session) -> None:
    session = shown
    query = select(CreditApplication).where(CreditApplication.kind != "limit").order_by(CreditApplication.id)
    rows = list(session.scalars(query))
    found = Counter((row.kind, row.status) for row in rows)
    assert found["review", "granted"] == 1
    assert found["review", "in_approval"] == 1
    assert found["review", "under_investigation"] == 1
    assert found["review", "submitted"] == 1
    assert found["temporary", "granted"] == 1
    assert found["temporary", "in_approval"] == 1
    nodes = {row.node for row in session.scalars(select(OpenTask))}
    assert {"take_measures", "record_report", "decide_limit"} <= nodes
    temporary = session.scalars(select(CreditLimit).where(CreditLimit.kind == "temporary")).one()
    assert active_limit(session, temporary.customer_id, TODAY) is temporary


def test_the_demo_has_a_balance_to_confirm_and_differences_to_settle(shown: Session) -> None:
    rows = list(shown.scalars(select(BalanceConfirmation)))
    assert Counter(row.status for row in rows if row.status != "agreed") == {"sent": 1, "differences": 1}
    assert sum(row.status == "agreed" for row in rows) > 10
    tasks = shown.execute(
        select(OpenTask.subject_id, OpenTask.node).where(OpenTask.process == "balance_confirmation")
    )
    nodes = {row.node: row.subject_id for row in tasks}
    by_status = {row.status: row for row in rows}
    assert nodes == {
        "record_answer": by_status["sent"].id,
        "settle_differences": by_status["differences"].id,
    }
    assert [row.item_id is None for row in by_status["differences"].differences] == [False, False, True]
    with clock.at(noon(TODAY)):
        assert due_today(shown) == []  # nobody's inbox fills up while a visitor looks around


def test_the_demo_has_entries_of_every_kind_to_match(shown: Session) -> None:
    rows = list(shown.scalars(select(BankEntry)))
    assert {row.status for row in rows} == {"matched", "matching", "set_aside", "returned"}
    waiting = {row.rule for row in rows if row.status == "matching"}
    assert waiting == {"suggested", "unknown", "return"}
    tasks = set(shown.scalars(select(OpenTask.subject_id).where(OpenTask.process == "cash_application")))
    assert tasks == {row.id for row in rows if row.status == "matching"}
    assert balances_that_do_not_tie(shown) == []


def test_the_demo_has_orders_that_pass_and_orders_on_hold(shown: Session) -> None:
    orders = shown.scalars(select(SalesOrder).order_by(SalesOrder.id)).all()
    assert {order.outcome for order in orders} == {"pass", "warn", "hold"}
    rules = {found["rule"] for order in orders if order.is_held for found in order.checks[-1].findings}
    assert {"over_limit", "term_too_long"} <= rules
    releases = shown.scalars(select(OrderRelease)).all()
    assert {release.status for release in releases} == set(RELEASE_STATUSES)
