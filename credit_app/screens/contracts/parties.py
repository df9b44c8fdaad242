"""Suppliers and partners: the list, the file of one, a new one with those that it may be already, and changes."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.facts.parties import alike, change_party, customer_of, named, record_party
from credit_app.forms.parties import PARTY_KIND_WORDS, PARTY_STATUS_WORDS, PartyForm
from credit_app.i18n import _
from credit_app.models import Branch, Customer
from credit_app.models.contract import Contract, ContractDocument
from credit_app.models.party import PARTY_KINDS, PARTY_STATUSES, Party
from credit_app.permissions import KEEPERS, branches_of
from credit_app.screens import visible
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import may
from credit_app.screens.clock import today
from credit_app.screens.contracts import blueprint
from credit_app.screens.contracts.visible import (
    OTHER_SIDE,
    party_by_number,
    visible_contracts,
    visible_parties,
)
from credit_app.screens.listing import Listing, Sort
from credit_app.screens.problems import at_field
from workflows import Refused

SORTS = {"name": Sort(func.lower(Party.name)), "number": Sort(Party.number)}
MOST = 200


@blueprint.get("/parties")
@allowed("party.see")
def parties() -> ResponseReturnValue:
    """List suppliers and partners."""
    listing = Listing(SORTS, Party.id, "name")
    kind, status = listing.choice("kind", PARTY_KINDS), listing.choice("status", PARTY_STATUSES)
    typed = listing.args.get("q", "").replace("\0", "").strip()[:100]
    query = select(Party).where(visible_parties(person())).options(joinedload(Party.branch))
    if kind:
        query = query.where(Party.kind == kind)
    if status:
        query = query.where(Party.status == status)
    if typed:
        query = query.where(named(typed))
    rows = listing.page(
        db.session().scalars(listing.apply(query)).all(),
        lambda row: (row.name.lower() if listing.sort == "name" else row.number, row.id),
    )
    return render_template(
        "contracts/parties.html",
        listing=listing,
        rows=rows,
        typed=typed,
        filtered=bool(kind or status or typed),
        kind_chips=_chips(listing, "kind", kind, PARTY_KIND_WORDS),
        status_chips=_chips(listing, "status", status, PARTY_STATUS_WORDS),
    )


@blueprint.get("/parties/<number>")
@allowed("party.see")
def party(number: str) -> ResponseReturnValue:
    """Show the file of a supplier or partner."""
    found, session = party_by_number(number), db.session()
    mine = select(Contract).where(Contract.party_id == found.id, visible_contracts(person()))
    papers = (
        select(ContractDocument, Contract)
        .join(Contract, Contract.id == ContractDocument.contract_id)
        .where(Contract.party_id == found.id, visible_contracts(person()))
        .order_by(ContractDocument.id.desc())
    )
    return render_template(
        "contracts/party.html",
        party=found,
        contracts=session.scalars(mine.options(*OTHER_SIDE).order_by(Contract.id.desc()).limit(MOST)).all(),
        papers=session.execute(papers.limit(MOST)).all(),
        customer=_seen(customer_of(session, found)),
        may_change=may(person(), "party.change", found),
    )


@blueprint.route("/parties/new", methods=["GET", "POST"])
@allowed("party.change")
def new_party() -> ResponseReturnValue:
    """Open the file of a supplier or partner, unless it is one of those there are."""
    form = PartyForm().offer(*_branches())
    if not form.is_submitted():
        return _form_page(None, form)
    found: list[Party] = []
    problem = None
    if form.validate():
        session, values = db.session(), form.values()
        found = alike(
            session, values["name"], values["country"] or "", values["registration_number"] or "", today()
        )
        if not found or form.other.data:
            try:
                row = record_party(session, values, person().id)
                check("party.change", row)
            except Refused as refused:
                session.rollback()
                problem = at_field(form, refused)
            else:
                address = url_for("contracts.party", number=row.number)
                session.commit()
                flash(_("The file is open."), "success")
                return redirect(address)
    return _form_page(None, form, problem, found), 422


@blueprint.route("/parties/<number>/edit", methods=["GET", "POST"])
@allowed("party.change")
def edit_party(number: str) -> ResponseReturnValue:
    """Change master data, unless somebody else did meanwhile."""
    found = party_by_number(number)
    check("party.change", found)
    form, problem = PartyForm().offer(*_branches(found)), None
    if not form.is_submitted():
        return _form_page(found, form.show(found))
    if form.validate():
        session = db.session()
        sent = form.version.data or ""
        try:
            changed = change_party(session, found, form.values(), int(sent) if sent.isdecimal() else 0)
            check("party.change", found)
        except Refused as refused:
            session.rollback()
            found, problem = party_by_number(number), at_field(form, refused)
        else:
            session.commit()
            flash(_("Saved.") if changed else _("Nothing was changed."), "success")
            return redirect(url_for("contracts.party", number=number))
    return _form_page(found, form, problem), 422


def _form_page(
    found: Party | None, form: PartyForm, problem: str | None = None, like: list[Party] | None = None
) -> str:
    """The form; of the companies alike that one may not see, only how many there are."""
    like = like or []
    ids = [row.id for row in like]
    seen = db.session.scalars(select(Party).where(Party.id.in_(ids), visible_parties(person()))).all()
    return render_template(
        "contracts/party_form.html",
        party=found,
        form=form,
        problem=problem,
        alike=sorted(seen, key=lambda row: ids.index(row.id)),
        hidden=len(like) - len(seen),
    )


def _seen(customer: Customer | None) -> Customer | None:
    """The customer, if the signed-in person may see it."""
    if customer is None or not may(person(), "customer.list"):
        return None
    query = select(Customer).where(Customer.id == customer.id, visible.customers(person()))
    return db.session.scalar(query)


def _branches(party: Party | None = None) -> tuple[list[tuple[int, str]], bool]:
    """The branches in which one may open files, and whether that is every branch; a party keeps the one it has."""
    mine = branches_of(person(), KEEPERS)
    query = select(Branch.id, Branch.name).order_by(func.lower(Branch.name), Branch.id)
    if mine is not None:
        query = query.where(Branch.id.in_({*mine, *([party.branch_id] if party else [])}))
    every = mine is None or (party is not None and party.branch_id is None)
    return [(row.id, row.name) for row in db.session.execute(query)], every


def _chips(listing: Listing, name: str, chosen: str | None, words: Any) -> list[dict[str, Any]]:
    pairs: list[tuple[str | None, str]] = [
        (None, _("All")),
        *((one, str(word)) for one, word in words.items()),
    ]
    return [
        {"label": word, "url": listing.url(**{name: value}), "current": value == chosen}
        for value, word in pairs
    ]
