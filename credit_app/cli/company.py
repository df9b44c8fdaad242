"""`credit company`: what a company needs before its people can work: branches, departments, exchange rates."""

from datetime import date
from decimal import Decimal, InvalidOperation

import click
from sqlalchemy import select

from credit_app.cli.common import application, tell
from credit_app.db import db
from credit_app.domain.dates import day_in_zone
from credit_app.models import Branch, Department, ExchangeRate, known_currency, the_company
from workflows import Refused, clock


@click.group()
def company() -> None:
    """The company: its branches, departments and exchange rates."""


@company.command()
def show() -> None:
    """Show name, base currency, time zone and branches."""
    with application():
        found = the_company(db.session())
        click.echo(f"{found.name}, {found.base_currency}, {found.time_zone}")
        for branch in db.session.scalars(select(Branch).order_by(Branch.code)):
            click.echo(f"  {branch.code}  {branch.name}")


@company.command()
@click.argument("code")
@click.argument("name")
def branch(code: str, name: str) -> None:
    """Add a branch: a short CODE and its NAME."""
    with application():
        if not code.strip() or not name.strip():
            raise Refused("A branch needs a code and a name.")
        if db.session.scalar(select(Branch.id).where(Branch.code == code.strip())):
            raise Refused(f"There is a branch {code.strip()} already; nothing was changed.")
        db.session.add(Branch(code=code.strip(), name=name.strip()))
        db.session.commit()
    tell(f"The branch {code.strip()} is there.")


@company.command()
@click.argument("name")
@click.option("--branch", "code", help="Code of its branch; without it the department is the company's.")
def department(name: str, code: str | None) -> None:
    """Add a department NAME."""
    with application():
        found = db.session.scalar(select(Branch).where(Branch.code == code)) if code else None
        if code and found is None:
            raise Refused(f"There is no branch {code}.")
        db.session.add(Department(name=name.strip(), branch=found))
        db.session.commit()
    tell(f"The department {name.strip()} is there.")


@company.command()
@click.argument("base")
@click.argument("quote")
@click.argument("rate")
@click.option("--day", help="First day it counts, YYYY-MM-DD; today when left out.")
@click.option("--source", default="entered by hand", show_default=True, help="Where the rate comes from.")
def rate(base: str, quote: str, rate: str, day: str | None, source: str) -> None:
    """Enter an exchange rate: one unit of BASE is RATE units of QUOTE."""
    with application():
        session = db.session()
        codes = [known_currency(session, code.upper()).code for code in (base, quote)]
        if codes[0] == codes[1]:
            raise Refused("A rate stands between two different currencies.")
        counts_from = day_of(day) if day else day_in_zone(clock.now(), the_company(session).time_zone)
        known = session.scalar(
            select(ExchangeRate).where(
                ExchangeRate.base == codes[0], ExchangeRate.quote == codes[1], ExchangeRate.day == counts_from
            )
        )
        if known is not None:
            raise Refused(
                f"There is a rate of {codes[0]} to {codes[1]} on {counts_from} already: {known.rate}."
            )
        session.add(
            ExchangeRate(base=codes[0], quote=codes[1], day=counts_from, rate=number_of(rate), source=source)
        )
        session.commit()
    tell(f"1 {codes[0]} = {number_of(rate)} {codes[1]} from {counts_from} on.")


def day_of(text: str) -> date:
    """The day. Raises Refused."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"“{text}” is not a day; write it like 2026-03-31.") from None


def number_of(text: str) -> Decimal:
    """A rate above zero. Raises Refused."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found <= 0:
        raise Refused(f"“{text}” is not a rate above zero; write it like 1.0842.")
    return found
