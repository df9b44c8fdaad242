"""The list of releases of orders: requests that are open, releases in force with what is left, and those that ended."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, func, literal_column, or_, select
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.facts.release_left import Left, left_of
from credit_app.i18n import _, _l, listed
from credit_app.models import Customer
from credit_app.models.orders import RELEASE_KINDS, WAITING_RELEASES, OrderRelease, SalesOrder
from credit_app.screens import visible
from credit_app.screens.access import allowed, person
from credit_app.screens.clock import today
from credit_app.screens.exporting import send_table
from credit_app.screens.listing import Listing, Sort
from credit_app.screens.order_releases import release_kind_word, revoked_word
from credit_app.screens.orders import order_rule_word
from credit_app.screens.words import status_word

blueprint = Blueprint("releases", __name__, url_prefix="/orders")

OPEN_END = date(9999, 12, 31)  # what stands for no last day yet
SORTS = {
    "since": Sort(OrderRelease.id, int),
    "ends": Sort(
        literal_column("coalesce(order_release.valid_until, '9999-12-31'::date)"), date.fromisoformat
    ),
}
SHOWS: Mapping[str, tuple[Any, tuple[str, ...]]] = {
    "open": (_l("open requests"), WAITING_RELEASES),
    "active": (_l("in force"), ("active",)),
    "used": (_l("used"), ("used",)),
    "expired": (_l("expired"), ("expired",)),
    "revoked": (_l("revoked"), ("revoked",)),
    "refused": (_l("refused"), ("refused",)),
    "withdrawn": (_l("withdrawn"), ("withdrawn",)),
    "lifted": (_l("not needed any more"), ("lifted",)),
}
COUNTED = ("open", "active")  # of what has ended there may be very many
TOGETHER = (
    joinedload(OrderRelease.customer),
    joinedload(OrderRelease.order),
    joinedload(OrderRelease.asker),
    joinedload(OrderRelease.decider),
)
BATCH = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; None is any."""

    show: str | None
    kind: str | None
    by: str | None
    words: str

    @property
    def any(self) -> bool:
        """Whether the list is filtered at all."""
        return bool(self.show or self.kind or self.by or self.words)


@blueprint.get("/releases")
@allowed("order.see")
def index() -> ResponseReturnValue:
    """List the releases of one's customers, the newest first."""
    listing = Listing(SORTS, OrderRelease.id, "-since")
    asked, session = read(listing), db.session()
    rows = listing.page(
        session.scalars(listing.apply(filtered(asked)).options(*TOGETHER)).all(),
        lambda row: (row.id if listing.sort == "since" else row.valid_until or OPEN_END, row.id),
    )
    return render_template(
        "orders/releases.html",
        listing=listing,
        rows=rows,
        left=left_of(session, rows, today()),
        chips=chips(listing, asked),
        mine=[
            {"label": word, "url": listing.url(by=value), "current": asked.by == value}
            for value, word in ((None, _("all")), ("me", _("asked for by me")))
        ],
        kinds=[(one, release_kind_word(one)) for one in RELEASE_KINDS],
        asked=asked,
    )


@blueprint.get("/releases.<any(csv, xlsx):form>")
@allowed("order.see")
def export(form: str) -> ResponseReturnValue:
    """Send the list as it is filtered and sorted, all pages of it."""
    listing = Listing(SORTS, OrderRelease.id, "-since")
    query = listing.ordered(filtered(read(listing))).options(*TOGETHER)
    headings = [
        _("Release of an order"), _("Customer"), _("Number"), _("Order number"), _("Status"), _("How far it goes"),
        _("Rules"), _("Amount"), _("Currency"), _("Up to the amount"), _("Last day"), _("Left of the amount"),
        _("Days left"), _("Asked for by"), _("Asked for on"), _("Decided by"), _("Decided on"), _("Ended on"),
        _("Revoked by"),
    ]  # fmt: skip
    return send_table(form, "releases", _("Releases of orders"), headings, _cells(query, today()))


def read(listing: Listing) -> Asked:
    """The filters of the address. Raises BadParameter."""
    return Asked(
        listing.choice("show", tuple(SHOWS)),
        listing.choice("kind", RELEASE_KINDS),
        listing.choice("by", ("me",)),
        listing.args.get("q", "").replace("\0", "").strip()[:100],
    )


def filtered(asked: Asked) -> Select[Any]:
    """The query for the releases of customers that this person may see, as the address asks for them."""
    query = select(OrderRelease).join(OrderRelease.customer).where(visible.customers(person()))
    if asked.show:
        query = query.where(OrderRelease.status.in_(SHOWS[asked.show][1]))
    if asked.kind:
        query = query.where(OrderRelease.kind == asked.kind)
    if asked.by:
        query = query.where(OrderRelease.made_by == person().id)
    if asked.words:
        number = asked.words.split()[0].upper()
        of_order = select(SalesOrder.id).where(SalesOrder.external_id == asked.words)
        query = query.where(
            or_(OrderRelease.number == number, Customer.number == number, OrderRelease.order_id.in_(of_order))
        )
    return query


def chips(listing: Listing, asked: Asked) -> list[dict[str, Any]]:
    """The filters by status, with how many wait and how many are in force."""
    running = (
        select(OrderRelease.status, func.count())
        .join(OrderRelease.customer)
        .where(
            visible.customers(person()),
            OrderRelease.status.in_([one for show in COUNTED for one in SHOWS[show][1]]),
        )
        .group_by(OrderRelease.status)
    )
    counts = {row[0]: row[1] for row in db.session.execute(running)}
    found: list[dict[str, Any]] = [
        {"label": _("all"), "url": listing.url(show=None), "current": not asked.show}
    ]
    for show, (label, statuses) in SHOWS.items():
        chip = {"label": str(label), "url": listing.url(show=show), "current": show == asked.show}
        count = sum(counts.get(status, 0) for status in statuses)
        found.append({**chip, "count": count} if show in COUNTED else chip)
    return found


def _cells(query: Select[Any], day: date) -> Iterator[tuple[Any, ...]]:
    session = db.session()
    for rows in session.scalars(query.execution_options(yield_per=BATCH)).partitions():
        left = left_of(session, rows, day)
        for row in rows:
            yield _cell(row, left.get(row.id))


def _cell(row: OrderRelease, left: Left | None) -> tuple[Any, ...]:
    return (
        row.number, row.customer.name, row.customer.number, row.order.external_id if row.order else None,
        status_word(f"order_release_{row.status}").label, release_kind_word(row.kind),
        listed(order_rule_word(one) for one in row.rules), row.amount, row.currency, row.up_to_amount,
        row.valid_until, left.amount if left else None, left.days if left else None,
        row.asker.name if row.asker else None, row.created_at, row.decider.name if row.decider else None,
        row.decided_on, row.closed_on, revoked_word(row.revoked_by) if row.revoked_by else None,
    )  # fmt: skip
