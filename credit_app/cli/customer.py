"""`credit customer`: everything held on a customer, for whoever asks the company for it."""

from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.cli.common import application, tell
from credit_app.db import db
from credit_app.facts.customer_access import log_access
from credit_app.models import Customer, Person
from credit_app.permissions import may
from credit_app.reports.customer_archive import archive
from workflows import NotAllowed, NotFound, Refused, clock


@click.group()
def customer() -> None:
    """Customers: export everything held on one."""


@customer.command()
@click.argument("number")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--as", "email", required=True, help="E-mail of who exports; it stands in the access log.")
def export(number: str, file: Path, email: str) -> None:
    """Write everything held on the customer NUMBER into the ZIP archive FILE."""
    with application():
        session = db.session()
        found = session.scalar(select(Customer).where(Customer.number == number.strip().upper()))
        if found is None:
            raise NotFound(f"There is no customer {number.strip()[:40]}.")
        person = session.scalar(select(Person).where(Person.email == email.strip().lower()))
        if person is None or not may(person, "customer.export"):
            raise NotAllowed("Only an active credit manager or auditor exports a customer's file.")
        if file.exists():
            raise Refused(f"The file {file} exists already; nothing was written over.")
        log_access(
            session, found.id, person.id, "export", "everything", clock.now(), "credit customer export"
        )
        customer_id, by = found.id, person.name
        session.commit()
        engine = db.engine.execution_options(isolation_level="REPEATABLE READ")
        with Session(engine) as reading, file.open("wb") as target:
            for chunk in archive(reading, reading.get_one(Customer, customer_id), by, clock.now()):
                target.write(chunk)
    tell(f"Everything held on {number.strip().upper()} is in {file}.")
