"""What was found out about a customer: investigations with their findings, owners, legal records, reports."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from credit_app.db import db
from credit_app.facts.customer_documents import file_under
from credit_app.facts.insolvency import tell_collection
from credit_app.facts.ownership import share_left
from credit_app.forms.customer_records import ClosingForm, LegalRecordForm, OwnerForm, ReportForm
from credit_app.forms.uploads import checked_uploads
from credit_app.i18n import _, said
from credit_app.models import CreditReport, Finding, Investigation, LegalRecord, Owner, currency_codes
from credit_app.screens.access import allowed, check, person
from credit_app.screens.clock import now
from credit_app.screens.customers import blueprint
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.file.page import back_to, reads, tab_page
from workflows import Conflict, InvalidAnswer

MOST = 20
MOST_RECORDS = 200


@reads("investigations")
def read(file: Opened, forms: Mapping[str, Any]) -> dict[str, Any]:
    """Everything found out, newest first, and the forms of what may be added."""
    session, customer_id = db.session(), file.customer.id
    found = select(Investigation).where(Investigation.customer_id == customer_id)
    findings = selectinload(Investigation.findings)
    found = found.options(joinedload(Investigation.investigator), findings.joinedload(Finding.document))
    newest = Investigation.done_at.desc().nulls_first()
    owners = select(Owner).where(Owner.customer_id == customer_id)
    records = select(LegalRecord).where(LegalRecord.customer_id == customer_id)
    reports = select(CreditReport).where(CreditReport.customer_id == customer_id)
    reports = reports.options(joinedload(CreditReport.recorder), joinedload(CreditReport.document))
    return {
        "investigations": session.scalars(found.order_by(newest, Investigation.id.desc()).limit(MOST)).all(),
        "owners": session.scalars(owners.order_by(Owner.as_of.desc(), Owner.id).limit(MOST_RECORDS)).all(),
        "legal_records": session.scalars(
            records.order_by(LegalRecord.opened_on.desc(), LegalRecord.id.desc()).limit(MOST_RECORDS)
        ).all(),
        "reports": session.scalars(reports.order_by(CreditReport.id.desc()).limit(MOST_RECORDS)).all(),
        "legal_form": forms.get("legal")
        or LegalRecordForm(formdata=None, prefix="legal").offer(currency_codes(db.session())),
        "report_form": forms.get("report")
        or ReportForm(formdata=None, prefix="report").offer(currency_codes(db.session())),
        "owner_form": forms.get("owner") or OwnerForm(formdata=None, prefix="owner").offer(),
    }


def investigating(number: str) -> Opened:
    """The file, to somebody who may enter what was found out."""
    file = opened(number)
    check("customer.investigate", file.customer)
    return file


@blueprint.post("/<number>/legal-records")
@allowed("customer.investigate")
def add_legal_record(number: str) -> ResponseReturnValue:
    """Add a court case, a penalty, an insolvency or a list entry."""
    file = investigating(number)
    form = LegalRecordForm(prefix="legal").offer(currency_codes(db.session()))
    if not form.validate():
        return tab_page(file, "investigations", legal=form)
    row = LegalRecord(customer_id=file.customer.id, recorded_by=person().id, recorded_at=now())
    for name in ("kind", "opened_on", "closed_on", "subject", "source"):
        setattr(row, name, form[name].data)
    row.authority = form.authority.data or ""
    row.amount, row.currency = form.amount.amount, form.currency.data or None
    db.session.add(row)
    file.log("change", "investigations", {"legal_record": [None, row.subject[:200]]})
    return back_to(file, "investigations", _("The legal record is added."))


@blueprint.post("/<number>/legal-records/<int:record_id>/close")
@allowed("customer.investigate")
def close_legal_record(number: str, record_id: int) -> ResponseReturnValue:
    """Note when a case, an insolvency or an entry on a list has ended."""
    file, form = investigating(number), ClosingForm()
    row = db.session.get(LegalRecord, record_id, with_for_update=True)
    if row is None or row.customer_id != file.customer.id or row.closed_on is not None:
        raise Conflict(_("This record is closed already, or is not of this customer."))
    day = form.closed_on.data if form.validate() else None
    if day is None or day < row.opened_on:
        raise InvalidAnswer("closed_on", _("Give a day from the one on which it began, up to today."))
    row.closed_on = day
    if row.kind == "insolvency":
        tell_collection(db.session(), file.customer.id)
    file.log("change", "investigations", {"legal_record": [row.subject[:200], day.isoformat()]})
    return back_to(file, "investigations", _("The legal record is closed."))


@blueprint.post("/<number>/owners")
@allowed("customer.investigate")
def add_owner(number: str) -> ResponseReturnValue:
    """Add an owner."""
    file = investigating(number)
    form = OwnerForm(prefix="owner").offer()
    if not form.validate():
        return tab_page(file, "investigations", owner=form)
    left = share_left(db.session(), file.customer.id, form.as_of.data) * 100
    if form.share.amount is not None and form.share.amount > left:
        form.share.errors = [_("The owners of that day leave %(left)s %%.", left=f"{max(left, 0):.2f}")]
        return tab_page(file, "investigations", owner=form)
    row = Owner(customer_id=file.customer.id, recorded_by=person().id, recorded_at=now())
    for name in ("kind", "name", "country", "as_of", "source"):
        setattr(row, name, form[name].data)
    row.share = form.share.amount / Decimal(100) if form.share.amount is not None else None
    db.session.add(row)
    file.log("change", "investigations", {"owner": [None, row.name]})
    return back_to(file, "investigations", _("The owner is added."))


@blueprint.post("/<number>/reports")
@allowed("customer.investigate")
def add_report(number: str) -> ResponseReturnValue:
    """Add a third party's report, with its document."""
    file = investigating(number)
    form = ReportForm(prefix="report").offer(currency_codes(db.session()))
    if not form.validate():
        return tab_page(file, "investigations", report=form)
    try:
        uploads = checked_uploads([form.file.data] if form.file.data else [], form.file.name)
    except InvalidAnswer as refused:
        form.file.errors = [said(refused)]
        return tab_page(file, "investigations", report=form)
    session, customer_id = db.session(), file.customer.id
    documents = file_under(session, customer_id, uploads, "report", person().id, now())
    row = CreditReport(
        customer_id=customer_id,
        status="received",
        provider=form.provider.data,
        ordered_on=form.ordered_on.data,
        reported_on=form.reported_on.data,
        valid_until=form.valid_until.data,
        cost=form.cost.amount,
        currency=form.currency.data or None,
        provider_grade=form.provider_grade.data or "",
        recommended_limit=form.recommended_limit.amount,
        recommended_currency=form.recommended_currency.data or None,
        note=form.note.data or "",
        document_id=documents[0].id if documents else None,
        recorded_by=person().id,
        recorded_at=now(),
    )
    session.add(row)
    file.log("change", "investigations", {"report": [None, row.provider]})
    return back_to(file, "investigations", _("The report is added."))
