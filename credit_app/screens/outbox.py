"""Administration of what leaves the house: mails queued, sent, held back and failed."""

import re
from typing import Any

import orjson
from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import defer

from credit_app.db import db
from credit_app.i18n import _
from credit_app.models import Company, Person
from credit_app.screens.access import allowed
from credit_app.screens.listing import Listing, Sort, instant
from credit_app.screens.words import status_word
from credit_app.starting import CHANNEL
from workflows import NotFound
from workflows.tables import Outbox

blueprint = Blueprint("outbox", __name__, url_prefix="/admin/outbox")

STATES = ("queued", "held", "digest", "sent", "failed")
SORTS = {"created": Sort(Outbox.created_at, instant)}
ONE_TIME = re.compile(r"(/set-password/)\S+")


@blueprint.get("")
@allowed("outbox.see")
def index() -> ResponseReturnValue:
    """List the outbox, newest first."""
    listing = Listing(SORTS, Outbox.id, "-created")
    state = listing.choice("state", STATES)
    query = select(Outbox).options(defer(Outbox.sent_text)).where(Outbox.channel != CHANNEL)
    if state:
        query = query.where(Outbox.state == state)
    rows = listing.page(db.session.scalars(listing.apply(query)).all(), lambda row: (row.created_at, row.id))
    return render_template(
        "admin/outbox.html", listing=listing, rows=rows, people=people(rows), chips=chips(listing, state)
    )


def people(rows: Any) -> dict[str, str]:
    """Return the names behind recipients such as person:7."""
    ids = {
        int(row.recipient[7:])
        for row in rows
        if row.recipient.startswith("person:") and row.recipient[7:].isdigit()
    }
    found = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {f"person:{key}": name for key, name in found}


def chips(listing: Listing, chosen: str | None) -> list[dict[str, Any]]:
    """Return the filters of the list."""
    items = [{"label": _("all"), "url": listing.url(state=None), "current": chosen is None}]
    return items + [
        {"label": status_word(state).label, "url": listing.url(state=state), "current": state == chosen}
        for state in STATES
    ]


@blueprint.get("/<int:row_id>")
@allowed("outbox.see")
def show(row_id: int) -> ResponseReturnValue:
    """Show one mail. Outside of the demo one-time links are covered: an administrator needs nobody's account."""
    row = db.session.get(Outbox, row_id)
    if row is None:
        raise NotFound(_("There is no such mail."))
    company = db.session.get(Company, 1)
    words = row.sent_text or ""
    if not (company and company.is_demo):
        words = ONE_TIME.sub(r"\1…", words)
    params = orjson.loads(row.params)
    return render_template(
        "admin/outbox_mail.html", row=row, people=people([row]), words=words, params=params
    )
