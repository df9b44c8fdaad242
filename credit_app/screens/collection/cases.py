"""Collection cases: those that are open, by stage."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.domain.collection import PAUSED, STAGES
from credit_app.i18n import _
from credit_app.models import CollectionCase, Customer
from credit_app.permissions import CREDIT, LEDGER, SALES, branches_of
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import holds, may
from credit_app.screens.collection import blueprint
from credit_app.screens.collection.views import views
from credit_app.screens.listing import Listing, Sort
from credit_app.screens.words import status_word
from workflows import NotFound
from workflows.inbox import InboxRow

ROLES = (*SALES, *CREDIT, *LEDGER, "auditor")
SORTS = {"overdue": Sort(CollectionCase.amount), "since": Sort(CollectionCase.opened_on)}


@blueprint.get("/stages")
@allowed("collection.see")
def stages() -> ResponseReturnValue:
    """Show the open cases of one's branches, the largest first, or those at one stage."""
    listing = Listing(SORTS, CollectionCase.id, "-overdue")
    stage = listing.choice("stage", (PAUSED, *STAGES))
    query = (
        select(CollectionCase).join(CollectionCase.customer).where(CollectionCase.status == "open", mine())
    )
    query = query.options(joinedload(CollectionCase.customer), joinedload(CollectionCase.collector))
    if stage:
        query = query.where(CollectionCase.stage == stage)
    sort = "amount" if listing.sort == "overdue" else "opened_on"
    rows = listing.page(
        db.session().scalars(listing.apply(query)).all(), lambda row: (getattr(row, sort), row.id)
    )
    return render_template(
        "collection/index.html", listing=listing, rows=rows, chips=chips(listing, stage), stage=stage,
        tabs=views("stages"),
    )  # fmt: skip


def case_by_number(number: str) -> CollectionCase:
    """The case with this number. Raises NotFound."""
    found = db.session.scalar(select(CollectionCase).where(CollectionCase.number == number))
    if found is None:
        raise NotFound(_("There is no such case, or it is not yours to see."))
    return found


def newest_case(customer: Customer) -> str | None:
    """The number of the customer's open case, else of the last one that ended; None where there never was one, or
    where it is not to be seen."""
    if not may(person(), "collection.see", customer):
        return None
    query = select(CollectionCase.number).where(CollectionCase.customer_id == customer.id)
    return db.session.scalar(query.order_by(CollectionCase.id.desc()).limit(1))


def may_do(task: InboxRow) -> bool:
    """Whether the signed-in person holds the role of an open task; the task's own page says more."""
    return holds(person(), task.role, task.scope)


def mine() -> ColumnElement[bool]:
    """Customers of the branches that are the signed-in person's."""
    branches = branches_of(person(), ROLES)
    if branches is None:
        return true()
    return or_(Customer.branch_id.is_(None), Customer.branch_id.in_(branches))


def chips(listing: Listing, chosen: str | None) -> list[dict[str, Any]]:
    """The filters by stage, each with how many cases there are."""
    query = (
        select(CollectionCase.stage, func.count())
        .join(CollectionCase.customer)
        .where(CollectionCase.status == "open", mine())
        .group_by(CollectionCase.stage)
    )
    counts = {row[0]: row[1] for row in db.session.execute(query)}
    found = [{"label": _("all"), "url": listing.url(stage=None), "current": chosen is None}]
    return found + [
        {
            "label": status_word(f"stage_{stage}").label,
            "url": listing.url(stage=stage),
            "current": stage == chosen,
            "count": counts.get(stage),
        }
        for stage in (*STAGES, PAUSED)
        if counts.get(stage) or stage == chosen
    ]
