"""The register of contracts: found by words, filtered, sorted and paged in the address, and as a table."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, Select, cast, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import selectinload

from credit_app.db import db
from credit_app.documents_text import query_of
from credit_app.domain.contracts import CONTRACT_KINDS, CONTRACT_STATUSES, SIDES
from credit_app.i18n import _
from credit_app.models import Branch
from credit_app.models.contract import Contract
from credit_app.screens.access import allowed, person
from credit_app.screens.clock import today
from credit_app.screens.contracts import blueprint
from credit_app.screens.contracts.visible import OTHER_SIDE, visible_contracts
from credit_app.screens.contracts.words import contract_kind_word, side_word
from credit_app.screens.exporting import send_table
from credit_app.screens.listing import Listing, Sort, instant
from credit_app.screens.words import status_word

# What stands for no end; the index has the same expression.
OPEN_END = date(9999, 12, 31)
SORTS = {
    "since": Sort(Contract.created_at, instant),
    "number": Sort(Contract.number),
    "title": Sort(func.lower(Contract.title)),
    "ends": Sort(literal_column("coalesce(contract.ends_on, '9999-12-31'::date)"), date.fromisoformat),
}
MARKS: Mapping[str, Callable[[Contract], Any]] = {
    "since": lambda row: row.created_at,
    "number": lambda row: row.number,
    "title": lambda row: row.title.lower(),
    "ends": lambda row: row.ends_on or OPEN_END,
}
# Looked up after the page is cut: joined before, every contract that is found would fetch its company to be sorted.
TOGETHER = (selectinload(Contract.customer), selectinload(Contract.party), selectinload(Contract.owner))
WITHIN = ("30", "90", "180", "365")
# Rows are counted up to here: nobody reads more, and counting must not cost more than the page.
MOST_COUNTED = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; None is any."""

    status: str | None
    side: str | None
    kind: str | None
    branch: str | None
    ends: str | None
    owner: str | None
    words: str

    @property
    def any(self) -> bool:
        """Whether the list is filtered at all."""
        return bool(
            self.status or self.side or self.kind or self.branch or self.ends or self.owner or self.words
        )


@blueprint.get("")
@allowed("contract.see")
def index() -> ResponseReturnValue:
    """Show the contracts of one's branches."""
    listing = Listing(SORTS, Contract.id, "-since")
    branches = branches_offered()
    asked = read(listing, branches)
    session, query = db.session(), filtered(asked)
    mark = MARKS[listing.sort]
    rows = listing.page(
        session.scalars(listing.apply(query).options(*TOGETHER)).all(), lambda row: (mark(row), row.id)
    )
    words = {
        "status": {one: str(status_word(f"contract_{one}").label) for one in CONTRACT_STATUSES},
        "side": {one: side_word(one) for one in SIDES},
    }
    return render_template(
        "contracts/index.html",
        listing=listing,
        rows=rows,
        counted=counted(query) if asked.any and (listing.next_mark or listing.after) else len(rows),
        most_counted=MOST_COUNTED,
        status_chips=_chips(listing, "status", asked.status, words["status"]),
        side_chips=_chips(listing, "side", asked.side, words["side"]),
        owner_chips=_chips(listing, "owner", asked.owner, {"me": _("Drafted by me")}),
        selects=_selects(asked, branches),
        asked=asked,
    )


@blueprint.get("/list.<any(csv, xlsx):form>")
@allowed("contract.see")
def export_list(form: str) -> ResponseReturnValue:
    """Send the list as it is filtered and sorted, all pages of it."""
    listing = Listing(SORTS, Contract.id, "-since")
    query = listing.ordered(filtered(read(listing, branches_offered()))).options(*OTHER_SIDE)
    headings = [
        _("Contract"), _("Title of the contract"), _("With"), _("Number"), _("Status"), _("Side"), _("About"),
        _("Contract value"), _("Currency"), _("Begins"), _("Ends"), _("Drafted by"), _("Since"),
    ]  # fmt: skip
    return send_table(form, "contracts", _("Contracts"), headings, _cells(query))


def read(listing: Listing, branches: dict[str, str]) -> Asked:
    """The filters of the address. Raises BadParameter."""
    return Asked(
        listing.choice("status", CONTRACT_STATUSES),
        listing.choice("side", SIDES),
        listing.choice("kind", CONTRACT_KINDS),
        listing.choice("branch", tuple(branches)),
        listing.choice("ends", WITHIN),
        listing.choice("owner", ("me",)),
        listing.args.get("q", "").replace("\0", "").strip()[:200],
    )


def filtered(asked: Asked) -> Select[Any]:
    """The query for the contracts that this person may see and the address asks for."""
    query = select(Contract).where(visible_contracts(person()))
    for column, value in (
        (Contract.status, asked.status),
        (Contract.side, asked.side),
        (Contract.kind, asked.kind),
    ):
        if value:
            query = query.where(column == value)
    if asked.branch:
        query = query.where(Contract.branch_id == int(asked.branch))
    if asked.owner:
        query = query.where(Contract.owner_id == person().id)
    if asked.ends:
        day = today()
        query = query.where(
            Contract.status == "active", Contract.ends_on.between(day, day + timedelta(days=int(asked.ends)))
        )
    return query.where(found_by(asked.words)) if asked.words else query


def found_by(typed: str) -> ColumnElement[bool]:
    """The condition that a contract's number, title, other side or text has every word that was typed."""
    words = query_of(typed)
    return Contract.words.op("@@")(cast(literal(words), TSQUERY)) if words else literal(False)


def counted(query: Select[Any]) -> int:
    """How many contracts there are, at most one more than MOST_COUNTED."""
    some = query.with_only_columns(Contract.id).limit(MOST_COUNTED + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def branches_offered() -> dict[str, str]:
    """Id -> name of every branch, by name; a branch that one does not see has no contracts to show."""
    query = select(Branch.id, Branch.name).order_by(func.lower(Branch.name), Branch.id)
    return {str(row.id): row.name for row in db.session.execute(query)}


def _cells(query: Select[Any]) -> Iterator[tuple[Any, ...]]:
    for row in db.session.scalars(query.execution_options(yield_per=500)):
        other, status = row.other_side, status_word(f"contract_{row.status}").label
        yield (
            row.number, row.title, other.name, other.number, status, side_word(row.side), contract_kind_word(row.kind),
            row.amount, row.currency, row.starts_on, row.ends_on, row.owner.name, row.created_at,
        )  # fmt: skip


def _selects(asked: Asked, branches: dict[str, str]) -> list[dict[str, Any]]:
    """The filters of many values: [{name, label, chosen, options: [(value, word)]}]."""
    kinds = [(one, contract_kind_word(one)) for one in CONTRACT_KINDS]
    ends = [(one, _("next %(days)s days", days=one)) for one in WITHIN]
    found = [
        {"name": "kind", "label": _("About"), "chosen": asked.kind, "options": kinds},
        {"name": "ends", "label": _("Ends"), "chosen": asked.ends, "options": ends},
    ]
    if len(branches) > 1:
        offered = list(branches.items())
        found.append({"name": "branch", "label": _("Branch"), "chosen": asked.branch, "options": offered})
    return found


def _chips(listing: Listing, name: str, chosen: str | None, words: dict[str, str]) -> list[dict[str, Any]]:
    pairs: list[tuple[str | None, str]] = [(None, _("All")), *words.items()]
    return [
        {"label": word, "url": listing.url(**{name: value}), "current": value == chosen}
        for value, word in pairs
    ]
