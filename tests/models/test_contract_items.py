"""The job that links invoices to contracts reads what is new of the ledger, not all of it."""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.facts.contract_items import LINK
from tests.factories import NOW, make_customer

_LEDGER = """
    INSERT INTO receivable_item (source, external_id, customer_id, kind, number, document_date, due_date, amount,
        currency, reference, created_at)
    SELECT 'test', n::text, :customer, 'invoice', 'R-' || n, '2026-01-01', '2026-02-01', 100, 'EUR', 'Order ' || n,
        CAST(:now AS timestamptz) - make_interval(hours => n)
    FROM generate_series(1, 4000) n
"""


def test_new_items_are_found_by_an_index(owner_session: Session) -> None:
    session = owner_session
    session.execute(text("INSERT INTO currency (code, name, minor_units) VALUES ('EUR', 'Euro', 2)"))
    customer = make_customer(session, "Nordwind AG")
    session.flush()
    session.execute(text(_LEDGER), {"customer": customer.id, "now": NOW})
    session.execute(text("ANALYZE receivable_item"))
    given = {"now": NOW, "since": NOW - timedelta(days=7)}
    plan = "\n".join(session.execute(text(f"EXPLAIN {LINK}"), given).scalars())
    assert "ix_receivable_item_since" in plan
    assert "Seq Scan on receivable_item" not in plan
