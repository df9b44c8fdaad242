"""A customer's file asks the database a bounded number of questions, and none reads a large table from end to end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from credit_app.models import Customer
from tests.factories import TODAY, make_complete_file, make_customer, make_limit, make_rating
from tests.screens.desk import Desk

LARGE = (
    "item_balance",
    "receipt_balance",
    "receivable_item",
    "allocation",
    "receipt",
    "access_log",
    "information_item",
)
FILL = """
    WITH item AS (
        INSERT INTO receivable_item (source, external_id, customer_id, kind, number, document_date, due_date, amount,
            currency)
        SELECT 'bulk', c || '-' || n, c, 'invoice', 'I-' || n, CAST(:day AS date) - n - 30, CAST(:day AS date) - n,
            100 + n, 'EUR'
        FROM unnest(CAST(:customers AS bigint[])) c, generate_series(1, 400) n
        RETURNING id, customer_id, amount, due_date
    ), money AS (
        INSERT INTO receipt (source, external_id, customer_id, received_on, amount, currency)
        SELECT 'bulk', 'R-' || id, customer_id, due_date, amount, 'EUR' FROM item WHERE id % 9 <> 0
        RETURNING id, external_id, amount, received_on
    ), looks AS (
        INSERT INTO access_log (customer_id, person_id, kind, area, at)
        SELECT customer_id, :person, 'view', 'overview', now() FROM item
    ), known AS (
        INSERT INTO information_item (customer_id, kind, name, value, source, as_of, confidence)
        SELECT customer_id, 'basic', 'management', 'x', 'x', due_date, 1 FROM item
    )
    INSERT INTO allocation (receipt_id, item_id, amount, allocated_on)
    SELECT id, CAST(substr(external_id, 3) AS bigint), amount, received_on FROM money
"""


@pytest.fixture
def customer(desk: Desk, owner_session: Session) -> Customer:
    """One of thirty customers with 400 invoices each."""
    others = [make_customer(desk.session).id for _ in range(29)]
    found = make_complete_file(
        desk.session, make_customer(desk.session, "Nordwind AG", branch_id=desk.cast.north.id)
    )
    make_limit(desk.session, found)
    make_rating(desk.session, found)
    desk.session.commit()
    values = {"customers": [found.id, *others], "day": TODAY, "person": desk.cast.anna.id}
    owner_session.execute(text(FILL.replace("CAST(:customers", "CAST(:customers")), values)
    owner_session.commit()
    owner_session.execute(text("ANALYZE"))
    owner_session.commit()
    return found


@contextmanager
def listening() -> Iterator[list[tuple[str, Any]]]:
    """Every statement sent meanwhile, with its values."""
    seen: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        seen.append((statement, values))

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def read_from_end_to_end(session: Session, statement: str, values: Any) -> list[str]:
    """The large tables that the plan of a statement scans."""
    cursor = session.connection().connection.cursor()
    cursor.execute("EXPLAIN " + statement, values)
    plan = [row[0] for row in cursor.fetchall()]
    cursor.close()
    return [line for line in plan for table in LARGE if f"Seq Scan on {table} " in line]


@pytest.mark.parametrize(
    ("tab", "most"),
    [("overview", 45), ("items", 40), ("limits", 45), ("information", 45), ("access", 42), ("documents", 42)],
)
def test_tab_asks_a_bounded_number_of_questions_and_scans_no_large_table(
    desk: Desk, customer: Customer, tab: str, most: int
) -> None:
    path = f"/customers/{customer.number}?tab={tab}"
    desk.get(desk.cast.carla, path)
    with listening() as seen:
        desk.get(desk.cast.carla, path)
    assert len(seen) <= most, "\n".join(statement[:100] for statement, _values in seen)
    questions = [
        (statement, values) for statement, values in seen if statement.lstrip()[:6] in ("SELECT", "WITH r")
    ]
    scans = [
        scan
        for statement, values in questions
        for scan in read_from_end_to_end(desk.session, statement, values)
    ]
    assert scans == []
    logged = [statement for statement, _values in seen if "INSERT INTO access_log" in statement]
    assert len(logged) == 1, "the look is logged by one statement"
