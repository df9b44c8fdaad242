"""The ageing of a large ledger against the bare aggregate over the same rows."""

from __future__ import annotations

import time
from datetime import date
from statistics import median
from typing import Any

from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from credit_app.db import make_engine
from credit_app.facts.ageing import ageing, balance_total, control_total
from credit_app.models import Company
from credit_app.seeds import seed
from workflows import Base

DAY = date(2026, 3, 10)
CUSTOMERS = """
    INSERT INTO customer (number, name, status) SELECT 'C-' || n, 'Customer ' || n, 'active'
    FROM generate_series(1, :customers) n
"""
ITEMS = """
    INSERT INTO receivable_item (source, external_id, customer_id, kind, number, document_date, due_date, amount,
        currency)
    SELECT 'bench', n, (SELECT min(id) FROM customer) + n % :customers, 'invoice', n,
        CAST(:day AS date) - n % 400 - 30, CAST(:day AS date) - n % 400, 100 + n % 900, 'EUR'
    FROM generate_series(1, :items) n
"""
# A tenth of the items is paid in part, so that what is open is not what was asked.
RECEIPTS = """
    INSERT INTO receipt (source, external_id, customer_id, received_on, amount, currency)
    SELECT 'bench', id, customer_id, due_date, 40, currency FROM receivable_item WHERE id % 10 = 0 AND due_date <= :day
"""
PARTS = """
    INSERT INTO allocation (receipt_id, item_id, amount, allocated_on)
    SELECT id, CAST(external_id AS bigint), amount, received_on FROM receipt
"""
BARE = """
    SELECT customer_id, currency, width_bucket(CAST(:day AS date) - due_date, CAST(:begins AS int[])) AS bucket,
        count(*), sum(amount) FROM receivable_item WHERE document_date <= :day GROUP BY 1, 2, 3
"""
BARE_TOTAL = """
    SELECT currency, width_bucket(CAST(:day AS date) - due_date, CAST(:begins AS int[])) AS bucket,
        count(*), sum(amount) FROM receivable_item WHERE document_date <= :day GROUP BY 1, 2
"""
BEGINS = [1, 31, 61, 91, 181, 366, 731, 1096]


def ageing_against_bare(url: str, items: int, customers: int, rounds: int) -> dict[str, float]:
    """Milliseconds of the ageing by customer and in total, beside the bare aggregates; medians of one run."""
    with make_engine(url, pooled=False).connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            text("CREATE DATABASE credit_ledger")
        )
    engine = make_engine(
        make_url(url).set(database="credit_ledger").render_as_string(hide_password=False), pooled=False
    )
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        seed(session)
        session.add(Company(name="Bench", base_currency="EUR", time_zone="UTC"))
        session.flush()
        values: dict[str, Any] = {"items": items, "customers": customers, "day": DAY, "begins": BEGINS}
        for statement in (CUSTOMERS, ITEMS, RECEIPTS, PARTS):
            session.execute(text(statement), values)
        session.commit()
        session.execute(text("ANALYZE"))
        session.commit()
        assert control_total(session, DAY) == balance_total(session, DAY)
        took: dict[str, list[float]] = {name: [] for name in ("ours", "rows", "bare", "total", "bare_total")}
        for _ in range(rounds + 1):
            took["bare"].append(timed(lambda: session.execute(text(BARE), values).all()))
            took["ours"].append(timed(lambda: ageing(session, DAY)))
            took["rows"].append(timed(lambda: list(ageing(session, DAY).rows)))
            took["bare_total"].append(timed(lambda: session.execute(text(BARE_TOTAL), values).all()))
            took["total"].append(timed(lambda: ageing(session, DAY, "total")))
    engine.dispose()
    return {name: median(each[1:]) for name, each in took.items()}


def timed(act: Any) -> float:
    """Milliseconds of one call."""
    begin = time.perf_counter()
    act()
    return (time.perf_counter() - begin) * 1000
