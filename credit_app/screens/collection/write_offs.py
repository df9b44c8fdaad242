"""Write-offs: the list and the register of claims, one with its evidence and decisions, beginning one, recoveries."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import Flask, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from credit_app import write_offs as starting
from credit_app.db import db
from credit_app.domain.money import format_amount
from credit_app.facts import recovery as recovering
from credit_app.facts import write_off as facts_of
from credit_app.forms.write_off import GROUND_WORDS, RecoveryForm
from credit_app.i18n import _, said
from credit_app.models import Receipt
from credit_app.models.write_off import WRITE_OFF_STATUSES, WriteOff, WriteOffItem
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import engine, may
from credit_app.screens.clock import today
from credit_app.screens.collection import blueprint
from credit_app.screens.collection.cases import mine
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.listing import Listing, Sort
from credit_app.screens.receivables.posting import beside
from credit_app.screens.words import status_word
from workflows import Actor, NotAllowed, Refused, inbox

SORTS = {"created": Sort(WriteOff.created_at)}


@blueprint.get("/write-offs")
@allowed("write_off.see")
def write_offs() -> ResponseReturnValue:
    """Show the write-offs of one's branches, the newest first, or those of one status, with what was recovered."""
    session = db.session()
    listing = Listing(SORTS, WriteOff.id, "-created")
    status = listing.choice("status", WRITE_OFF_STATUSES)
    query = select(WriteOff).join(WriteOff.customer).where(mine()).options(joinedload(WriteOff.customer))
    if status:
        query = query.where(WriteOff.status == status)
    rows = listing.page(session.scalars(listing.apply(query)).all(), lambda row: (row.created_at, row.id))
    return render_template(
        "collection/write_offs.html", listing=listing, rows=rows, chips=chips(listing, status), status=status
    )


@blueprint.get("/write-offs/<number>")
@allowed("write_off.see")
def write_off(number: str) -> ResponseReturnValue:
    """Show a write-off: debts, evidence, decisions, the claim that stays and what came in for it."""
    found = facts_of.by_number(db.session(), number)
    file = opened(found.customer.number)
    page = write_off_page(found, file)
    file.log("view", "account")
    db.session.commit()
    return page


@blueprint.post("/customers/<number>/write-off")
@allowed("receivables.account")
def start_write_off(number: str) -> ResponseReturnValue:
    """Begin a write-off; the task of proposing it opens for whoever pressed the button."""
    file, session = opened(number), db.session()
    check("write_off.start", file.customer)
    number = file.customer.number
    roles = {row.role for row in person().roles}
    role = next(one for one in facts_of.PROPOSER_ROLES if one in roles)
    try:
        begun = starting.start(
            session, engine(), file.customer.id, Actor(person().id), "screen:collection.start_write_off", role
        )
    except Refused as refused:
        session.rollback()
        flash(said(refused), "error")
        return redirect(url_for("receivables.account", number=number))
    file.log("change", "account", {"write_off": [None, begun.number]})
    (task,) = inbox.of_instance(session, begun.instance_id or 0)
    address = url_for("tasks.show", task_id=task.id)
    session.commit()
    return redirect(address)


@blueprint.post("/write-offs/<number>/withdraw")
@allowed("write_off.see")
def withdraw_write_off(number: str) -> ResponseReturnValue:
    """Withdraw a proposal that waits for a decision; only whoever proposed it may."""
    session = db.session()
    found = facts_of.by_number(session, number)
    if person().id not in (found.proposed_by, found.proposed_for):
        raise NotAllowed(_("Only the person who proposed the write-off withdraws it."))
    file = opened(found.customer.number)
    engine().send(
        session,
        found.instance_id or 0,
        "withdrawn",
        Actor(person().id),
        "screen:collection.withdraw_write_off",
    )
    file.log("change", "account", {"write_off": [found.number, None]})
    session.commit()
    flash(_("The write-off is withdrawn."), "success")
    return redirect(url_for("collection.write_off", number=number))


@blueprint.post("/write-offs/<number>/recover")
@allowed("write_off.see")
def recover(number: str) -> ResponseReturnValue:
    """Book a part of a receipt for a claim that was written off."""
    session = db.session()
    found = facts_of.by_number(session, number)
    file = opened(found.customer.number)
    check("write_off.recover", file.customer)
    form = recovery_form(found)
    if form.validate():
        claim = session.get_one(WriteOffItem, int(form.claim.data))
        receipt = session.get_one(Receipt, int(form.receipt.data))
        with beside(form, "amount"):
            row = recovering.recover(session, claim, receipt, form.amount.given, today(), person().id)
            amount = format_amount(row.amount, receipt.currency)
            file.log("change", "account", {"recovery": [None, amount]})
            session.commit()
            flash(_("%(amount)s is booked as a recovery.", amount=amount), "success")
            return redirect(url_for("collection.write_off", number=number))
    return write_off_page(facts_of.by_number(session, number), file, form), 422


# --- inside -------------------------------------------------------------------------------------------------------


def write_off_page(found: WriteOff, file: Opened, form: RecoveryForm | None = None) -> str:
    """The page of a write-off with its form as it stands."""
    session = db.session()
    recoverable = found.status == "written_off" and any(row.claim > 0 for row in found.items)
    shown = form
    if shown is None and recoverable and may(person(), "write_off.recover", file.customer):
        shown = recovery_form(found, fresh=True)
    return render_template(
        "collection/write_off.html",
        found=found,
        customer=file.customer,
        form=shown if recoverable else None,
        tasks=inbox.of_instance(session, found.instance_id) if found.instance_id else [],
        may_withdraw=found.status == "in_approval" and person().id in (found.proposed_by, found.proposed_for),
        may_open_document=may(person(), "customer.file", file.customer),
    )


def recovery_form(found: WriteOff, fresh: bool = False) -> RecoveryForm:
    """The form with the claims that are alive and the receipts that pay nothing yet."""
    claims = [
        (str(row.id), f"{row.item.number}, {format_amount(row.claim, row.item.currency)}")
        for row in found.items
        if row.claim > 0
    ]
    receipts = [
        (str(row.id), f"{row.received_on.isoformat()} {row.reference}, {format_amount(left, row.currency)}")
        for row, left in recovering.receipts_left(db.session(), found.customer_id)
    ]
    form = RecoveryForm(formdata=None) if fresh else RecoveryForm()
    return form.offer(claims, receipts)


def chips(listing: Listing, chosen: str | None) -> list[dict[str, Any]]:
    """The filters by status, each with how many there are."""
    query = (
        select(WriteOff.status, func.count()).join(WriteOff.customer).where(mine()).group_by(WriteOff.status)
    )
    counts = {row[0]: row[1] for row in db.session.execute(query)}
    found = [{"label": _("all"), "url": listing.url(status=None), "current": chosen is None}]
    return found + [
        {
            "label": status_word(f"write_off_{status}").label,
            "url": listing.url(status=status),
            "current": status == chosen,
            "count": counts.get(status),
        }
        for status in WRITE_OFF_STATUSES
    ]


def ground_word(ground: str | None) -> str:
    """Why debts are written off."""
    return str(GROUND_WORDS.get(ground or "", ground or "–"))


def evidence_words(row: Any) -> str:
    """What policy asks for a ground."""
    parts: Sequence[str] = [
        _("documents: %(least)s", least=row.documents) if row.documents else "",
        _("at least %(days)s days past due", days=row.days) if row.days else "",
        _("at most %(most)s in base currency", most=row.most) if row.most is not None else "",
    ]
    return "; ".join(part for part in parts if part)


def claim_total(found: WriteOff) -> list[tuple[str, Decimal, Decimal]]:
    """(currency, written off, recovered) of a write-off."""
    totals: dict[str, list[Decimal]] = {}
    for row in found.items:
        one = totals.setdefault(row.item.currency, [Decimal(0), Decimal(0)])
        one[0] += row.written or Decimal(0)
        one[1] += row.recovered
    return [(code, written, recovered) for code, (written, recovered) in sorted(totals.items())]


def init_app(app: Flask) -> None:
    """Make the words of write-offs known to every template."""
    for function in (ground_word, evidence_words, claim_total):
        app.add_template_filter(function)
