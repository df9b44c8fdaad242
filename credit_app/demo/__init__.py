"""The demo company: made by a seeded generator, dated relative to the day it is loaded."""

from datetime import UTC, date, datetime, timedelta
from random import Random

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.demo.applications import add_applications
from credit_app.demo.bank import add_bank
from credit_app.demo.calendar import add_holidays, add_rates
from credit_app.demo.collection import add_collection
from credit_app.demo.confirmations import add_confirmations
from credit_app.demo.contracts_performance import add_contract_performance
from credit_app.demo.contracts_register import add_parties
from credit_app.demo.contracts_review import add_contract_reviews
from credit_app.demo.contracts_templates import add_contract_templates
from credit_app.demo.customers import add_customers
from credit_app.demo.disputes import add_disputes, add_old_debts
from credit_app.demo.dunning import add_letters
from credit_app.demo.file import add_files
from credit_app.demo.files import complete_files
from credit_app.demo.holds import add_holds
from credit_app.demo.ledger import YEARS, add_ledger
from credit_app.demo.legal import add_legal
from credit_app.demo.limits import add_ratings_and_limits, noon
from credit_app.demo.losses import add_losses
from credit_app.demo.order_releases import add_order_releases
from credit_app.demo.orders import add_orders
from credit_app.demo.people import PASSWORD, PEOPLE, add_people, people_lines
from credit_app.demo.promises import add_promises
from credit_app.demo.reviews import add_reviews
from credit_app.demo.worklist import add_worklist
from credit_app.i18n import _
from credit_app.models import Branch, Company, Model, Substitution
from credit_app.seeds import seed
from workflows import Refused

__all__ = ["PASSWORD", "PEOPLE", "NotADemo", "load", "people_lines", "reset"]

SEED = 20260323
BRANCHES = {"HAM": "Hamburg", "LYO": "Lyon", "SHA": "Shanghai"}
# Uploaded process definitions stay: running web and worker processes keep them in memory.
KEPT = frozenset({"definition"})


class NotADemo(Refused):
    """The database holds a real company; the demo neither empties nor overwrites it."""


def load(session: Session, today: date | None = None) -> None:
    """Fills an empty database with the demo company as of `today` (default: now); the caller commits.

    NotADemo when a company is there already.
    """
    today = today or datetime.now(UTC).date()
    if session.get(Company, 1) is not None:
        raise NotADemo(_("There is a company in this database already; the demo is not loaded into it."))
    # Started in the morning, it holds nothing that is still to come.
    instant = min(noon(today), datetime.now(UTC))
    since = noon(today - timedelta(days=365 * YEARS + 30))
    random = Random(SEED)  # noqa: S311 - the same invented figures on every machine
    seed(session)
    name = "Nordlicht Industrial Supply GmbH"
    zone = "Europe/Berlin"
    session.add(Company(id=1, name=name, base_currency="EUR", time_zone=zone, is_demo=True, created_at=since))
    branches = {code: Branch(code=code, name=city) for code, city in BRANCHES.items()}
    session.add_all(branches.values())
    session.flush()
    add_holidays(session, today)
    add_rates(session, today)
    people = add_people(session, branches, since)
    reps = {"HAM": people["sara.lind"], "LYO": people["camille.laurent"], "SHA": people["wang.fang"]}
    customers = add_customers(session, random, branches, reps, since)
    add_ledger(session, random, customers, today)
    add_ratings_and_limits(session, random, customers, today)
    complete_files(session, customers, people["anna.petrova"])
    session.add(
        Substitution(
            person=people["michael.okafor"],
            substitute=people["ines.moreau"],
            starts_on=today + timedelta(days=7),
            ends_on=today + timedelta(days=14),
            reason="Annual leave",
            created_by=people["nora.berg"].id,
        )
    )
    session.flush()
    add_applications(session, customers, people, today)
    add_reviews(session, customers, people, today)
    add_files(session, customers, people, today, SEED)
    add_bank(session, today, instant)
    add_confirmations(session, customers, people["marta.kowalska"], instant)
    add_disputes(session, people["amira.haddad"], instant)
    add_collection(session, instant)
    add_letters(session, people["amira.haddad"], today, instant)
    add_losses(session, people, instant)
    add_promises(session, people, instant)
    add_legal(session, people, instant)
    add_holds(session, people, instant)
    add_contract_templates(session, people, instant)
    add_contract_performance(session, people, instant)
    add_contract_reviews(session, people["sara.lind"], instant)
    add_worklist(session, people, today)
    add_orders(session, instant, today)
    add_parties(session, people, instant)
    add_order_releases(session, instant)
    add_old_debts(session, people["amira.haddad"], people["michael.okafor"], instant)


def reset(session: Session) -> None:
    """Empties every table but the process definitions, as the owner of the tables; the caller commits.

    NotADemo when the company is not the demo: real data is never removed.
    """
    company = session.get(Company, 1)
    if company is None or not company.is_demo:
        raise NotADemo(_("This database does not hold the demo company; nothing was removed."))
    tables = [table.name for table in Model.metadata.sorted_tables if table.name not in KEPT]
    session.expunge_all()
    session.execute(text(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY"))
