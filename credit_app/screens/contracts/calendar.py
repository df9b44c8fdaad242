"""The calendar of contracts: milestones, ends, last days of notice and ends of warranty that come, month by month."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from sqlalchemy import ColumnElement, Numeric, and_, cast, exists, func, literal, null, or_, select, union_all

from credit_app.db import db
from credit_app.domain.sentences import N_
from credit_app.facts.retention import TITLE
from credit_app.i18n import _, date_pattern
from credit_app.models import Customer, ItemBalance, Person, ReceivableItem
from credit_app.models.contract import Contract, ContractVersion
from credit_app.models.party import Party
from credit_app.models.performance import ContractItem, ContractMilestone
from credit_app.screens.access import allowed, person
from credit_app.screens.clock import today
from credit_app.screens.contracts import blueprint
from credit_app.screens.contracts.register import branches_offered
from credit_app.screens.contracts.visible import visible_contracts
from credit_app.screens.listing import Listing, Sort

SPANS = ("30", "90", "180", "365", "overdue")
USUAL = "90"
MOST = 300


@blueprint.get("/calendar")
@allowed("contract.see")
def calendar() -> ResponseReturnValue:
    """Show the dates of the contracts of one's branches that come, or have passed."""
    listing = Listing({"day": Sort(ContractMilestone.due_on)}, ContractMilestone.id, "day")
    branches = branches_offered()
    span, who = listing.choice("span", SPANS) or USUAL, listing.choice("owner", ("me",))
    branch = listing.choice("branch", tuple(branches))
    rows = dates(*_between(span), mine=who == "me", branch=int(branch) if branch else None)
    shown = rows[:MOST]
    return render_template(
        "contracts/calendar.html",
        listing=listing,
        months=[
            (format_date(month, date_pattern("LLLL yyyy", "yMMMM")), list(part))
            for month, part in groupby(shown, lambda row: row.due_on.replace(day=1))
        ],
        more=len(rows) > MOST,
        most=MOST,
        spans=_chips(listing, "span", span, [(one, _span_word(one)) for one in SPANS]),
        owners=_chips(listing, "owner", who, [(None, _("all")), ("me", _("Mine"))]),
        branches=branches if len(branches) > 1 else {},
        branch=branch,
        day=today(),
    )


def dates(since: date, until: date, *, mine: bool, branch: int | None) -> Sequence[Any]:
    """What is due from `since` to `until`, by day, at most MOST + 1.

    Rows of (due_on, title, planned: whether the title is a msgid, number, contract, other_side, amount, currency,
    owner). The end of a contract in force is a date of its own while no milestone says so; so is retention.
    """
    of_contracts: list[ColumnElement[bool]] = [visible_contracts(person())]
    if branch is not None:
        of_contracts.append(Contract.branch_id == branch)
    due, ends, retained = milestones(since, until), contract_ends(since, until), retentions(since, until)
    if mine:
        due = due.where(or_(ContractMilestone.owner_id == person().id, Contract.owner_id == person().id))
        ends = ends.where(Contract.owner_id == person().id)
        retained = retained.where(Contract.owner_id == person().id)
    # Each part stops by itself at what is shown: joins and sorting see no more than that.
    parts = (
        due.where(*of_contracts).order_by(ContractMilestone.due_on, ContractMilestone.id),
        ends.where(*of_contracts).order_by(Contract.ends_on, Contract.id),
        retained.where(*of_contracts).order_by("due_on", Contract.id),
    )
    both = union_all(*(select(part.limit(MOST + 1).subquery()) for part in parts)).subquery()
    query = (
        select(
            both.c.due_on, both.c.title, both.c.planned, Contract.number, Contract.title.label("contract"),
            Customer.name.label("customer"), Party.name.label("party"), both.c.amount, both.c.currency,
            Person.name.label("owner"),
        )
        .join(Contract, Contract.id == both.c.contract_id)
        .join(Person, Person.id == both.c.owner_id)
        .outerjoin(Customer, Customer.id == Contract.customer_id)
        .outerjoin(Party, Party.id == Contract.party_id)
        .order_by(both.c.due_on, Contract.id, both.c.title)
        .limit(MOST + 1)
    )  # fmt: skip
    return db.session().execute(query).all()


def milestones(since: date, until: date) -> Any:
    """Planned milestones of contracts in force, also of those that ended: a warranty outlives them."""
    return (
        select(
            ContractMilestone.contract_id, ContractMilestone.due_on, ContractMilestone.title,
            ContractMilestone.made_by.is_(None).label("planned"), ContractMilestone.amount, ContractMilestone.owner_id,
            Contract.currency,
        )
        .join(Contract, Contract.id == ContractMilestone.contract_id)
        .where(
            ContractMilestone.status == "planned", ContractMilestone.due_on.between(since, until),
            Contract.status.in_(("active", "expired")),
        )
    )  # fmt: skip


def contract_ends(since: date, until: date) -> Any:
    """Ends of contracts in force that no milestone says."""
    said = exists().where(
        and_(
            ContractMilestone.contract_id == Contract.id,
            ContractMilestone.kind == "expiry",
            ContractMilestone.status == "planned",
        )
    )
    return select(
        Contract.id.label("contract_id"), Contract.ends_on.label("due_on"), literal(N_("Contract ends")).label("title"),
        literal(True).label("planned"), cast(null(), Numeric).label("amount"), Contract.owner_id, Contract.currency,
    ).where(Contract.status == "active", Contract.ends_on.between(since, until), ~said)  # fmt: skip


def retentions(since: date, until: date) -> Any:
    """Retention that is open and counts from the day of its invoice, by contract and day; what counts from acceptance
    has a milestone."""
    share = ReceivableItem.amount * ContractVersion.retention_share
    return (
        select(
            Contract.id.label("contract_id"), ContractItem.retention_due_on.label("due_on"),
            literal(TITLE).label("title"), literal(True).label("planned"),
            func.sum(func.least(func.round(share, 2), ItemBalance.open_amount)).label("amount"),
            Contract.owner_id, ItemBalance.currency,
        )
        .select_from(ContractItem)
        .join(Contract, Contract.id == ContractItem.contract_id)
        .join(ContractVersion, ContractVersion.id == Contract.version_id)
        .join(ReceivableItem, ReceivableItem.id == ContractItem.item_id)
        .join(ItemBalance, ItemBalance.item_id == ContractItem.item_id)
        .where(
            Contract.status.in_(("active", "expired")), ItemBalance.open_amount > 0,
            ContractItem.retention_due_on.between(since, until),
        )
        .group_by(Contract.id, ContractItem.retention_due_on, Contract.owner_id, ItemBalance.currency)
    )  # fmt: skip


def _between(span: str) -> tuple[date, date]:
    day = today()
    if span == "overdue":
        return date(1900, 1, 1), day - timedelta(days=1)
    return day, day + timedelta(days=int(span))


def _span_word(span: str) -> str:
    return _("overdue") if span == "overdue" else _("next %(days)s days", days=span)


def _chips(
    listing: Listing, name: str, chosen: str | None, values: Sequence[tuple[str | None, str]]
) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": listing.url(**{name: value}), "current": value == chosen}
        for value, label in values
    ]
