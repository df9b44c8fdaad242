"""The order check over HTTP: gunicorn with two processes, a hundred requests a second, 100,000 customers."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from threading import local
from typing import Any
from uuid import uuid4

from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from bench.ledger import CUSTOMERS, ITEMS, PARTS, RECEIPTS
from credit_app.db import make_engine
from credit_app.facts.api_tokens import make_token
from credit_app.models import Company
from credit_app.seeds import seed
from workflows import Base

RATE = 100  # requests a second
CALLERS = 16  # connections that the requests come over
# Of every hundred requests: questions, and orders that are entered with their message and check.
ENTERED = 20
_LIMITS = """
    INSERT INTO credit_limit (customer_id, amount, currency, terms_days, payment_method, valid_from, valid_to)
    SELECT id, 4000 + id % 9000, 'EUR', 30, 'open_account', CAST(:day AS date) - 100, CAST(:day AS date) + 200
    FROM customer
"""
# A tenth of the customers belongs to groups of ten, whose parent has a limit too.
_GROUPS = """
    UPDATE customer SET parent_id = id - id % 10 WHERE id % 100 BETWEEN 11 AND 19
"""
_NAMES = "UPDATE customer SET external_id = number"
_RATINGS = """
    INSERT INTO rating (customer_id, grade, score, method, confidence, inputs, rated_at)
    SELECT id, 'BBB', 66, 'combined', 1, '{}', CAST(:day AS date) - interval '30 days' FROM customer
"""
_ORDERS = """
    WITH made AS (
        INSERT INTO sales_order (source, external_id, customer_id, amount, currency, payment_days, payment_method,
            ordered_on, sequence, content_hash, entered_on, told_on, outcome, is_held,
            checked_at, checked_on, looked_at)
        SELECT 'bench', 'O-' || c.id || '-' || n, c.id, 50 + c.id % 400, 'EUR', 30, 'open_account', :day, 1,
            repeat('0', 64), CAST(:day AS date) - 3 * n, CAST(:day AS date) - n,
            CASE (c.id + n) % 20 WHEN 0 THEN 'hold' ELSE 'pass' END, (c.id + n) % 20 = 0, now(),
            CAST(:day AS date) - n, now()
        FROM customer c CROSS JOIN generate_series(1, 3) n RETURNING *
    )
    INSERT INTO order_message (order_id, customer_id, sequence, told_on, amount, currency, payment_days,
        payment_method, delivered_amount, invoiced_amount, status)
    SELECT id, customer_id, 1, told_on, amount, currency, payment_days, payment_method, 0, 0, 'open' FROM made
"""
_CHECKS = """
    INSERT INTO order_check (order_id, customer_id, cause, as_of, outcome, inputs, figures, findings)
    SELECT id, customer_id, 'message', checked_on, outcome, '{}', '{}', '[]' FROM sales_order
"""


def over_http(url: str, customers: int, items: int, seconds: float) -> dict[str, float]:
    """Milliseconds of questions and of orders entered (median, p95), what was reached a second, CPU of a request."""
    address, secret = _filled(url, customers, items)
    with _served(address) as (port, pids):
        _load(port, secret, customers, 5, offset=0)  # connections, prepared statements and policy are there
        before = _cpu(pids)
        found = _load(port, secret, customers, seconds, offset=7)
        used = _cpu(pids) - before
    asked = [took for kind, took in found["times"] if kind == "asked"]
    entered = [took for kind, took in found["times"] if kind == "entered"]
    return {
        "asked": median(asked) * 1e3,
        "asked_p95": quantiles(asked, n=20)[-1] * 1e3,
        "entered": median(entered) * 1e3,
        "entered_p95": quantiles(entered, n=20)[-1] * 1e3,
        "rate": found["rate"],
        "cpu": used / len(found["times"]) * 1e3,
    }


def _filled(url: str, customers: int, items: int) -> tuple[str, str]:
    with make_engine(url, pooled=False).connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            text("CREATE DATABASE credit_orders")
        )
    address = make_url(url).set(database="credit_orders").render_as_string(hide_password=False)
    engine = make_engine(address, pooled=False)
    Base.metadata.create_all(engine)
    day = datetime.now(UTC).date()
    with Session(engine) as session:
        seed(session)
        session.add(Company(name="Bench", base_currency="EUR", time_zone="UTC"))
        session.flush()
        values: dict[str, Any] = {"items": items, "customers": customers, "day": day}
        for statement in (
            CUSTOMERS, _NAMES, _GROUPS, ITEMS, RECEIPTS, PARTS, _LIMITS, _RATINGS, _ORDERS, _CHECKS,
        ):  # fmt: skip
            session.execute(text(statement), values)
        _token, secret = make_token(
            session, "Bench", "bench", ["orders.check", "orders.write"], day + timedelta(days=9),
            datetime.now(UTC), day,
        )  # fmt: skip
        session.commit()
        session.execute(text("ANALYZE"))
        session.commit()
    engine.dispose()
    return address, secret


@contextmanager
def _served(address: str) -> Iterator[tuple[int, list[int]]]:
    """The port of two gunicorn processes with the application, and their ids."""
    import psutil  # noqa: PLC0415

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "-k", "gthread", "--threads", "4", "-w", "2", "--keep-alive", "60",
        "--log-level", "error", "-b", f"127.0.0.1:{port}", "wsgi:app",
    ]  # fmt: skip
    env = {
        **os.environ,
        "DATABASE_URL": address,
        "DATABASE_APP_URL": address,
        "CREDIT_VAR": tempfile.mkdtemp(prefix="credit-bench-orders-"),
        "API_PER_MINUTE": "100000",
    }
    child = subprocess.Popen(command, env=env, cwd=Path(__file__).parent.parent)
    try:
        for _ in range(300):
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
            except OSError:
                time.sleep(0.1)
        time.sleep(5)  # both processes are up
        yield port, [one.pid for one in psutil.Process(child.pid).children()]
    finally:
        child.terminate()
        child.wait(timeout=30)


def _cpu(pids: list[int]) -> float:
    """Seconds of processor that the processes have used."""
    import psutil  # noqa: PLC0415

    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return float(sum(one.user + one.system for one in times))


_own = local()


def _load(port: int, secret: str, customers: int, seconds: float, offset: int) -> dict[str, Any]:
    """Requests at a steady rate, whether or not the ones before were answered; each is timed from when it was due."""
    begin = time.perf_counter() + 0.2

    def one(number: int) -> tuple[str, float]:
        due = begin + number / RATE
        time.sleep(max(0.0, due - time.perf_counter()))
        place = 1 + (number * 7919 + offset * 104729) % customers
        kind = "entered" if number % 100 % (100 // ENTERED) == 0 else "asked"
        _send(port, secret, kind, f"C-{place}")
        return kind, time.perf_counter() - due

    with ThreadPoolExecutor(CALLERS) as pool:
        times = list(pool.map(one, range(int(RATE * seconds))))
    return {"times": times, "rate": len(times) / (time.perf_counter() - begin)}


def _send(port: int, secret: str, kind: str, customer: str) -> None:
    connection = getattr(_own, "connection", None)
    if connection is None or connection.port != port:
        connection = _own.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    order = {"amount": "125.00", "currency": "EUR", "payment_days": 30}
    if kind == "asked":
        path, body = "/api/v1/order-checks", order | {"customer": customer}
    else:
        row = {"external_id": uuid4().hex, "customer_external_id": customer, "sequence": 1}
        path, body = "/api/v1/orders", {"rows": [order | row | {"ordered_on": date.today().isoformat()}]}  # noqa: DTZ011
    headers = {
        "Authorization": f"Bearer {secret}",
        "Idempotency-Key": uuid4().hex,
        "Content-Type": "application/json",
    }
    connection.request("POST", path, json.dumps(body), headers)
    response = connection.getresponse()
    answer = response.read()
    assert response.status == 200, answer
