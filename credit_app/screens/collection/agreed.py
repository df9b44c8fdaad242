"""What the pages of promises, payment plans and extensions share: their lists, and whose customer a new one is for."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.facts import promised
from credit_app.facts.promised import AnyCase, Debt
from credit_app.i18n import _
from credit_app.models import Customer
from credit_app.screens.access import check
from credit_app.screens.clock import today
from credit_app.screens.collection.cases import mine
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.listing import Listing, Sort
from credit_app.screens.words import status_word
from workflows import NotFound


def list_page(
    model: type[AnyCase],
    kind: str,
    statuses: Sequence[str],
    since: Any,
    template: str,
    query: Callable[[Any], Any] = lambda found: found,
    **more: Any,
) -> ResponseReturnValue:
    """Those of the customers of one's branches, the newest first, or those of one status."""
    listing = Listing({"since": Sort(since, date.fromisoformat)}, model.id, "-since")
    status = listing.choice("status", statuses)
    rows_of = select(model).join(model.customer).where(mine())
    rows_of = query(rows_of.options(joinedload(model.customer), joinedload(model.maker)))
    if status:
        rows_of = rows_of.where(model.status == status)
    rows = listing.page(
        db.session().scalars(listing.apply(rows_of)).unique().all(),
        lambda row: (getattr(row, since.key), row.id),
    )
    return render_template(
        template,
        listing=listing,
        rows=rows,
        status=status,
        chips=_chips(model, kind, statuses, listing, status),
        **more,
    )


def _chips(
    model: type[AnyCase], kind: str, statuses: Sequence[str], listing: Listing, chosen: str | None
) -> list[dict[str, Any]]:
    """The filters by status, each with how many there are."""
    query = select(model.status, func.count()).join(model.customer).where(mine()).group_by(model.status)
    counts = {row[0]: row[1] for row in db.session.execute(query)}
    found = [{"label": _("all"), "url": listing.url(status=None), "current": chosen is None}]
    return found + [
        {
            "label": status_word(f"{kind}_{status}").label,
            "url": listing.url(status=status),
            "current": status == chosen,
            "count": counts.get(status),
        }
        for status in statuses
        if counts.get(status) or status == chosen
    ]


def fetch(model: type[AnyCase], number: str) -> tuple[AnyCase, Opened]:
    """The case with this number and the file of its customer. Raises NotFound, ReasonNeeded."""
    found = db.session.scalar(select(model).where(model.number == number))
    if found is None:
        raise NotFound(_("There is no such case, or it is not yours to see."))
    return found, opened(found.customer.number)


def for_customer(action: str) -> Opened:
    """The file of the customer that the address names, for somebody who may do this there. Raises NotFound."""
    file = opened(request.args.get("customer", ""))
    check(action, file.customer)
    return file


def debts(customer: Customer) -> list[Debt]:
    """What is open of a customer."""
    return promised.debts(db.session(), customer.id, today())
