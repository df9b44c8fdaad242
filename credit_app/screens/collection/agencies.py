"""Collection agencies and placements: the register with its fees, the board, one placement, its papers and its end."""

import io
import zipfile
from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response

from credit_app import agencies as acting_on
from credit_app import confirmations
from credit_app.db import db
from credit_app.domain.agencies import check_bands
from credit_app.domain.errors import DomainError
from credit_app.facts.agencies import open_by_item, policy_of, receipts_of, recovered_of
from credit_app.facts.statement import statement_of
from credit_app.forms.agencies import PAID_TO_WORDS, AgencyForm, RecallForm, RecoveryForm, number_of
from credit_app.forms.base import options
from credit_app.i18n import _, said
from credit_app.models import Customer, the_company
from credit_app.models.agencies import PLACEMENT_STATUSES, Agency, AgencyFee, AgencyPlacement
from credit_app.reports.pdf import pdf_of
from credit_app.reports.statement import statement_document
from credit_app.reports.tables import csv_table
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import engine, may
from credit_app.screens.clock import now, today
from credit_app.screens.collection import blueprint
from credit_app.screens.collection.cases import mine
from credit_app.screens.exporting import attached
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.listing import Listing, Sort
from credit_app.screens.problems import general_of
from credit_app.screens.words import status_word
from workflows import Actor, InvalidAnswer, NotFound, Refused, clock, inbox

PLACEMENT_SORTS = {"since": Sort(AgencyPlacement.created_at)}

# --- the register --------------------------------------------------------------------------------------------------


@blueprint.get("/agencies")
@allowed("collection.see")
def agencies() -> ResponseReturnValue:
    """Show the agencies with their fees and how many placements each has."""
    session = db.session()
    running = select(AgencyPlacement.agency_id, func.count()).where(AgencyPlacement.status == "running")
    return render_template(
        "collection/agencies.html",
        rows=session.scalars(select(Agency).options(selectinload(Agency.fees)).order_by(Agency.name)).all(),
        running={row[0]: row[1] for row in session.execute(running.group_by(AgencyPlacement.agency_id))},
        today=today(),
        may_change=may(person(), "agency.change"),
    )


@blueprint.get("/agencies/new")
@blueprint.get("/agencies/<int:agency_id>")
@allowed("agency.change")
def agency(agency_id: int | None = None) -> ResponseReturnValue:
    """Show the form of an agency."""
    found, form = fetch_agency(agency_id), AgencyForm(formdata=None)
    form.show(found)
    return render_template("collection/agency.html", agency=found, form=form, general=None)


@blueprint.post("/agencies/new")
@blueprint.post("/agencies/<int:agency_id>")
@allowed("agency.change")
def save_agency(agency_id: int | None = None) -> ResponseReturnValue:
    """Keep an agency and its fee scale."""
    session, form, refused = db.session(), AgencyForm(), None
    found = fetch_agency(agency_id)
    if form.validate():
        try:
            keep_agency(found, form)
            session.commit()
        except Refused as error:
            session.rollback()
            refused = error
        else:
            flash(_("The agency is saved."), "success")
            return redirect(url_for("collection.agencies"))
    general = general_of(form, refused)
    page = render_template(
        "collection/agency.html", agency=fetch_agency(agency_id), form=form, general=general
    )
    return page, (refused.status if refused else 422)


def fetch_agency(agency_id: int | None) -> Agency | None:
    """The agency with that id, None for a new one. Raises NotFound."""
    if agency_id is None:
        return None
    found = db.session().get(Agency, agency_id)
    if found is None:
        raise NotFound(_("There is no such agency."))
    return found


def keep_agency(found: Agency | None, form: AgencyForm) -> None:
    """Write the form down. Raises InvalidAnswer naming the field."""
    session, bands = db.session(), form.bands()
    try:
        check_bands(bands)
    except DomainError as error:
        raise InvalidAnswer("fees-0-percent", said(error.sentence)) from None
    codes = (form.countries.data or "").upper().split()
    if not all(len(code) == 2 and code.isascii() and code.isalpha() for code in codes):
        raise InvalidAnswer("countries", _("Give countries by two letters each, such as DE FR."))
    twin = select(Agency.id).where(func.lower(Agency.name) == (form.name.data or "").lower())
    if session.scalar(twin.where(Agency.id != (found.id if found else 0))):
        raise InvalidAnswer("name", _("There is an agency of this name already."))
    row = found or Agency(created_at=clock.now())
    row.name, row.email, row.countries = form.name.data or "", form.email.data or "", " ".join(codes)
    row.contract_ends_on, row.score = form.contract_ends_on.data, form.score.data
    row.note, row.active = form.note.data or "", bool(form.active.data)
    row.fees.clear()
    session.add(row)
    session.flush()
    row.fees = [
        AgencyFee(
            place=place, up_to_days=band.up_to_days, up_to_amount=band.up_to_amount, percent=band.percent
        )
        for place, band in enumerate(bands)
    ]
    session.flush()


# --- placements ----------------------------------------------------------------------------------------------------


@blueprint.get("/placements")
@allowed("collection.see")
def placements() -> ResponseReturnValue:
    """Show the placements of one's branches, the newest first, or those of one status."""
    listing = Listing(PLACEMENT_SORTS, AgencyPlacement.id, "-since")
    status = listing.choice("status", PLACEMENT_STATUSES)
    query = select(AgencyPlacement).join(AgencyPlacement.customer).where(mine())
    query = query.options(joinedload(AgencyPlacement.customer), joinedload(AgencyPlacement.agency))
    if status:
        query = query.where(AgencyPlacement.status == status)
    rows = listing.page(
        db.session().scalars(listing.apply(query)).all(), lambda row: (row.created_at, row.id)
    )
    chips = placement_chips(listing, status)
    return render_template(
        "collection/placements.html", listing=listing, rows=rows, chips=chips, status=status
    )


@blueprint.get("/placements/<number>")
@allowed("collection.see")
def placement(number: str) -> ResponseReturnValue:
    """Show a placement: its debts, reports, recoveries, the task that is open."""
    found, file = fetch_placement(number)
    page = placement_page(found, file)
    file.log("view", "account")
    db.session.commit()
    return page


@blueprint.get("/placements/<number>/documents.zip")
@allowed("collection.work")
def placement_pack(number: str) -> ResponseReturnValue:
    """Hand out what goes to the agency: the statement of account and the list of the debts."""
    found, file = fetch_placement(number)
    session, day = db.session(), today()
    statement = statement_of(session, file.customer.id, day, day - confirmations.PERIOD)
    language = "zh_Hans_CN" if file.customer.country == "CN" else "en"
    with force_locale(language):
        document = statement_document(the_company(session).name, file.customer, statement, language)
        paper = pdf_of(document, now())
    now_open = open_by_item(session, found)
    heads = (_("Number"), _("Document date"), _("Due"), _("Amount"), _("Open"), _("Currency"))
    rows = [
        (
            row.item.number,
            row.item.document_date,
            row.item.due_date,
            row.item.amount,
            # What was paid since is not asked for: the agency gets what the ledger says today.
            min(row.amount, now_open.get(row.item_id, Decimal(0))),
            found.currency,
        )
        for row in found.items
        if now_open.get(row.item_id, 0) > 0
    ]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("statement.pdf", paper)
        pack.writestr("invoices.csv", b"".join(csv_table("invoices", heads, rows)))
    file.log("export", "account")
    session.commit()
    return attached(content.getvalue(), "application/zip", f"{found.number}.zip")


@blueprint.post("/customers/<number>/placement")
@allowed("collection.see")
def ask_placement(number: str) -> ResponseReturnValue:
    """Ask for an agency by hand."""
    file, session = opened(number), db.session()
    check("placement.start", file.customer)
    try:
        begun = acting_on.start(
            session, engine(), file.customer.id, Actor(person().id), "screen:collection.ask_placement"
        )
    except Refused as refused:
        session.rollback()
        flash(said(refused), "error")
        return redirect(url_for("collection.placements"))
    file.log("change", "account", {"placement": [None, begun.number]})
    address = url_for("collection.placement", number=begun.number)
    session.commit()
    flash(_("A placement is begun; the agency is chosen next."), "success")
    return redirect(address)


@blueprint.post("/placements/<number>/recoveries")
@allowed("collection.see")
def placement_recovery(number: str) -> ResponseReturnValue:
    """Record what the agency recovered."""
    found, file = fetch_placement(number)
    check("placement.work", file.customer)
    form, refused = RecoveryForm(), None
    if form.validate():
        try:
            acting_on.recover(
                db.session(), found, form.recovered_on.data, form.amount.amount, form.fee.amount or Decimal(0),
                form.paid_to.data or "", number_of(form.receipt.data), form.note.data or "", person().id,
                chargeable=bool(form.chargeable.data),
            )  # fmt: skip
            file.log("change", "account", {"recovery": [None, str(form.amount.amount)]})
            return committed(number, _("The recovery is recorded."))
        except Refused as error:
            db.session.rollback()
            refused = error
    found, file = fetch_placement(number)
    return placement_page(found, file, recovery=form, refused=refused), (refused.status if refused else 422)


@blueprint.post("/placements/<number>/recall")
@allowed("collection.see")
def placement_recall(number: str) -> ResponseReturnValue:
    """Recall the debts from the agency."""
    found, file = fetch_placement(number)
    check("placement.end", file.customer)
    form, refused = RecallForm(), None
    if form.validate():
        try:
            acting_on.recall(
                db.session(), engine(), found, form.days.data, form.reason.data or "", person().id
            )
            file.log("change", "account", {"recall": [None, form.reason.data]})
            return committed(number, _("The debts are recalled."))
        except Refused as error:
            db.session.rollback()
            refused = error
    found, file = fetch_placement(number)
    return placement_page(found, file, ending=form, refused=refused), (refused.status if refused else 422)


@blueprint.post("/placements/<number>/returned")
@allowed("collection.see")
def placement_back(number: str) -> ResponseReturnValue:
    """The agency gives the debts back without success."""
    found, file = fetch_placement(number)
    check("placement.work", file.customer)
    form, refused = RecallForm(), None
    if form.validate():
        try:
            acting_on.give_back(db.session(), engine(), found, form.reason.data or "", person().id)
            file.log("change", "account", {"returned": [None, form.reason.data]})
            return committed(number, _("The agency has given the debts back."))
        except Refused as error:
            db.session.rollback()
            refused = error
    found, file = fetch_placement(number)
    return placement_page(found, file, ending=form, refused=refused), (refused.status if refused else 422)


# --- inside -------------------------------------------------------------------------------------------------------


def committed(number: str, text: str) -> Response:
    """Commit, say it, and lead back to the placement."""
    db.session.commit()
    flash(text, "success")
    return redirect(url_for("collection.placement", number=number))


def fetch_placement(number: str) -> tuple[AgencyPlacement, Opened]:
    """The placement and the file of its customer. Raises NotFound, ReasonNeeded."""
    found = db.session().scalar(select(AgencyPlacement).where(AgencyPlacement.number == number))
    if found is None:
        raise NotFound(_("There is no such placement, or it is not yours to see."))
    return found, opened(found.customer.number)


def placement_page(
    found: AgencyPlacement,
    file: Opened,
    recovery: RecoveryForm | None = None,
    ending: RecallForm | None = None,
    refused: Refused | None = None,
) -> str:
    """The page of a placement; what was typed stays in its form."""
    session, customer = db.session(), file.customer
    sent = recovery or ending
    recovery = recovery or RecoveryForm(formdata=None)
    receipts = receipts_of(session, found)
    words = [(str(one.id), f"{one.received_on.isoformat()}, {one.currency} {one.amount}") for one in receipts]
    recovery.receipt.choices = options(words, "–")
    now_open = open_by_item(session, found)
    recovery.paid_to.choices = options(PAID_TO_WORDS.items())
    return render_template(
        "collection/placement.html",
        placement=found,
        customer=customer,
        tasks=inbox.of_instance(session, found.instance_id) if found.instance_id else [],
        now_open=now_open,
        open=sum(now_open.values(), Decimal(0)),
        recovered=recovered_of(found),
        recovery=recovery,
        ending=ending or RecallForm(formdata=None),
        sent=sent,
        general=general_of(sent, refused) if sent is not None else None,
        least_days=policy_of(session, today()).recall_days,
        may_work=may(person(), "placement.work", customer),
        may_end=may(person(), "placement.end", customer),
        may_pack=may(person(), "collection.work", customer),
        may_open_document=may(person(), "customer.file", customer),
    )


def placement_chips(listing: Listing, chosen: str | None) -> list[dict[str, Any]]:
    """The filters by status, each with how many there are."""
    query = (
        select(AgencyPlacement.status, func.count())
        .join(Customer, Customer.id == AgencyPlacement.customer_id)
        .where(mine())
        .group_by(AgencyPlacement.status)
    )
    counts = {row[0]: row[1] for row in db.session.execute(query)}
    found = [{"label": _("all"), "url": listing.url(status=None), "current": chosen is None}]
    return found + [
        {
            "label": status_word(f"agency_placement_{status}").label,
            "url": listing.url(status=status),
            "current": status == chosen,
            "count": counts.get(status),
        }
        for status in PLACEMENT_STATUSES
        if counts.get(status) or status == chosen
    ]
