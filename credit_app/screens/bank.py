"""The bank-matching desk: statements with their balances, entries by status, and the way to each task."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.facts import bank_desk
from credit_app.facts.cash import get_entry
from credit_app.i18n import _
from credit_app.models import BANK_ENTRY_STATUSES, BankEntry, Receipt, ReceiptReversal
from credit_app.permissions import branches_of, may
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import engine
from credit_app.screens.clock import today
from credit_app.screens.listing import BadParameter, Listing, Sort
from credit_app.screens.words import status_word
from workflows import Actor, NotWaiting

blueprint = Blueprint("bank", __name__, url_prefix="/receivables/bank")

ROLES = ("receivables", "credit_manager", "auditor")  # who has the page, each in the branches of the role
DAYS = 60
LONGEST_ID = 18
SORTS = {"entry": Sort(BankEntry.booked_on)}
NAMES = ("status", "statement", "entry", "q")


@blueprint.get("")
@allowed("bank.see")
def index() -> ResponseReturnValue:
    """Show statements and the entries that the filters of the address leave."""
    session = db.session()
    listing = Listing(SORTS, BankEntry.id, "-entry")
    status, words = listing.choice("status", BANK_ENTRY_STATUSES), request.args.get("q", "").strip()[:100]
    statement, entry = number("statement"), number("entry")
    since = None if statement or entry or words else today() - timedelta(days=DAYS)
    branches = branches_of(person(), ROLES)
    apart = bank_desk.narrowed(None, statement, since, words, entry, branches)
    condition = bank_desk.narrowed(status, statement, since, words, entry, branches)
    query = select(BankEntry).where(condition).options(
        joinedload(BankEntry.receipt).joinedload(Receipt.customer),
        joinedload(BankEntry.reversal).joinedload(ReceiptReversal.receipt).joinedload(Receipt.customer),
        joinedload(BankEntry.statement),
    )  # fmt: skip
    rows = listing.page(session.scalars(listing.apply(query)).all(), lambda row: (row.booked_on, row.id))
    counts = bank_desk.by_status(session, apart)
    return render_template(
        "bank/index.html",
        listing=listing,
        rows=rows,
        statements=bank_desk.newest_statements(session),
        sums=[row for row in counts if row[0] == status or not status],
        chips=chips(listing, status, counts),
        tasks=bank_desk.open_tasks(session, rows),
        words=words,
        narrowed=any(request.args.get(name) for name in NAMES),
        since=since,
        days=DAYS,
        may_match=may(person(), "bank.act"),
        hidden={row.id for row in rows if is_elsewhere(row, branches)},
    )


@blueprint.post("/<int:entry_id>/answered")
@allowed("bank.act")
def answered(entry_id: int) -> ResponseReturnValue:
    """The customer that was asked has answered: the entry is to be matched now."""
    session = db.session()
    entry = get_entry(session, entry_id)
    if entry.instance_id is None:
        raise NotWaiting(_("No answer is waited for; the entry is dealt with, or its task is open."))
    rest = engine().send(
        session, entry.instance_id, "customer_answered", Actor(person().id), "screen:bank.answered", {}
    )
    session.commit()
    flash(_("The entry can be matched now."), "success")
    if not rest.opened:
        return redirect(url_for("bank.index", entry=entry_id))
    return redirect(url_for("tasks.show", task_id=rest.opened[0].id))


def is_elsewhere(row: BankEntry, branches: frozenset[int] | None) -> bool:
    """Whether the entry was booked for a customer of a branch that is none of these; who paid is not shown then."""
    receipt = row.receipt or (row.reversal.receipt if row.reversal else None)
    return (
        branches is not None and receipt is not None and receipt.customer.branch_id not in (None, *branches)
    )


def number(name: str) -> int | None:
    """Return a number of the address. Raises BadParameter."""
    text = request.args.get(name, "")
    if text and not (text.isascii() and text.isdigit() and len(text) <= LONGEST_ID):
        raise BadParameter(_("There is no such statement or entry."))
    return int(text) if text else None


def chips(listing: Listing, chosen: str | None, counts: list[Any]) -> list[dict[str, Any]]:
    """Return the filters by status, each with its count."""
    by_status: dict[str, int] = {}
    for status, _currency, count, _sum in counts:
        by_status[status] = by_status.get(status, 0) + count
    found = [{"label": _("all"), "url": listing.url(status=None, entry=None), "current": chosen is None}]
    return found + [
        {
            "label": status_word(f"bank_{status}").label,
            "url": listing.url(status=status, entry=None),
            "current": status == chosen,
            "count": by_status.get(status),
        }
        for status in BANK_ENTRY_STATUSES
    ]
