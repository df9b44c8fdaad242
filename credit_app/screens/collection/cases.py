"""Collection cases: those that are open by stage, and one with its stages and contacts."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.domain.collection import PAUSED, STAGES
from credit_app.i18n import _
from credit_app.models import CollectionCase, CollectionContact, Customer
from credit_app.permissions import CREDIT, LEDGER, SALES, branches_of
from credit_app.screens.access import allowed, person
from credit_app.screens.collection import blueprint
from credit_app.screens.file.opening import opened
from credit_app.screens.listing import Listing, Sort
from credit_app.screens.words import status_word
from workflows import NotFound, inbox

ROLES = (*SALES, *CREDIT, *LEDGER, "auditor")
SORTS = {"overdue": Sort(CollectionCase.amount), "since": Sort(CollectionCase.opened_on)}
MOST_CONTACTS = 50


@blueprint.get("")
@allowed("collection.see")
def index() -> ResponseReturnValue:
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
        "collection/index.html", listing=listing, rows=rows, chips=chips(listing, stage), stage=stage
    )


@blueprint.get("/cases/<number>")
@allowed("collection.see")
def case(number: str) -> ResponseReturnValue:
    """Show a case: where it stands, the stages it went through, what was said, the task that is open."""
    session = db.session()
    found = session.scalar(select(CollectionCase).where(CollectionCase.number == number))
    if found is None:
        raise NotFound(_("There is no such case, or it is not yours to see."))
    file = opened(found.customer.number)
    contacts = select(CollectionContact).where(CollectionContact.customer_id == found.customer_id)
    contacts = contacts.order_by(CollectionContact.made_at.desc(), CollectionContact.id.desc())
    page = render_template(
        "collection/case.html",
        case=found,
        customer=file.customer,
        contacts=session.scalars(contacts.limit(MOST_CONTACTS)).all(),
        tasks=inbox.of_instance(session, found.instance_id) if found.instance_id else [],
    )
    file.log("view", "account")
    session.commit()
    return page


# --- inside -------------------------------------------------------------------------------------------------------


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
