"""Visits on site: the board, one with its report and papers, the statement to sign, and the wish for one."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from credit_app import confirmations
from credit_app import visits as acting_on
from credit_app.db import db
from credit_app.facts.statement import statement_of
from credit_app.i18n import LANGUAGES, _, said
from credit_app.models import Customer, the_company
from credit_app.models.visits import VISIT_STATUSES, SiteVisit
from credit_app.reports.pdf import pdf_of
from credit_app.reports.statement import statement_document
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import engine, may
from credit_app.screens.clock import now, today
from credit_app.screens.collection import blueprint
from credit_app.screens.collection.cases import mine
from credit_app.screens.exporting import attached
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.listing import Listing, Sort
from credit_app.screens.words import status_word
from workflows import Actor, NotFound, Refused, inbox

VISIT_SORTS = {"since": Sort(SiteVisit.created_at)}


@blueprint.get("/visits")
@allowed("collection.see")
def visits() -> ResponseReturnValue:
    """Show the visits of one's branches, the newest first, or those of one status."""
    listing = Listing(VISIT_SORTS, SiteVisit.id, "-since")
    status = listing.choice("status", VISIT_STATUSES)
    query = select(SiteVisit).join(SiteVisit.customer).where(mine())
    query = query.options(joinedload(SiteVisit.customer), joinedload(SiteVisit.visitor))
    if status:
        query = query.where(SiteVisit.status == status)
    rows = listing.page(
        db.session().scalars(listing.apply(query)).all(), lambda row: (row.created_at, row.id)
    )
    return render_template(
        "collection/visits.html",
        listing=listing,
        rows=rows,
        chips=visit_chips(listing, status),
        status=status,
    )


@blueprint.get("/visits/<number>")
@allowed("collection.see")
def visit(number: str) -> ResponseReturnValue:
    """Show a visit: the plan, the report, what was brought back, the task that is open."""
    found, file = fetch_visit(number)
    page = render_template(
        "collection/visit.html",
        visit=found,
        customer=file.customer,
        tasks=inbox.of_instance(db.session(), found.instance_id) if found.instance_id else [],
        may_open_document=may(person(), "customer.file", file.customer),
    )
    file.log("view", "account")
    db.session.commit()
    return page


@blueprint.get("/visits/<number>/statement.<language>.pdf")
@allowed("collection.see")
def visit_statement(number: str, language: str) -> ResponseReturnValue:
    """Hand out the statement of today with a place to sign, to take along."""
    if language not in LANGUAGES:
        raise NotFound(_("There is no statement in this language."))
    found, file = fetch_visit(number)
    session, day = db.session(), today()
    statement = statement_of(session, file.customer.id, day, day - confirmations.PERIOD)
    with force_locale(language):
        sign_by = max(found.planned_on or day, day)
        document = statement_document(the_company(session).name, file.customer, statement, language, sign_by)
        content = pdf_of(document, now())
    file.log("print", "account")
    session.commit()
    return attached(content, "application/pdf", f"{found.number}-{day.isoformat()}.{language}.pdf")


@blueprint.post("/customers/<number>/visit")
@allowed("collection.see")
def ask_visit(number: str) -> ResponseReturnValue:
    """Ask for a visit by hand."""
    file, session = opened(number), db.session()
    check("visit.start", file.customer)
    try:
        begun = acting_on.start(
            session, engine(), file.customer.id, Actor(person().id), "screen:collection.ask_visit"
        )
    except Refused as refused:
        session.rollback()
        flash(said(refused), "error")
        return redirect(url_for("collection.visits"))
    file.log("change", "account", {"visit": [None, begun.number]})
    address = url_for("collection.visit", number=begun.number)
    session.commit()
    flash(_("A visit is asked for; it is planned next."), "success")
    return redirect(address)


# --- inside -------------------------------------------------------------------------------------------------------


def fetch_visit(number: str) -> tuple[SiteVisit, Opened]:
    """The visit and the file of its customer. Raises NotFound, ReasonNeeded."""
    found = db.session().scalar(select(SiteVisit).where(SiteVisit.number == number))
    if found is None:
        raise NotFound(_("There is no such visit, or it is not yours to see."))
    return found, opened(found.customer.number)


def visit_chips(listing: Listing, chosen: str | None) -> list[dict[str, Any]]:
    """The filters by status, each with how many there are."""
    query = (
        select(SiteVisit.status, func.count())
        .join(Customer, Customer.id == SiteVisit.customer_id)
        .where(mine())
        .group_by(SiteVisit.status)
    )
    counts = {row[0]: row[1] for row in db.session.execute(query)}
    found = [{"label": _("all"), "url": listing.url(status=None), "current": chosen is None}]
    return found + [
        {
            "label": status_word(f"site_visit_{status}").label,
            "url": listing.url(status=status),
            "current": status == chosen,
            "count": counts.get(status),
        }
        for status in VISIT_STATUSES
        if counts.get(status) or status == chosen
    ]
