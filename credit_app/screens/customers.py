"""Customers: the list; the file of one stands in `credit_app.screens.file`."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, String, cast, func, or_, select
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.i18n import _
from credit_app.models import (
    CUSTOMER_STATUSES,
    Customer,
    Rating,
    active_limits,
)
from credit_app.screens import visible
from credit_app.screens.access import allowed, person
from credit_app.screens.clock import today
from credit_app.screens.exporting import send_table
from credit_app.screens.listing import Listing, Sort
from credit_app.screens.words import status_word

blueprint = Blueprint("customers", __name__, url_prefix="/customers")

SORTS = {
    "name": Sort(func.lower(Customer.name)),
    "number": Sort(Customer.number),
    "country": Sort(func.coalesce(Customer.country, "")),
    "status": Sort(cast(Customer.status, String)),
}
SHORTEST_WORDS = 2


@blueprint.get("")
@allowed("customer.list")
def index() -> ResponseReturnValue:
    """List the customers this person may see."""
    listing = Listing(SORTS, Customer.id, "name")
    query, status, words = filtered(listing)
    rows = listing.page(list(db.session.scalars(listing.apply(query))), mark_of(listing))
    ids = [row.id for row in rows]
    return render_template(
        "customers/index.html",
        listing=listing,
        customers=rows,
        limits=active_limits(db.session(), ids, today()),
        grades=grades(ids),
        chips=chips(listing, status),
        words=words,
    )


def filtered(listing: Listing) -> tuple[Select[Any], str | None, str]:
    """Return the query for the customers that this person may see and the address asks for, with its filters."""
    status = listing.choice("status", CUSTOMER_STATUSES)
    words = listing.args.get("q", "").strip()
    query = select(Customer).where(visible.customers(person())).options(joinedload(Customer.branch))
    if status:
        query = query.where(Customer.status == status)
    return query.where(named(words)) if words else query, status, words


@blueprint.get("/list.<any(csv, xlsx):form>")
@allowed("customer.list")
def export_list(form: str) -> ResponseReturnValue:
    """Send the list as it is filtered and sorted, all pages of it."""
    listing = Listing(SORTS, Customer.id, "name")
    query = listing.ordered(filtered(listing)[0])
    headings = [
        _("Customer"), _("Number"), _("Status"), _("Grade"), _("Limit"), _("Currency"), _("Valid to"), _("Country"),
        _("Industry"), _("Branch"),
    ]  # fmt: skip
    return send_table(form, "customers", _("Customers"), headings, rows_of(query, today()))


def rows_of(query: Select[Any], day: date) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the export, some hundred customers at a time."""
    for part in db.session.scalars(query.execution_options(yield_per=500)).partitions():
        ids = [row.id for row in part]
        limits, known = active_limits(db.session(), ids, day), grades(ids)
        for row in part:
            limit = limits.get(row.id)
            bounds = (limit.amount, limit.currency, limit.valid_to) if limit else (None, None, None)
            branch = row.branch.name if row.branch else None
            word = status_word(row.status).label
            yield row.name, row.number, word, known.get(row.id), *bounds, row.country, row.industry, branch


@blueprint.get("/suggestions")
@allowed("customer.list")
def suggestions() -> ResponseReturnValue:
    """Answer the customers that fit what is being typed, as options of a list."""
    words = (request.args.get("customer") or request.args.get("parent") or "").strip()[:100]
    query = select(Customer).where(visible.customers(person()), Customer.status != "closed")
    found: list[Customer] = []
    if len(words) >= SHORTEST_WORDS:
        found = list(
            db.session.scalars(query.where(named(words)).order_by(Customer.name, Customer.id).limit(10))
        )
    return render_template("customers/_suggestions.html", customers=found)


def named(words: str) -> Any:
    """Return the condition that a customer's name, number or registration number holds the words."""
    like = "%" + words.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return or_(
        func.lower(Customer.name).like(like),
        func.lower(Customer.number).like(like),
        func.lower(func.coalesce(Customer.registration_number, "")).like(like),
    )


def mark_of(listing: Listing) -> Any:
    """Return how the place of a row in this sort order is read."""
    marks: dict[str, Callable[[Any], Any]] = {
        "name": lambda row: row.name.lower(),
        "number": lambda row: row.number,
        "country": lambda row: row.country or "",
        "status": lambda row: row.status,
    }
    read = marks[listing.sort]
    return lambda row: (read(row), row.id)


def grades(ids: list[int]) -> dict[int, str]:
    """Return the latest grade of each customer."""
    newest = (
        select(Rating.customer_id, Rating.grade)
        .where(Rating.customer_id.in_(ids))
        .order_by(Rating.rated_at, Rating.id)
    )
    return dict(db.session.execute(newest).all())


def chips(listing: Listing, chosen: str | None) -> list[dict[str, Any]]:
    """Return the filters of the list."""
    items = [{"label": _("all"), "url": listing.url(status=None), "current": chosen is None}]
    return items + [
        {"label": status_word(word).label, "url": listing.url(status=word), "current": word == chosen}
        for word in CUSTOMER_STATUSES
    ]
