"""Holds of customers: the board, one with every step, its proposal by hand, the notice to print, and the release."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from credit_app import holds as acting_on
from credit_app.db import db
from credit_app.facts.holds import policy_of, running_of
from credit_app.forms.holds import ProposalForm, ReleaseForm
from credit_app.i18n import LANGUAGES, _
from credit_app.models import Customer, the_company
from credit_app.models.holds import HOLD_STATUSES, CustomerHold
from credit_app.reports.hold_notice import notice_document
from credit_app.reports.pdf import pdf_of
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
from workflows import NotFound, Refused, inbox

HOLD_SORTS = {"since": Sort(CustomerHold.created_at)}


@blueprint.get("/holds")
@allowed("collection.see")
def holds() -> ResponseReturnValue:
    """Show the holds of one's branches, the newest first, or those of one status."""
    listing = Listing(HOLD_SORTS, CustomerHold.id, "-since")
    status = listing.choice("status", HOLD_STATUSES)
    query = select(CustomerHold).join(CustomerHold.customer).where(mine())
    query = query.options(joinedload(CustomerHold.customer))
    if status:
        query = query.where(CustomerHold.status == status)
    rows = listing.page(
        db.session().scalars(listing.apply(query)).all(), lambda row: (row.created_at, row.id)
    )
    return render_template(
        "collection/holds.html", listing=listing, rows=rows, chips=hold_chips(listing, status), status=status
    )


@blueprint.get("/holds/<number>")
@allowed("collection.see")
def hold(number: str) -> ResponseReturnValue:
    """Show a hold: the harm it would do, notice and proof, every step, the task that is open."""
    found, file = fetch_hold(number)
    page = hold_page(found, file)
    file.log("view", "account")
    db.session.commit()
    return page


@blueprint.get("/holds/<number>/notice.<language>.pdf")
@allowed("collection.see")
def hold_notice(number: str, language: str) -> ResponseReturnValue:
    """Hand out the notice, to print and send it."""
    if language not in LANGUAGES:
        raise NotFound(_("There is no notice in this language."))
    found, file = fetch_hold(number)
    if found.noticed_on is None:
        raise NotFound(_("This hold was not announced; there is no notice."))
    with force_locale(language):
        content = pdf_of(notice_document(the_company(db.session()).name, found, language), now())
    file.log("print", "account")
    db.session.commit()
    return attached(content, "application/pdf", f"{found.number}.{language}.pdf")


@blueprint.post("/holds/<number>/release")
@allowed("collection.see")
def ask_release(number: str) -> ResponseReturnValue:
    """Ask for the release of an active hold."""
    found, file = fetch_hold(number)
    check("hold.release", file.customer)
    form, refused = ReleaseForm(), None
    if form.validate():
        try:
            acting_on.ask_release(db.session(), engine(), found, form.ground.data or "", person().id)
            file.log("change", "account", {"release": [None, form.ground.data]})
            db.session.commit()
        except Refused as error:
            db.session.rollback()
            refused = error
        else:
            flash(_("The release is proposed; a credit manager decides."), "success")
            return redirect(url_for("collection.hold", number=number))
    found, file = fetch_hold(number)
    return hold_page(found, file, form, refused), (refused.status if refused else 422)


@blueprint.get("/customers/<number>/hold")
@allowed("collection.see")
def new_hold(number: str) -> ResponseReturnValue:
    """Show the form that proposes a hold."""
    file = opened(number)
    check("hold.propose", file.customer)
    form = ProposalForm(formdata=None)
    page = proposal_page(file, form)
    file.log("view", "account")
    db.session.commit()
    return page


@blueprint.post("/customers/<number>/hold")
@allowed("collection.see")
def propose_hold(number: str) -> ResponseReturnValue:
    """Propose a hold by hand."""
    file, session = opened(number), db.session()
    check("hold.propose", file.customer)
    form, refused = ProposalForm(), None
    form.offer()
    if form.validate():
        try:
            begun = acting_on.propose(
                session, engine(), file.customer.id, person().id, form.scope.data or "", form.from_amount.amount,
                form.ground.data or "",
            )  # fmt: skip
            file.log("change", "account", {"hold": [None, begun.number]})
            address = url_for("collection.hold", number=begun.number)
            session.commit()
        except Refused as error:
            session.rollback()
            refused = error
        else:
            flash(_("The hold is proposed; its harm is assessed next."), "success")
            return redirect(address)
    return proposal_page(opened(number), form, refused), (refused.status if refused else 422)


# --- inside -------------------------------------------------------------------------------------------------------


def fetch_hold(number: str) -> tuple[CustomerHold, Opened]:
    """The hold and the file of its customer. Raises NotFound, ReasonNeeded."""
    found = db.session().scalar(select(CustomerHold).where(CustomerHold.number == number))
    if found is None:
        raise NotFound(_("There is no such hold, or it is not yours to see."))
    return found, opened(found.customer.number)


def hold_page(
    found: CustomerHold, file: Opened, form: ReleaseForm | None = None, refused: Refused | None = None
) -> str:
    """The page of a hold; what was typed stays in the form."""
    form = form or ReleaseForm(formdata=None)
    may_act = found.status == "active" and may(person(), "hold.release", file.customer)
    return render_template(
        "collection/hold.html",
        hold=found,
        customer=file.customer,
        tasks=inbox.of_instance(db.session(), found.instance_id) if found.instance_id else [],
        form=form,
        general=general_of(form, refused),
        may_release=may_act,
        may_open_document=may(person(), "customer.file", file.customer),
        languages=LANGUAGES,
    )


def proposal_page(file: Opened, form: ProposalForm, refused: Refused | None = None) -> str:
    """The page that proposes a hold."""
    form.offer()
    session = db.session()
    return render_template(
        "collection/hold_new.html",
        customer=file.customer,
        form=form,
        general=general_of(form, refused),
        running=running_of(session, file.customer.id),
        least_days=policy_of(session, today()).notice_days(file.customer.country),
        currency=the_company(session).base_currency,
    )


def hold_chips(listing: Listing, chosen: str | None) -> list[dict[str, Any]]:
    """The filters by status, each with how many there are."""
    query = (
        select(CustomerHold.status, func.count())
        .join(Customer, Customer.id == CustomerHold.customer_id)
        .where(mine())
        .group_by(CustomerHold.status)
    )
    counts = {row[0]: row[1] for row in db.session.execute(query)}
    found = [{"label": _("all"), "url": listing.url(status=None), "current": chosen is None}]
    return found + [
        {
            "label": status_word(f"customer_hold_{status}").label,
            "url": listing.url(status=status),
            "current": status == chosen,
            "count": counts.get(status),
        }
        for status in HOLD_STATUSES
        if counts.get(status) or status == chosen
    ]
