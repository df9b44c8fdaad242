"""Open items of a customer: a page at a time, and all of them as a table."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.facts.customer_items import MOST, open_items_page
from credit_app.facts.ledger_words import entry_word
from credit_app.i18n import _
from credit_app.models import OpenItem, ReceivableItem
from credit_app.screens.access import allowed
from credit_app.screens.clock import today
from credit_app.screens.customers import blueprint
from credit_app.screens.exporting import send_table
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.file.page import reads
from credit_app.screens.listing import Listing, Sort
from credit_app.screens.words import status_word


@reads("items")
def read(file: Opened, _forms: Mapping[str, Any]) -> dict[str, Any]:
    """The open items by due date, from the page mark of the address on."""
    listing = Listing(
        {"due": Sort(ReceivableItem.due_date, date.fromisoformat)}, ReceivableItem.id, "due", MOST
    )
    rows = open_items_page(db.session(), file.customer.id, today(), listing.after, MOST + 1)
    rows = list(listing.page(rows, lambda row: (row.due_date, row.item_id)))
    return {"items": rows, "listing": listing}


@blueprint.get("/<number>/items.<any(csv, xlsx):form>")
@allowed("customer.list")
def export_items(number: str, form: str) -> ResponseReturnValue:
    """Send what the customer owes today; the export is written into the access log first."""
    file = opened(number)
    customer_id, name = file.customer.id, file.customer.number
    file.log("export", "items")
    db.session.commit()
    headings = [
        _("Number"), _("Kind"), _("Document date"), _("Due"), _("Days past due"), _("Amount"), _("Open"), _("Currency"),
        _("Status"),
    ]  # fmt: skip
    return send_table(form, f"{name}-items", _("Open items"), headings, item_rows(customer_id, today()))


def item_rows(customer_id: int, day: date) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the export, oldest due date first."""
    after: tuple[date, int] | None = None
    while page := open_items_page(db.session(), customer_id, day, after, MOST * 10):
        for item in page:
            yield (
                item.number, entry_word(item.kind), item.document_date, item.due_date, max(item.days_overdue, 0),
                item.amount, item.open_amount, item.currency, status_word(state(item)).label,
            )  # fmt: skip
        after = (page[-1].due_date, page[-1].item_id)


def state(item: OpenItem) -> str:
    """Return the status word of an open item."""
    return "disputed" if item.disputed else "overdue" if item.days_overdue > 0 else "open"
