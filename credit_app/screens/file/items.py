"""Open items of a customer, a page at a time."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from credit_app.db import db
from credit_app.facts.customer_items import MOST, open_items_page
from credit_app.models import ReceivableItem
from credit_app.screens.clock import today
from credit_app.screens.file.opening import Opened
from credit_app.screens.file.page import reads
from credit_app.screens.listing import Listing, Sort


@reads("items")
def read(file: Opened, _forms: Mapping[str, Any]) -> dict[str, Any]:
    """The open items by due date, from the page mark of the address on."""
    listing = Listing(
        {"due": Sort(ReceivableItem.due_date, date.fromisoformat)}, ReceivableItem.id, "due", MOST
    )
    rows = open_items_page(db.session(), file.customer.id, today(), listing.after, MOST + 1)
    rows = list(listing.page(rows, lambda row: (row.due_date, row.item_id)))
    return {"items": rows, "listing": listing}
