"""The register of contracts: the newest first, by status and side."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from credit_app.db import db
from credit_app.domain.contracts import CONTRACT_STATUSES, SIDES
from credit_app.i18n import _
from credit_app.models.contract import Contract
from credit_app.screens.access import allowed, person
from credit_app.screens.contracts import blueprint
from credit_app.screens.contracts.visible import OTHER_SIDE, visible_contracts
from credit_app.screens.contracts.words import side_word
from credit_app.screens.listing import Listing, Sort, instant
from credit_app.screens.words import status_word

SORTS = {"since": Sort(Contract.created_at, instant)}


@blueprint.get("")
@allowed("contract.see")
def index() -> ResponseReturnValue:
    """Show the contracts of one's branches."""
    listing = Listing(SORTS, Contract.id, "-since")
    status, side = listing.choice("status", CONTRACT_STATUSES), listing.choice("side", SIDES)
    query = select(Contract).where(visible_contracts(person())).options(*OTHER_SIDE)
    if status:
        query = query.where(Contract.status == status)
    if side:
        query = query.where(Contract.side == side)
    rows = listing.page(
        db.session().scalars(listing.apply(query)).all(), lambda row: (row.created_at, row.id)
    )
    words = {
        "status": {one: str(status_word(f"contract_{one}").label) for one in CONTRACT_STATUSES},
        "side": {one: side_word(one) for one in SIDES},
    }
    return render_template(
        "contracts/index.html",
        listing=listing,
        rows=rows,
        status_chips=_chips(listing, "status", status, words["status"]),
        side_chips=_chips(listing, "side", side, words["side"]),
        filtered=bool(status or side),
    )


def _chips(listing: Listing, name: str, chosen: str | None, words: dict[str, str]) -> list[dict[str, Any]]:
    pairs: list[tuple[str | None, str]] = [(None, _("All")), *words.items()]
    return [
        {"label": word, "url": listing.url(**{name: value}), "current": value == chosen}
        for value, word in pairs
    ]
