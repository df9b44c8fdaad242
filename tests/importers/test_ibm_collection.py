"""The real file, lived day by day: every case opens, moves and closes as an independent calculation says."""

import csv
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from credit_app import collecting, resources
from credit_app.models import (
    Allocation,
    CollectionCase,
    CollectionMove,
    Customer,
    Receipt,
    ReceivableItem,
)
from tests.factories import make_company, make_holiday, make_person, make_policy
from tests.importers.test_ibm_file import FILE
from workflows import Engine, clock, deploy_directory

pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"the sample file is not at {FILE}")

FIRST, LAST = date(2012, 1, 1), date(2014, 2, 28)
HOLIDAYS = (date(2012, 12, 25), date(2013, 1, 1), date(2013, 7, 4), date(2013, 12, 25))
# The ladder of the policy, written down again: days past due of the stages that the file reaches.
LADDER = ((45, "visit"), (30, "letter_2"), (15, "letter_1"), (7, "call"), (3, "friendly_notice"))
ONE = timedelta(days=1)


def parse(text: str) -> date:
    return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007 - a day has no zone


def rows() -> list[dict[str, Any]]:
    with FILE.open(encoding="utf-8-sig") as file:
        return [
            {
                "customer": row["customerID"], "number": row["invoiceNumber"], "amount": Decimal(row["InvoiceAmount"]),
                "made": parse(row["InvoiceDate"]), "due": parse(row["DueDate"]), "paid": parse(row["SettledDate"]),
            }
            for row in csv.DictReader(file)
        ]  # fmt: skip


def demanded(open_dues: list[date], day: date) -> str | None:
    """The stage by the words of the rules: each ladder day, moved to the next business day, has come."""

    def reached(due: date, days: int) -> bool:
        falls = due + timedelta(days=days)
        while falls.weekday() >= 5 or falls in HOLIDAYS:
            falls += ONE
        return falls <= day

    late = [due for due in open_dues if due < day]
    return next((stage for days, stage in LADDER if late and reached(min(late), days)), None)


def expected(invoices: list[dict[str, Any]]) -> dict[str, list[tuple[date, str | None, str | None]]]:
    """Customer -> (day, from, to) of every move: the run in the morning sees what was entered before the day, and the
    payments of a day move the customers that have a case at once."""
    moves: dict[str, list[tuple[date, str | None, str | None]]] = defaultdict(list)
    by_customer: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in invoices:
        by_customer[row["customer"]].append(row)
    for customer, own in by_customer.items():
        stands, day = None, FIRST
        while day <= LAST:
            for paid_from in (day, day + ONE):  # in the morning, and after the payments of the day
                if paid_from > day and (stands is None or not any(row["paid"] == day for row in own)):
                    continue
                now_at = demanded(
                    [row["due"] for row in own if row["made"] < day and row["paid"] >= paid_from], day
                )
                if now_at != stands:
                    moves[customer].append((day, stands, now_at))
                    stands = now_at
            day += ONE
    return moves


def test_two_years_of_the_real_file_open_escalate_and_close_as_calculated(
    app: Flask, session: Session, owner_session: Session
) -> None:
    deploy_directory(owner_session, resources.bpmn())
    owner_session.commit()
    make_company(session, base_currency="USD", time_zone="UTC")
    make_person(session, "collector", name="Cole Baxter")
    for key, value in (("collection.smallest_amount", "0"), ("ledger.key_customers", 0)):
        make_policy(session, key, value)
    for day in HOLIDAYS:
        make_holiday(session, day)
    session.commit()
    invoices, engine = rows(), Engine(app.extensions["registry"])
    ids = enter_customers(session, {row["customer"] for row in invoices})
    made, paid = by_day(invoices, "made"), by_day(invoices, "paid")
    items: dict[str, int] = {}
    day = FIRST
    while day <= LAST:
        with clock.at(datetime(day.year, day.month, day.day, 5, tzinfo=UTC)):
            collecting.run_day(session)
            move(session, engine)
            enter(session, ids, items, made.get(day, []), paid.get(day, []), day)
            move(session, engine)
        day += ONE
    query = (
        select(
            Customer.external_id, CollectionMove.moved_on, CollectionMove.from_stage, CollectionMove.to_stage
        )
        .join(CollectionCase, CollectionCase.id == CollectionMove.case_id)
        .join(Customer, Customer.id == CollectionCase.customer_id)
        .order_by(CollectionMove.id)
    )
    found: dict[str, list[tuple[date, str | None, str | None]]] = defaultdict(list)
    for customer, moved_on, from_stage, to_stage in session.execute(query):
        found[customer].append((moved_on, from_stage, to_stage))
    wanted = expected(invoices)
    assert found == wanted
    assert sum(map(len, wanted.values())) > 1_500
    stages = {stage for moves in wanted.values() for _day, _from, stage in moves if stage}
    assert stages == {"friendly_notice", "call", "letter_1", "letter_2", "visit"}
    assert session.scalars(select(CollectionCase.id).where(CollectionCase.status == "open")).all() == []


# --- inside -------------------------------------------------------------------------------------------------------


def by_day(invoices: list[dict[str, Any]], name: str) -> dict[date, list[dict[str, Any]]]:
    found: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for row in invoices:
        found[row[name]].append(row)
    return found


def enter_customers(session: Session, names: set[str]) -> dict[str, int]:
    values = [
        {"number": f"C-{number:06d}", "name": name, "external_id": name, "country": "US"}
        for number, name in enumerate(sorted(names), 1)
    ]
    made = session.execute(insert(Customer).returning(Customer.external_id, Customer.id), values)
    found = {row[0]: row[1] for row in made}
    session.commit()
    return found


def enter(
    session: Session,
    ids: dict[str, int],
    items: dict[str, int],
    made: list[dict[str, Any]],
    paid: list[dict[str, Any]],
    day: date,
) -> None:
    """The invoices and the payments of a day."""
    if made:
        values = [
            {
                "source": "ibm", "external_id": row["number"], "number": row["number"], "amount": row["amount"],
                "customer_id": ids[row["customer"]], "kind": "invoice", "currency": "USD", "document_date": row["made"],
                "due_date": row["due"],
            }
            for row in made
        ]  # fmt: skip
        new = session.execute(
            insert(ReceivableItem).returning(ReceivableItem.number, ReceivableItem.id), values
        )
        items.update({row[0]: row[1] for row in new})
    if paid:
        values = [
            {
                "source": "ibm", "external_id": row["number"], "amount": row["amount"], "received_on": day,
                "customer_id": ids[row["customer"]], "currency": "USD",
            }
            for row in paid
        ]  # fmt: skip
        got = session.execute(insert(Receipt).returning(Receipt.external_id, Receipt.id), values)
        receipts = {row[0]: row[1] for row in got}
        session.execute(
            insert(Allocation),
            [
                {
                    "receipt_id": receipts[row["number"]], "item_id": items[row["number"]], "amount": row["amount"],
                    "allocated_on": day,
                }
                for row in paid
            ],
        )  # fmt: skip
    session.commit()


def move(session: Session, engine: Engine) -> None:
    while collecting.move_some(session, engine, 50):
        session.commit()
    session.commit()
