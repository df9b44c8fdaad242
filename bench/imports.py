"""The import of a large file of invoices: rows a second with every check, beside a bare COPY, and its memory."""

from __future__ import annotations

import csv
import tempfile
import threading
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter, sleep

import psutil
from sqlalchemy import Engine, make_url, text
from sqlalchemy.orm import Session

from credit_app.db import make_engine
from credit_app.importers import import_file
from tests.factories import make_company
from workflows import Base

CUSTOMERS = 20_000
HEADING = "invoice_number,customer_id,document_date,due_date,amount,currency,disputed,settled_on"
BARE = (
    "CREATE TABLE bare (a text PRIMARY KEY, b text, c date, d date, e numeric(18,2), f text, g text, h text)"
)


def write(path: Path, rows: int) -> None:
    """Invoices of two years for many customers; one in ten disputed, none paid."""
    first = date(2024, 1, 1)
    days = [(first + timedelta(days=n)).isoformat() for n in range(800)]
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADING.split(","))
        for n in range(rows):
            day = n * 7 % 700
            disputed = "yes" if n % 10 == 0 else "no"
            amount = f"{n * 37 % 90_000 + 10}.{n % 100:02}"
            customer = f"K{n * 13 % CUSTOMERS:06}"
            currency = "EUR" if n % 4 else "USD"
            out.writerow([f"R{n:09}", customer, days[day], days[day + 30], amount, currency, disputed, ""])


class Peak(threading.Thread):
    """Watches the resident memory of this process."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.process, self.most, self.stop = psutil.Process(), 0, False
        self.begin = self.process.memory_info().rss

    def run(self) -> None:
        while not self.stop:
            self.most = max(self.most, self.process.memory_info().rss)
            sleep(0.05)

    def grown(self) -> float:
        """MiB above the beginning."""
        self.stop = True
        self.join()
        return (self.most - self.begin) / 2**20


def database(url: str) -> Engine:
    """A company with its customers in a database of its own."""
    with make_engine(url, pooled=False).connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            text("CREATE DATABASE credit_imports")
        )
    own = make_engine(
        make_url(url).set(database="credit_imports").render_as_string(hide_password=False), pooled=False
    )
    Base.metadata.create_all(own)
    with Session(own) as session:
        make_company(session)
        session.execute(
            text(
                "INSERT INTO customer (number, name, external_id, is_new)"
                " SELECT 'C-' || lpad(n::text, 6, '0'), 'Customer ' || n, 'K' || lpad(n::text, 6, '0'), true"
                " FROM generate_series(0, :most) n"
            ),
            {"most": CUSTOMERS - 1},
        )
        session.commit()
        session.execute(text("ANALYZE"))
        session.commit()
    return own


def bare(engine: Engine, path: Path) -> float:
    """Seconds of a COPY of the same file into a table that checks nothing but its types and one key."""
    connection = engine.raw_connection()
    driver = connection.driver_connection
    with driver.cursor() as cursor, path.open("rb") as file:  # type: ignore[union-attr]
        cursor.execute(BARE)
        begin = perf_counter()
        with cursor.copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy:
            while chunk := file.read(1 << 20):
                copy.write(chunk)
        connection.commit()
        seconds = perf_counter() - begin
        cursor.execute("DROP TABLE bare")
        connection.commit()
    connection.close()
    return seconds


def invoices(url: str, rows: int) -> dict[str, float]:
    """Rows a second of a first import, of the same file again, and of a bare COPY; MiB that the process grew by."""
    engine = database(url)
    with tempfile.TemporaryDirectory(prefix="credit-bench-import-") as folder, Session(engine) as session:
        path = Path(folder) / "invoices.csv"
        write(path, rows)
        found = {"bare": rows / bare(engine, path)}
        for name in ("first", "again"):
            watch = Peak()
            watch.start()
            begin = perf_counter()
            report = import_file(session, "invoices", path.name, path, "invoices")
            session.commit()
            found[name] = rows / (perf_counter() - begin)
            found[f"{name}_mib"] = watch.grown()
            assert (report.rows_new, report.rows_same) == ((rows, 0) if name == "first" else (0, rows))
    engine.dispose()
    return found
