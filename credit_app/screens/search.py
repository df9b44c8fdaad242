"""Search over everything a person may see; an exact number leads straight to its page."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select

from credit_app.db import db
from credit_app.facts.parties import named as party_named
from credit_app.models import CreditApplication, Customer, Person
from credit_app.models.contract import Contract
from credit_app.models.contract_review import ContractReview
from credit_app.models.orders import OrderRelease, SalesOrder
from credit_app.models.party import Party
from credit_app.models.performance import ContractRenewal
from credit_app.screens import visible
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import may
from credit_app.screens.applications import CUSTOMER_NAME, found_by
from credit_app.screens.contracts.register import found_by as contract_found_by
from credit_app.screens.contracts.visible import OTHER_SIDE, visible_contracts, visible_parties
from credit_app.screens.customers import named
from credit_app.screens.file import opening

blueprint = Blueprint("search", __name__)

MOST = 20


@blueprint.get("/search")
@allowed("start.see")
def results() -> ResponseReturnValue:
    """Show what the words are found in."""
    words = request.args.get("q", "").replace("\x00", "").strip()[:100]
    jump = exact(words) if words else None
    if jump:
        return redirect(jump)
    return render_template("search.html", words=words, **(found(words) if words else {}))


def exact(words: str) -> str | None:
    """Return the page whose number was typed, or None."""
    me, number = person(), words.upper()
    if may(me, "application.list"):
        query = select(CreditApplication.number).where(
            func.upper(CreditApplication.number) == number, visible.applications(me)
        )
        if kept := db.session.scalar(query):
            return url_for("applications.show", number=kept)
    if may(me, "contract.see") and (page := exact_contract(me, number)):
        return page
    if may(me, "party.see"):
        files = select(Party.number).where(Party.number == number, visible_parties(me))
        if kept := db.session.scalar(files):
            return url_for("contracts.party", number=kept)
    if may(me, "order.see") and (sold := exact_order(words, number)):
        return sold
    return exact_customer(words, number)


def exact_order(words: str, number: str) -> str | None:
    """Return the page of the order, or of the release of one, whose number was typed, or None."""
    mine = visible.customers(person())
    freed = select(OrderRelease.number).join(OrderRelease.customer).where(OrderRelease.number == number, mine)
    if kept := db.session.scalar(freed):
        return url_for("orders.release", number=kept)
    sent = select(SalesOrder.id).join(SalesOrder.customer).where(SalesOrder.external_id == words, mine)
    ids = db.session.scalars(sent.limit(2)).all()
    if len(ids) > 1:  # two order systems may have given the same number
        return url_for("orders.index", q=words)
    return url_for("orders.order", order_id=ids[0]) if ids else None


def exact_customer(words: str, number: str) -> str | None:
    """Return the page of the customer whose number or id was typed, or of its access log, or None."""
    me = person()
    customers = opening.exactly(words) if may(me, "customer.list") else []
    if len(customers) == 1:
        return url_for("customers.show", number=customers[0].number)
    if may(me, "customer.access_log"):
        logged = select(Customer.number).where(Customer.number == number)
        if kept := db.session.scalar(logged):
            return url_for("customers.access_log", number=kept)
    return None


def exact_contract(me: Person, number: str) -> str | None:
    """Return the page of the contract, its review or its renewal with this number, or None."""
    pages: tuple[tuple[Any, str], ...] = (
        (Contract, "contracts.contract"), (ContractReview, "contracts.review"), (ContractRenewal, "contracts.renewal"),
    )  # fmt: skip
    for kind, page in pages:
        query = select(kind.number).where(kind.number == number, visible_contracts(me))
        if kind is not Contract:
            query = query.join(Contract, Contract.id == kind.contract_id)
        if kept := db.session.scalar(query):
            return url_for(page, number=kept)
    return None


def found(words: str) -> dict[str, Any]:
    """Return the hits by kind, at most 20 each."""
    me = person()
    hits: dict[str, Any] = {"customers": [], "applications": [], "contracts": [], "parties": [], "people": []}
    if may(me, "customer.list"):
        query = (
            select(Customer).where(named(words), visible.customers(me)).order_by(func.lower(Customer.name))
        )
        hits["customers"] = list(db.session.scalars(query.limit(MOST)))
    if may(me, "application.list"):
        applications = (
            select(CreditApplication)
            .outerjoin(CreditApplication.customer)
            .where(found_by(words), visible.applications(me))
            .options(*visible.WITH_NAMES)
            .order_by(CUSTOMER_NAME, CreditApplication.id.desc())
        )
        hits["applications"] = list(db.session.scalars(applications.limit(MOST)))
    if may(me, "contract.see"):
        agreed = select(Contract).where(contract_found_by(words), visible_contracts(me)).options(*OTHER_SIDE)
        hits["contracts"] = list(
            db.session.scalars(agreed.order_by(Contract.created_at.desc(), Contract.id.desc()).limit(MOST))
        )
    if may(me, "party.see"):
        files = select(Party).where(party_named(words), visible_parties(me)).order_by(func.lower(Party.name))
        hits["parties"] = list(db.session.scalars(files.limit(MOST)))
    if may(me, "people.see"):
        like = f"%{words.lower()}%"
        people = select(Person).where(or_(func.lower(Person.name).like(like), Person.email.like(like)))
        hits["people"] = list(db.session.scalars(people.order_by(func.lower(Person.name)).limit(MOST)))
    return hits
