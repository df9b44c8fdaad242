"""The pages of a large customer: its file and the decision about it, with 10,000 invoices and 500 events."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from sqlalchemy import make_url, select, text
from sqlalchemy.orm import Session

from credit_app import create_app, resources, settle
from credit_app.config import Config
from credit_app.db import make_engine
from credit_app.models import Person
from tests.factories import NOW, TODAY, Cast, make_cast, make_complete_file, make_customer, make_limit
from tests.screens.desk import Desk
from workflows import Actor, Base, clock, deploy_directory
from workflows.tables import OpenTask

INVOICES, EVENTS, OTHERS = 10_000, 500, 20
FILL = """
    WITH item AS (
        INSERT INTO receivable_item (source, external_id, customer_id, kind, number, document_date, due_date, amount,
            currency)
        SELECT 'bench', :customer || '-' || n, :customer, 'invoice', 'I-' || n, CAST(:day AS date) - n % 720 - 30,
            CAST(:day AS date) - n % 720, 100 + n % 900, 'EUR'
        FROM generate_series(1, :count) n RETURNING id, customer_id, amount, due_date
    )
    INSERT INTO receipt (source, external_id, customer_id, received_on, amount, currency)
    SELECT 'bench', 'R-' || id, customer_id, due_date + CAST(id % 20 AS int), amount, 'EUR' FROM item
    WHERE due_date + CAST(id % 20 AS int) < CAST(:day AS date) AND id % 17 <> 0
"""
PAY = """
    INSERT INTO allocation (receipt_id, item_id, amount, allocated_on)
    SELECT id, CAST(substr(external_id, 3) AS bigint), amount, received_on FROM receipt
"""


@contextmanager
def desk_with_a_large_customer(url: str) -> Iterator[tuple[Desk, str, Person, int]]:
    """The application on a database of its own; the customer's number, who decides about it, and that task."""
    own = make_url(url).set(database="credit_pages")
    with make_engine(url, pooled=False).connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            text("CREATE DATABASE credit_pages")
        )
    address = own.render_as_string(hide_password=False)
    engine = make_engine(address, pooled=False)
    Base.metadata.create_all(engine)
    config = Config(
        var=Path(tempfile.mkdtemp(prefix="credit-bench-pages-")),
        database_url=address,
        database_app_url=address,
        secret_key="bench",  # noqa: S106
        testing=True,
    )
    app = create_app(config)
    with Session(engine) as session, clock.at(NOW):
        deploy_directory(session, resources.bpmn())
        desk = Desk(app, session, make_cast(session))
        yield desk, *filled(desk, session, desk.cast)
    engine.dispose()


def filled(desk: Desk, session: Session, cast: Cast) -> tuple[str, Person, int]:
    """A customer of that size beside smaller ones, and an application in approval with that many events."""
    customer = make_complete_file(session, make_customer(session, "Large AG", branch_id=cast.north.id))
    make_limit(session, customer)
    counts = {customer.id: INVOICES} | {make_customer(session).id: INVOICES // 10 for _ in range(OTHERS)}
    for one, count in counts.items():
        session.execute(text(FILL), {"customer": one, "count": count, "day": TODAY})
    session.execute(text(PAY))
    session.commit()
    session.execute(text("ANALYZE"))
    session.commit()
    application = desk.assess(desk.enter(customer))
    task = session.scalars(select(OpenTask).where(OpenTask.instance_id == application.instance_id)).one()
    person, number = decider(cast, task.role), task.id
    engine, actor = desk.app.extensions["engine"], Actor(person.id)
    for _ in range(EVENTS // 2):
        engine.claim(session, number, actor, "bench")
        engine.put_back(session, number, actor, "bench")
    session.commit()
    return customer.number, person, number


def decider(cast: Cast, role: str) -> Person:
    """Who of the cast decides at a level."""
    by_role = {
        "credit_analyst": cast.anton,
        "credit_manager": cast.carla,
        "finance_director": cast.felix,
        "cfo": cast.clara,
    }
    return by_role[role]


def milliseconds(answer: Callable[[], int], rounds: int) -> tuple[float, float]:
    """Median and 95th percentile."""
    for _ in range(5):
        assert answer() == 200
    times = []
    for _ in range(rounds):
        begin = perf_counter()
        answer()
        times.append((perf_counter() - begin) * 1000)
    return median(times), quantiles(times, n=20)[-1]


def large_customer(url: str, rounds: int) -> dict[str, tuple[float, float]]:
    """Median and 95th percentile of each page."""
    with desk_with_a_large_customer(url) as (desk, number, person, task):
        desk.get(person, "/")
        client = desk.browser(person).client
        paths = {
            "Customer file, overview": f"/customers/{number}",
            "Customer file, open items": f"/customers/{number}?tab=items",
            "Task page of the decision": f"/tasks/{task}",
        }
        clerk = desk.browser(desk.cast.rita).client
        desk.get(desk.cast.rita, "/")
        accounts = {
            "Customer account": f"/receivables/customers/{number}",
            "Receivables board": "/receivables",
        }
        for path in paths.values():
            client.get(path)
        for path in accounts.values():
            clerk.get(path)
        settle()  # as the server does once it is up
        asked = [(name, client, path) for name, path in paths.items()]
        asked += [(name, clerk, path) for name, path in accounts.items()]
        return {
            name: milliseconds(lambda who=who, path=path: who.get(path).status_code, rounds)  # type: ignore[misc]
            for name, who, path in asked
        }
