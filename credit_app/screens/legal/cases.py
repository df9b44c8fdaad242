"""Legal cases: the list by status, one with its dates, events, papers, costs and diagram, and what is added to it."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from credit_app import legal as starting
from credit_app.db import db
from credit_app.facts import legal, legal_page
from credit_app.facts.customer_documents import document_of, file_under
from credit_app.facts.evidence import evidence_of
from credit_app.facts.legal_costs import add_cost
from credit_app.forms.legal import CostForm, PaperForm
from credit_app.i18n import _, said
from credit_app.models import Customer
from credit_app.models.legal import ENDED_LEGAL, OPEN_LEGAL, LegalCase, LegalDocument
from credit_app.permissions import CREDIT, LEDGER, branches_of
from credit_app.reports.evidence_pack import file_pack
from credit_app.screens import process_view
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import engine, may
from credit_app.screens.clock import now, today
from credit_app.screens.exporting import attached
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.legal import blueprint
from credit_app.screens.listing import Listing, Sort
from credit_app.screens.words import status_word
from workflows import Actor, InvalidAnswer, NotFound, Refused, inbox

ROLES = (*CREDIT, *LEDGER, "auditor")
SORTS = {"amount": Sort(LegalCase.amount), "since": Sort(LegalCase.started_on)}


@blueprint.get("/")
@allowed("legal.see")
def index() -> ResponseReturnValue:
    """Show the open cases of one's branches, the newest first, or those of one status."""
    listing = Listing(SORTS, LegalCase.id, "-since")
    status = listing.choice("status", (*OPEN_LEGAL, *ENDED_LEGAL))
    query = select(LegalCase).join(LegalCase.customer).where(mine())
    query = query.options(
        joinedload(LegalCase.customer), joinedload(LegalCase.counsel), selectinload(LegalCase.dates)
    )
    query = query.where(LegalCase.status == status if status else LegalCase.ended_on.is_(None))
    sort = "amount" if listing.sort == "amount" else "started_on"
    rows = listing.page(
        db.session().scalars(listing.apply(query)).all(), lambda row: (getattr(row, sort), row.id)
    )
    next_dates = {row.id: next(iter(legal.open_dates(row)), None) for row in rows}
    return render_template(
        "legal/index.html",
        listing=listing,
        rows=rows,
        next_dates=next_dates,
        chips=chips(listing, status),
        status=status,
        day=today(),
    )


@blueprint.get("/cases/<number>")
@allowed("legal.see")
def case(number: str) -> ResponseReturnValue:
    """Show a case."""
    found, file = fetch(number)
    page = case_page(found, file)
    file.log("view", "account")
    db.session.commit()
    return page


@blueprint.get("/cases/<number>/evidence.zip")
@allowed("legal.see")
def evidence(number: str) -> ResponseReturnValue:
    """Hand out the newest evidence pack as it was made."""
    found, file = fetch(number)
    check("customer.file", file.customer)
    if found.pack_id is None:
        raise NotFound(_("No evidence pack of this case was made yet."))
    document = document_of(db.session(), found.customer_id, found.pack_id, content=True)
    name, content = document.filename, document.content
    file.log("export", "documents", {"document": [None, name]})
    db.session.commit()
    return attached(content, "application/zip", name)


@blueprint.post("/cases/<number>/evidence")
@allowed("legal.see")
def make_evidence(number: str) -> ResponseReturnValue:
    """Make the evidence pack anew from what the file holds today."""
    found, file = fetch(number)
    check("legal.work", file.customer)
    document = file_pack(db.session(), found, today(), now(), person().id)
    return done(
        found, file, _("The evidence pack is made."), "documents", {"document": [None, document.filename]}
    )


@blueprint.post("/cases/<number>/papers")
@allowed("legal.see")
def add_paper(number: str) -> ResponseReturnValue:
    """File a paper as a piece of evidence."""
    found, file = fetch(number)
    check("legal.work", file.customer)
    form, session = PaperForm(prefix="paper"), db.session()
    if form.validate():
        try:
            upload = form.handed()
            if upload is None:
                raise InvalidAnswer("file", _("Choose the file."))
            received_on = received(form, found)
            document = file_under(session, found.customer_id, [upload], "other", person().id, now())[0]
            session.add(
                LegalDocument(
                    case_id=found.id,
                    piece=form.piece.data,
                    document_id=document.id,
                    received_on=received_on,
                    made_by=person().id,
                    created_at=now(),
                )
            )
            session.flush()
        except Refused as refused:
            session.rollback()
            field = (
                form[refused.field]
                if isinstance(refused, InvalidAnswer) and refused.field in form
                else form.file
            )
            field.errors = [said(refused)]
        else:
            return done(
                found, file, _("The paper is filed."), "documents", {"document": [None, upload.filename]}
            )
    return case_page(*fetch(number), paper=form), 422


def received(form: PaperForm, case: LegalCase) -> date | None:
    """The day on which the debtor received a demand. Raises InvalidAnswer for another paper or a day to come."""
    day: date | None = form.received_on.data
    if day is not None and form.piece.data != "demands":
        raise InvalidAnswer("received_on", _("Only a demand is received by the debtor; leave the day empty."))
    if day is not None and not min(row.item.document_date for row in case.items) <= day <= today():
        raise InvalidAnswer("received_on", _("Give a day since the first claimed item, up to today."))
    return day


@blueprint.post("/cases/<number>/costs")
@allowed("legal.see")
def add_a_cost(number: str) -> ResponseReturnValue:
    """Write a cost down; what the debtor owes of it becomes an item of the ledger."""
    found, file = fetch(number)
    check("legal.work", file.customer)
    form, session = CostForm(prefix="cost"), db.session()
    if form.validate():
        session.refresh(found, with_for_update=True)  # the items of two costs at once are numbered one by one
        try:
            row = add_cost(
                session,
                found,
                form.kind.data,
                form.amount.amount,
                form.incurred_on.data,
                form.note.data or "",
                today(),
                person().id,
                now(),
                claimed=bool(form.claimed.data),
            )
        except InvalidAnswer as refused:
            session.rollback()
            form[refused.field].errors = [said(refused)]
        except Refused as refused:
            session.rollback()
            form.amount.errors = [said(refused)]
        else:
            return done(found, file, _("The cost is entered."), "account", {"cost": [None, str(row.amount)]})
    return case_page(*fetch(number), cost=form), 422


@blueprint.post("/customers/<number>/start")
@allowed("legal.see")
def start(number: str) -> ResponseReturnValue:
    """Begin legal action about all that is overdue of a customer."""
    file, session = opened(number), db.session()
    check("legal.start", file.customer)
    number = file.customer.number
    try:
        begun = starting.start(session, engine(), file.customer.id, Actor(person().id), "screen:legal.start")
    except Refused as refused:
        session.rollback()
        flash(said(refused), "error")
        return redirect(url_for("receivables.account", number=number))
    return done(begun, file, _("Legal action has begun."), "account", {"legal_case": [None, begun.number]})


# --- inside -------------------------------------------------------------------------------------------------------


def fetch(number: str) -> tuple[LegalCase, Opened]:
    """The case and the file of its customer. Raises NotFound, ReasonNeeded."""
    found = db.session.scalar(select(LegalCase).where(LegalCase.number == number))
    if found is None:
        raise NotFound(_("There is no such case, or it is not yours to see."))
    return found, opened(found.customer.number)


def case_page(found: LegalCase, file: Opened, **forms: Any) -> str:
    """The page of a case with its forms as they stand."""
    session = db.session()
    tasks = inbox.of_instance(session, found.instance_id) if found.instance_id else []
    me = person()
    own = next((task for task in tasks if process_view.may_open(task, me)), None)
    return render_template(
        "legal/case.html",
        **legal_page.of_case(session, found, today()),
        customer=file.customer,
        payments=legal_page.payments(session, found),
        lacking=evidence_of(session, found, today()).missing,
        task=own,
        drawing=process_view.diagram(session, found.instance_id, tasks) if found.instance_id else None,
        paper=forms.get("paper") or PaperForm(formdata=None, prefix="paper"),
        cost=forms.get("cost") or CostForm(formdata=None, prefix="cost", incurred_on=today()),
        may_work=may(me, "legal.work", file.customer),
        may_open_document=may(me, "customer.file", file.customer),
    )


def done(
    found: LegalCase, file: Opened, sentence: str, area: str, details: dict[str, Any]
) -> ResponseReturnValue:
    """Log and commit, say what was done and show the case."""
    address = url_for("legal.case", number=found.number)
    file.log("change", area, details)
    db.session.commit()
    flash(sentence, "success")
    return redirect(address)


def mine() -> ColumnElement[bool]:
    """Customers of the branches that are the signed-in person's."""
    branches = branches_of(person(), ROLES)
    if branches is None:
        return true()
    return or_(Customer.branch_id.is_(None), Customer.branch_id.in_(branches))


def chips(listing: Listing, chosen: str | None) -> list[dict[str, Any]]:
    """The filters by status, each with how many cases there are."""
    query = (
        select(LegalCase.status, func.count())
        .join(LegalCase.customer)
        .where(mine())
        .group_by(LegalCase.status)
    )
    counts = {row[0]: row[1] for row in db.session.execute(query)}
    found = [{"label": _("all open"), "url": listing.url(status=None), "current": chosen is None}]
    return found + [
        {
            "label": status_word(f"legal_action_{status}").label,
            "url": listing.url(status=status),
            "current": status == chosen,
            "count": counts.get(status),
        }
        for status in (*OPEN_LEGAL, *ENDED_LEGAL)
        if counts.get(status) or status == chosen
    ]
