"""Disputes: the list, one with its way, the form that opens one, where they come from, and flags that are settled."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from credit_app import disputes as starting
from credit_app.db import db
from credit_app.facts import dispute_flags, dispute_marks, dispute_opening, dispute_report
from credit_app.facts.disputes import running_of
from credit_app.forms.disputes import DisputeForm, SettleFlagForm
from credit_app.i18n import _, said
from credit_app.models import Customer, ItemBalance, ReceivableItem, the_company
from credit_app.models.disputes import DISPUTE_STATUSES, DISPUTES_RUNNING, Dispute
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import engine
from credit_app.screens.clock import now, today
from credit_app.screens.collection import blueprint
from credit_app.screens.collection.cases import mine
from credit_app.screens.collection.words import dispute_reason_word, root_cause_word
from credit_app.screens.exporting import send_table
from credit_app.screens.file.opening import opened
from credit_app.screens.listing import Listing, Sort
from credit_app.screens.problems import problems
from credit_app.screens.words import role_word, status_word
from workflows import Actor, NotFound, Refused, inbox

SORTS = {"since": Sort(Dispute.opened_on, date.fromisoformat), "amount": Sort(Dispute.amount)}
RUNNING, CONTRACT = "running", "contract"
YEAR = timedelta(days=365)


@blueprint.get("/disputes")
@allowed("dispute.see")
def disputes() -> ResponseReturnValue:
    """Show the disputes of one's branches, the newest first; those of a status, or those about an unclear contract."""
    listing = Listing(SORTS, Dispute.id, "-since")
    status = listing.choice("status", (RUNNING, CONTRACT, *DISPUTE_STATUSES))
    query = select(Dispute).join(Dispute.customer).where(mine())
    query = query.options(joinedload(Dispute.customer), joinedload(Dispute.maker))
    if status == RUNNING:
        query = query.where(Dispute.status.in_(DISPUTES_RUNNING))
    elif status == CONTRACT:
        query = query.where(Dispute.contract_review)
    elif status:
        query = query.where(Dispute.status == status)
    sort = "amount" if listing.sort == "amount" else "opened_on"
    rows = listing.page(
        db.session().scalars(listing.apply(query)).all(), lambda row: (getattr(row, sort), row.id)
    )
    return render_template(
        "collection/disputes.html",
        listing=listing,
        rows=rows,
        status=status,
        chips=_chips(listing, status),
        today=today(),
    )


@blueprint.get("/disputes/<number>")
@allowed("dispute.see")
def dispute(number: str) -> ResponseReturnValue:
    """Show a dispute: what is claimed, its parts, what was found and decided, the task that is open."""
    session = db.session()
    found = session.scalar(select(Dispute).where(Dispute.number == number))
    if found is None:
        raise NotFound(_("There is no such case, or it is not yours to see."))
    file = opened(found.customer.number)
    page = render_template(
        "collection/dispute.html",
        dispute=found,
        customer=file.customer,
        left=dispute_marks.left_of(session, found, today()),
        tasks=inbox.of_instance(session, found.instance_id) if found.instance_id else [],
        today=today(),
    )
    file.log("view", "account")
    session.commit()
    return page


@blueprint.route("/disputes/new", methods=["GET", "POST"])
@allowed("dispute.see")
def new_dispute() -> ResponseReturnValue:
    """Take down what a customer disputes; the address may name an item."""
    file, session = opened(request.args.get("customer", "")), db.session()
    check("dispute.open", file.customer)
    customer, form = file.customer, DisputeForm().offer()
    wrong: Refused | None = None
    if form.validate_on_submit():
        try:
            row = starting.open_dispute(
                session,
                engine(),
                customer,
                form.given(),
                Actor(person().id),
                "screen:collection.new_dispute",
                now(),
            )
        except Refused as refused:
            session.rollback()
            wrong = refused
        else:
            address = url_for("collection.dispute", number=row.number)
            file.log("change", "account", {"dispute": [None, row.number]})
            session.commit()
            flash(_("The dispute is opened; what is disputed pauses collection."), "success")
            return redirect(address)
    elif request.method == "GET":
        _named(form, customer)
    page = render_template(
        "collection/dispute_new.html",
        customer=customer,
        offered=dispute_opening.offered(session, customer.id),
        running=running_of(session, customer.id),
        form=form,
        problems=problems(form, wrong),
    )
    return (page, 422) if form.is_submitted() else page


@blueprint.post("/flags/<int:item_id>/end")
@allowed("dispute.see")
def settle_flag(item_id: int) -> ResponseReturnValue:
    """End the dispute that an invoice came in with."""
    session = db.session()
    found = session.scalar(
        select(ReceivableItem)
        .where(ReceivableItem.id == item_id)
        .options(joinedload(ReceivableItem.customer))
    )
    if found is None:
        raise NotFound(_("There is no such item, or it is not yours to see."))
    file, form = opened(found.customer.number), SettleFlagForm()
    check("dispute.settle_flag", file.customer)
    address = url_for("receivables.item", item_id=found.id)
    if not form.validate():
        return redirect(address)
    try:
        dispute_flags.end_flag(session, found, today(), person().id, now(), reason=form.reason.data or "")
    except Refused as refused:
        session.rollback()
        flash(said(refused), "error")
        return redirect(address)
    file.log("change", "account", {"disputed": [found.number, None]})
    session.commit()
    flash(_("The invoice is disputed no longer."), "success")
    return redirect(address)


# --- where they come from ---------------------------------------------------------------------------------------------


@blueprint.get("/disputes/causes")
@allowed("dispute.see")
def dispute_causes() -> ResponseReturnValue:
    """Show how many disputes there were and how much they were about, by one of several views."""
    by, first, last = _asked()
    return render_template(
        "collection/dispute_causes.html",
        rows=_report(by, first, last),
        by=by,
        first=first,
        last=last,
        views=[
            {"label": label, "url": _address(by=key, first=first, last=last), "current": key == by}
            for key, label in _views().items()
        ],
        currency=the_company(db.session()).base_currency,
        word=_word(by),
        export={form: _address(form=form, by=by, first=first, last=last) for form in ("csv", "xlsx")},
    )


@blueprint.get("/disputes/causes.<any(csv, xlsx):form>")
@allowed("dispute.see")
def export_dispute_causes(form: str) -> ResponseReturnValue:
    """Hand the same out as a table."""
    by, first, last = _asked()
    currency, word, title = the_company(db.session()).base_currency, _word(by), _("Causes of disputes")
    found = [
        [word(row.key), row.count, row.running, row.amount, row.credited, row.rejected, row.days]
        for row in _report(by, first, last)
    ]

    def rows() -> Iterator[Sequence[Any]]:
        yield from found

    headings = [
        _views()[by], _("Disputes"), _("Running"), _("Disputed, %(currency)s", currency=currency),
        _("Credited, %(currency)s", currency=currency), _("Rejected, %(currency)s", currency=currency),
        _("Days to the answer"),
    ]  # fmt: skip
    return send_table(form, f"disputes-{by}-{first.isoformat()}-{last.isoformat()}", title, headings, rows())


def _asked() -> tuple[str, date, date]:
    """(view, first day, last day); the last year where nothing is asked for."""
    by = request.args.get("by", "")
    first, last = (_day(request.args.get(name, "")) for name in ("first", "last"))
    last = last or today()
    return by if by in dispute_report.GROUPINGS else "reason", first or last - YEAR, last


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _report(by: str, first: date, last: date) -> Sequence[dispute_report.Row]:
    return dispute_report.report(db.session(), by, first, last, today(), mine())


def _address(*, by: str, first: date, last: date, form: str | None = None) -> str:
    since, until = first.isoformat(), last.isoformat()
    if form:
        return url_for("collection.export_dispute_causes", form=form, by=by, first=since, last=until)
    return url_for("collection.dispute_causes", by=by, first=since, last=until)


def _views() -> dict[str, str]:
    return {
        "reason": _("Reason"),
        "cause": _("Root cause"),
        "branch": _("Branch"),
        "month": _("Month"),
        "owner": _("Owner"),
    }


def _word(by: str) -> Any:
    words: dict[str, Any] = {"reason": dispute_reason_word, "cause": root_cause_word, "owner": role_word}
    chosen = words.get(by, str)
    return lambda key: chosen(key) if key else _("not known yet")


# --- inside -----------------------------------------------------------------------------------------------------------


def _chips(listing: Listing, chosen: str | None) -> list[dict[str, Any]]:
    """The filters, each with how many there are."""
    query = select(Dispute.status, func.count()).join(Dispute.customer).where(mine()).group_by(Dispute.status)
    counts = {row[0]: row[1] for row in db.session.execute(query)}
    contract = select(func.count()).join(Dispute.customer).where(mine(), Dispute.contract_review)
    shown = [
        (RUNNING, _("running"), sum(counts.get(one, 0) for one in DISPUTES_RUNNING)),
        *((one, str(status_word(f"dispute_{one}").label), counts.get(one, 0)) for one in DISPUTE_STATUSES),
        (CONTRACT, _("for contract review"), db.session.scalar(contract.select_from(Dispute)) or 0),
    ]
    found = [{"label": _("all"), "url": listing.url(status=None), "current": chosen is None}]
    return found + [
        {"label": label, "url": listing.url(status=key), "current": key == chosen, "count": count}
        for key, label, count in shown
        if count or key == chosen
    ]


def _named(form: DisputeForm, customer: Customer) -> None:
    """Fill in the item that the address names, with all that is open of it."""
    text = request.args.get("item", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        return
    query = select(ReceivableItem, ItemBalance.open_amount).join(
        ItemBalance, ItemBalance.item_id == ReceivableItem.id
    )
    found = db.session.execute(
        query.where(ReceivableItem.id == int(text), ReceivableItem.customer_id == customer.id)
    ).first()
    if found is not None:
        part = form.rows[0].form
        part.item.data = found[0].number
        part.amount.process_data(found[1])
