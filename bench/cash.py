"""Bank statements at size: one file read into the books, then its entries matched, as the worker does it."""

from __future__ import annotations

import resource
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app import cash
from credit_app.db import make_engine
from credit_app.facts.matching import Names
from credit_app.importers import import_file
from credit_app.models import Company, Model
from credit_app.seeds import seed
from tests.importers.camt import Line, document, statement
from workflows import clock

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
DAY = date(2026, 3, 9)

_CUSTOMERS = """
    INSERT INTO customer (number, name, country)
    SELECT 'C-' || n, 'Company ' || md5(n::text) || ' ' || n || ' GmbH', 'DE' FROM generate_series(1, :customers) n
"""
_ITEMS = """
    INSERT INTO receivable_item (source, external_id, customer_id, number, document_date, due_date, amount, currency)
    SELECT 'bench', 'INV-' || n, c.id, 'INV-' || n, DATE '2026-01-10', DATE '2026-02-10', 100 + (n % 900), 'EUR'
    FROM generate_series(1, :items) n
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM customer) c ON c.place = 1 + n % :customers
"""


def matching(url: str, entries: int) -> dict[str, float]:
    """Entries read and matched a second, the share booked, and by how much reading made the process grow, in MiB.

    Three times as many open invoices as entries; of ten entries eight name an invoice, one only its payer, one nothing.
    """
    database = make_engine(url)
    with clock.at(NOW), Session(database) as session, tempfile.TemporaryDirectory() as folder:
        _books(session, entries)
        path = Path(folder) / "statement.xml"
        path.write_bytes(document(statement(map(_line, range(1, entries + 1)), day=DAY)))
        before, begin = _resident(), time.perf_counter()
        import_file(session, "bank_statement", path.name, path)
        session.commit()
        read, grown = time.perf_counter() - begin, _resident() - before
        begin, booked = time.perf_counter(), 0
        names = Names(session)
        while (looked := cash.match_batch(session, names)).entries:
            session.commit()
            booked += looked.booked
        matched = time.perf_counter() - begin
    database.dispose()
    return {
        "read": entries / read,
        "matched": entries / matched,
        "booked": booked / entries,
        "mib": grown,
    }


def _resident() -> float:
    """The most memory that the process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _line(number: int) -> Line:
    amount = str(Decimal(100 + number % 900))
    words = {0: "thank you very much", 9: f"your letter of {DAY - timedelta(days=9)}"}
    said = words.get(number % 10, f"Invoice INV-{number} of January, order 4711, we thank you")
    payer = "Somebody else" if number % 10 == 0 else "Company Ltd"
    return Line(amount, f"BANK{number:09}", said, payer, f"DE{number:020}", f"E2E{number}")


def _books(session: Session, entries: int) -> None:
    Model.metadata.create_all(session.connection())
    seed(session)
    session.add(Company(id=1, name="Bench", base_currency="EUR", time_zone="Europe/Berlin"))
    session.flush()
    given = {"customers": max(entries // 10, 100), "items": 3 * entries}
    session.execute(text(_CUSTOMERS), given)
    session.execute(text(_ITEMS), given)
    session.commit()
    for table in ("customer", "receivable_item", "item_balance"):
        session.execute(text(f"ANALYZE {table}"))
    session.commit()
