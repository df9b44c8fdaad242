"""The collector's worklist with many open cases: its page, that of one collector, and the scoring of all of them."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from bench.pages import milliseconds
from credit_app import create_app, resources, settle
from credit_app.config import Config
from credit_app.db import make_engine
from credit_app.facts import worklist
from tests.factories import NOW, TODAY, make_cast
from tests.screens.desk import Desk
from workflows import Base, clock, deploy_directory

CASES = 10_000
COLLECTORS = 10

_PEOPLE = """
    WITH made AS (
        INSERT INTO person (name, email, password_hash, branch_id)
        SELECT 'Collector ' || n, 'c' || n || '@test.example', (SELECT password_hash FROM person WHERE id = :like),
            :branch
        FROM generate_series(2, :people) n RETURNING id
    )
    INSERT INTO person_role (person_id, role) SELECT id, 'collector' FROM made
"""
_CUSTOMERS = """
    INSERT INTO customer (number, name, status, branch_id, country)
    SELECT 'B-' || n, 'Customer ' || n, 'active', :branch, 'DE' FROM generate_series(1, :cases) n
"""
_ITEMS = """
    INSERT INTO receivable_item (source, external_id, customer_id, kind, number, document_date, due_date, amount,
        currency)
    SELECT 'bench', c.id || '-' || n, c.id, 'invoice', c.id || '-' || n, CAST(:day AS date) - 30 - (c.id % 150)::int,
        CAST(:day AS date) - (c.id % 150)::int - n, 100 + c.id % 9000, 'EUR'
    FROM customer c CROSS JOIN generate_series(1, 5) n
"""
_CASES = """
    WITH collector AS (
        SELECT p.id, row_number() OVER (ORDER BY p.id) - 1 AS place FROM person p
        JOIN person_role r ON r.person_id = p.id AND r.role = 'collector'
    )
    INSERT INTO collection_case (number, customer_id, status, amount, currency, stage, stage_on, ladder, opened_on,
        seen_on, oldest_due, collector_id, follow_up_on)
    SELECT 'COL-' || c.id, c.id, 'open', 500 + c.id % 45000, 'EUR',
        (ARRAY['call', 'letter_1', 'letter_2', 'visit', 'final_demand'])[1 + c.id % 5], :day,
        (ARRAY['low', 'medium', 'high', 'key'])[1 + c.id % 4], CAST(:day AS date) - (c.id % 90)::int, :day,
        CAST(:day AS date) - (c.id % 150)::int - 5, o.id,
        CASE WHEN c.id % 3 = 0 THEN CAST(:day AS date) - 2 + (c.id % 9)::int END
    FROM customer c JOIN collector o ON o.place = c.id % :people
"""
_CONTACTS = """
    INSERT INTO collection_contact (customer_id, case_id, made_at, channel, direction, outcome, made_by)
    SELECT c.customer_id, c.id, CAST(:now AS timestamptz) - (n * 4 + c.id % 5) * interval '1 day', 'call', 'out',
        (ARRAY['reached', 'not_reached', 'promise', 'paid'])[1 + (c.id + n) % 4], c.collector_id
    FROM collection_case c CROSS JOIN generate_series(1, 3) n
"""
_INTERRUPTIONS = """
    INSERT INTO limitation_interruption (item_id, interrupted_on, ground, evidence)
    SELECT i.id, i.due_date + n * 20, (ARRAY['part_payment', 'demand_delivered', 'promise'])[1 + (i.id + n) % 3],
        'bench:1'
    FROM receivable_item i CROSS JOIN generate_series(1, 3) n
"""
_RATINGS = """
    INSERT INTO rating (customer_id, grade, method, confidence, inputs, rated_at)
    SELECT id, (ARRAY['AA', 'BBB', 'CCC', 'C'])[1 + id % 4], 'combined', 1, '{}',
        CAST(:now AS timestamptz) - interval '30 days'
    FROM customer WHERE id % 5 <> 0
"""


def many_cases(url: str, rounds: int) -> tuple[dict[str, tuple[float, float]], float]:
    """Median and 95th percentile of each page in milliseconds, and how many cases are scored a second."""
    with make_engine(url, pooled=False).connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            text("CREATE DATABASE credit_worklist")
        )
    address = make_url(url).set(database="credit_worklist").render_as_string(hide_password=False)
    engine = make_engine(address, pooled=False)
    Base.metadata.create_all(engine)
    config = Config(
        var=Path(tempfile.mkdtemp(prefix="credit-bench-worklist-")),
        database_url=address,
        database_app_url=address,
        secret_key="bench",  # noqa: S106
        testing=True,
    )
    app = create_app(config)
    with Session(engine) as session, clock.at(NOW):
        deploy_directory(session, resources.bpmn())
        desk = Desk(app, session, make_cast(session))
        session.flush()
        given = {
            "cases": CASES, "people": COLLECTORS, "day": TODAY, "now": NOW, "branch": desk.cast.north.id,
            "like": desk.cast.cole.id,
        }  # fmt: skip
        for statement in (_PEOPLE, _CUSTOMERS, _ITEMS, _INTERRUPTIONS, _CASES, _CONTACTS, _RATINGS):
            session.execute(text(statement), given)
        session.commit()
        session.execute(text("ANALYZE"))
        begin = time.perf_counter()
        scored = worklist.rescore(session, TODAY)
        session.commit()
        rate = scored / (time.perf_counter() - begin)
        session.execute(text("ANALYZE"))
        session.commit()
        return _pages(desk, rounds), rate


def _pages(desk: Desk, rounds: int) -> dict[str, tuple[float, float]]:
    cole, carla = desk.browser(desk.cast.cole).client, desk.browser(desk.cast.carla).client
    desk.get(desk.cast.cole, "/")
    desk.get(desk.cast.carla, "/")
    number = desk.session.execute(text("SELECT number FROM collection_case ORDER BY id LIMIT 1")).scalar_one()
    asked = {
        "Worklist of a collector": (cole, "/collection"),
        "Worklist, all cases": (cole, "/collection?scope=all"),
        "Worklist of who leads, sorted by age": (carla, "/collection?scope=all&sort=age"),
        "Worklist, look again today": (carla, "/collection?scope=all&due=today"),
        "Page of a case": (cole, f"/collection/cases/{number}"),
        "Team": (carla, "/collection/team"),
    }
    for client, path in asked.values():
        client.get(path)
    settle()  # as the server does once it is up
    return {
        name: milliseconds(lambda client=client, path=path: client.get(path).status_code, rounds)  # type: ignore[misc]
        for name, (client, path) in asked.items()
    }
