"""Balance confirmations: the list by status, one with what was sent and answered, and the button that begins one."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import joinedload

from credit_app import confirmations as starting
from credit_app.db import db
from credit_app.facts.confirmation import balances_of, get_confirmation, statement_in
from credit_app.facts.confirmation_answer import interrupted_by
from credit_app.i18n import LANGUAGES, _, said
from credit_app.models import CONFIRMATION_STATUSES, BalanceConfirmation, Customer, the_company
from credit_app.permissions import CREDIT, LEDGER, branches_of
from credit_app.reports.pdf import pdf_of
from credit_app.reports.statement import statement_document
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import engine, may
from credit_app.screens.clock import now
from credit_app.screens.exporting import attached
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.listing import Listing, Sort
from credit_app.screens.receivables import blueprint
from credit_app.screens.words import status_word
from workflows import Actor, NotFound, Refused, inbox

ROLES = (*CREDIT, *LEDGER, "auditor")
SORTS = {"as_of": Sort(BalanceConfirmation.as_of)}


@blueprint.get("/confirmations")
@allowed("confirmation.see")
def confirmations() -> ResponseReturnValue:
    """Show the confirmations of one's branches, the newest first, or those of one status."""
    session = db.session()
    listing = Listing(SORTS, BalanceConfirmation.id, "-as_of")
    status = listing.choice("status", CONFIRMATION_STATUSES)
    query = select(BalanceConfirmation).join(BalanceConfirmation.customer).where(mine())
    query = query.options(joinedload(BalanceConfirmation.customer))
    if status:
        query = query.where(BalanceConfirmation.status == status)
    rows = listing.page(session.scalars(listing.apply(query)).all(), lambda row: (row.as_of, row.id))
    return render_template(
        "receivables/confirmations.html",
        listing=listing,
        rows=rows,
        balances=balances_of(session, [row.id for row in rows]),
        chips=chips(listing, status),
        status=status,
    )


@blueprint.get("/confirmations/<int:confirmation_id>")
@allowed("confirmation.see")
def confirmation(confirmation_id: int) -> ResponseReturnValue:
    """Show a confirmation: the statement that was sent, the answer, the differences, the task that is open."""
    session = db.session()
    found, file = fetch(confirmation_id)
    page = render_template(
        "receivables/confirmation.html",
        customer=file.customer,
        found=found,
        statement=statement_in(found),
        tasks=inbox.of_instance(session, found.instance_id) if found.instance_id else [],
        interrupted=interrupted_by(session, found),
        languages=LANGUAGES,
        may_act=may(person(), "confirmation.start", file.customer),
        may_open_document=may(person(), "customer.file", file.customer),
    )
    file.log("view", "account")
    db.session.commit()
    return page


@blueprint.get("/confirmations/<int:confirmation_id>/statement.<language>.pdf")
@allowed("confirmation.see")
def confirmation_pdf(confirmation_id: int, language: str) -> ResponseReturnValue:
    """Hand out what was sent, with a place to sign, to print it; it is the statement as it was taken."""
    if language not in LANGUAGES:
        raise NotFound(_("There is no statement in this language."))
    found, file = fetch(confirmation_id)
    company = the_company(db.session()).name
    with force_locale(language):
        document = statement_document(
            company, file.customer, statement_in(found), language, found.answer_by or found.as_of
        )
        content = pdf_of(document, now())
    name = f"{file.customer.number}-{found.as_of.isoformat()}-confirmation.{language}.pdf"
    file.log("print", "account")
    db.session.commit()
    return attached(content, "application/pdf", name)


@blueprint.post("/customers/<number>/confirm")
@allowed("receivables.account")
def confirm(number: str) -> ResponseReturnValue:
    """Ask the customer now to confirm its balance."""
    file, session = opened(number), db.session()
    check("confirmation.start", file.customer)
    number = file.customer.number
    try:
        begun = starting.start(
            session, engine(), file.customer.id, Actor(person().id), "screen:receivables.confirm"
        )
    except Refused as refused:
        session.rollback()
        flash(said(refused), "error")
        return redirect(url_for("receivables.account", number=number))
    file.log("change", "account", {"balance_confirmation": [None, begun.as_of.isoformat()]})
    address = url_for("receivables.confirmation", confirmation_id=begun.id)
    session.commit()
    flash(_("The customer is asked to confirm the balance."), "success")
    return redirect(address)


# --- inside -------------------------------------------------------------------------------------------------------


def fetch(confirmation_id: int) -> tuple[BalanceConfirmation, Opened]:
    """The confirmation and the file of its customer. Raises NotFound, ReasonNeeded."""
    found = get_confirmation(db.session(), confirmation_id)
    return found, opened(found.customer.number)


def mine() -> ColumnElement[bool]:
    """Customers of the branches that are the signed-in person's."""
    branches = branches_of(person(), ROLES)
    if branches is None:
        return true()
    return or_(Customer.branch_id.is_(None), Customer.branch_id.in_(branches))


def chips(listing: Listing, chosen: str | None) -> list[dict[str, Any]]:
    """The filters by status, each with how many there are."""
    query = (
        select(BalanceConfirmation.status, func.count())
        .join(BalanceConfirmation.customer)
        .where(mine())
        .group_by(BalanceConfirmation.status)
    )
    counts = {row[0]: row[1] for row in db.session.execute(query)}
    found = [{"label": _("all"), "url": listing.url(status=None), "current": chosen is None}]
    return found + [
        {
            "label": status_word(f"confirmation_{status}").label,
            "url": listing.url(status=status),
            "current": status == chosen,
            "count": counts.get(status),
        }
        for status in CONFIRMATION_STATUSES
    ]
