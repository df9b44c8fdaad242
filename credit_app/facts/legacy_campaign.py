"""Campaigns that clean up old debts: what they are about, their targets by branch, and how far they are."""
# ruff: noqa: S608 (put together from the constants of this module; values are bound)

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from credit_app.domain.grades import GradePolicy
from credit_app.facts.legacy import LEAST_REASON, policy_of
from credit_app.facts.rates import worth_of_one
from credit_app.i18n import _, written_day
from credit_app.models import Branch, policy_values, the_company
from credit_app.models.legacy import LegacyCampaign, LegacyCampaignItem, LegacyTarget
from workflows import Conflict, InvalidAnswer

ZERO, CENT = Decimal(0), Decimal("0.01")
MOST_DEBTORS = 200


@dataclass(frozen=True, slots=True)
class Target:
    """What a branch is to recover, as typed; `place` is the form's row."""

    place: str
    branch_id: int
    amount: Decimal | None
    due_on: date | None


@dataclass(slots=True)
class Progress:
    """How far something is, in base currency: open at the start, recovered and written off since, open now."""

    at_start: Decimal = ZERO
    recovered: Decimal = ZERO
    written_off: Decimal = ZERO
    open: Decimal = ZERO


@dataclass(slots=True)
class Debtor(Progress):
    """A debtor of a campaign; `chosen` is its class, `grade` the newest."""

    customer_id: int = 0
    number: str = ""
    name: str = ""
    oldest_due: date = date.max
    grade: str | None = None
    chosen: str | None = None


# What receipts have paid of an item, less what was taken back, and what of it was written off, up to a day.
_PAID = """coalesce((SELECT sum(a.amount) FROM allocation a
        WHERE a.item_id = b.item_id AND a.receipt_id IS NOT NULL AND a.allocated_on <= {until}), 0)"""
_WRITTEN_OFF = """coalesce((SELECT -sum(a.amount) FROM adjustment a
        WHERE a.item_id = b.item_id AND a.reason = 'written_off' AND a.adjusted_on <= {until}), 0)"""
# The old debts of debtors whose class a person gave, in these branches; what another open campaign has stays there.
# They are held, so that a payment is either in what was paid before or counts.
_ITEMS = text(f"""
    SELECT b.item_id, b.customer_id, c.branch_id, b.open_amount,
        {_PAID.format(until="'infinity'")} AS paid_before, {_WRITTEN_OFF.format(until="'infinity'")} AS written_before
    FROM item_balance b JOIN customer c ON c.id = b.customer_id
    JOIN legacy_debt l ON l.customer_id = c.id AND l.chosen IS NOT NULL
    WHERE b.item_id = ANY(:items) ORDER BY b.item_id
""")
_OLD = text("""
    SELECT b.item_id FROM item_balance b JOIN customer c ON c.id = b.customer_id
    JOIN legacy_debt l ON l.customer_id = c.id AND l.chosen IS NOT NULL
    WHERE c.branch_id = ANY(:branches) AND b.open_amount > 0 AND b.kind <> 'credit_note' AND b.due_date <= :until
        AND NOT EXISTS (SELECT FROM legacy_campaign_item x JOIN legacy_campaign y ON y.id = x.campaign_id
            WHERE x.item_id = b.item_id AND y.status = 'open')
    ORDER BY b.item_id FOR NO KEY UPDATE OF b
""")
_PROGRESS = text(f"""
    SELECT x.branch_id, x.customer_id, b.currency, min(b.due_date) AS oldest_due, sum(x.open_amount) AS at_start,
        sum({_PAID.format(until="coalesce(p.closed_on, 'infinity')")} - x.paid_before) AS recovered,
        sum({_WRITTEN_OFF.format(until="coalesce(p.closed_on, 'infinity')")} - x.written_before) AS written_off,
        sum(b.open_amount) AS open
    FROM legacy_campaign_item x JOIN legacy_campaign p ON p.id = x.campaign_id
    JOIN item_balance b ON b.item_id = x.item_id
    WHERE x.campaign_id = :campaign GROUP BY 1, 2, 3
""")
_NAMES = text("""
    SELECT c.id, c.number, c.name, l.chosen,
        (SELECT r.grade FROM rating r WHERE r.customer_id = c.id ORDER BY r.rated_at DESC, r.id DESC LIMIT 1) AS grade
    FROM customer c LEFT JOIN legacy_debt l ON l.customer_id = c.id WHERE c.id = ANY(:ids)
""")


def begin(
    session: Session,
    name: str,
    ends_on: date | None,
    targets: Sequence[Target],
    who: int,
    today: date,
    now: datetime,
) -> LegacyCampaign:
    """Begin a campaign today over the old debts of the branches that have a target. The caller commits.

    Raises InvalidAnswer naming the field.
    """
    if not name:
        raise InvalidAnswer("name", _("Give the campaign a name."))
    if ends_on is None or ends_on < today:
        raise InvalidAnswer("ends_on", _("Give a last day, today or later."))
    wanted = [one for one in targets if one.amount is not None]
    if not wanted:
        raise InvalidAnswer("rows-0-amount", _("Give at least one branch a target."))
    for one in wanted:
        _check(one, ends_on, today)
    until = date.fromordinal(today.toordinal() - policy_of(session, today).age_days)
    values = {"branches": [one.branch_id for one in wanted], "until": until}
    held = [row.item_id for row in session.execute(_OLD, values)]
    items = session.execute(_ITEMS, {"items": held}).all()
    empty = {one.branch_id for one in wanted} - {row.branch_id for row in items}
    if empty:
        branch = session.get_one(Branch, min(empty))
        place = next(one.place for one in wanted if one.branch_id == branch.id)
        raise InvalidAnswer(
            f"{place}-amount",
            _(
                "%(branch)s has no old debts whose debtors have a class; triage them first.",
                branch=branch.name,
            ),
        )
    row = LegacyCampaign(
        name=name[:200], starts_on=today, ends_on=ends_on, made_by=who, created_at=now,
        targets=[
            LegacyTarget(branch_id=one.branch_id, amount=one.amount, due_on=one.due_on or ends_on) for one in wanted
        ],
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.execute(
        insert(LegacyCampaignItem),
        [
            {
                "campaign_id": row.id,
                "item_id": item.item_id,
                "customer_id": item.customer_id,
                "branch_id": item.branch_id,
                "open_amount": item.open_amount,
                "paid_before": item.paid_before,
                "written_before": item.written_before,
            }
            for item in items
        ],
    )
    session.flush()
    return row


def _check(one: Target, ends_on: date, today: date) -> None:
    if one.amount is None or one.amount <= 0:
        raise InvalidAnswer(f"{one.place}-amount", _("Give a target above zero."))
    if one.due_on is not None and not today <= one.due_on <= ends_on:
        raise InvalidAnswer(
            f"{one.place}-due_on",
            _("Give a day from today to the last day, %(day)s.", day=written_day(ends_on)),
        )


def close(session: Session, row: LegacyCampaign, result: str, who: int, today: date) -> None:
    """End a campaign with its result in words. The caller commits. Raises InvalidAnswer, Conflict."""
    session.refresh(row, with_for_update=True)
    if row.status != "open":
        raise Conflict(_("This campaign was closed already."))
    if len(result) < LEAST_REASON:
        raise InvalidAnswer("result", _("Say in a few words what the campaign has brought."))
    row.status, row.result, row.closed_by, row.closed_on = "closed", result[:2000], who, today
    session.flush()


def progress(
    session: Session, row: LegacyCampaign, today: date
) -> tuple[Mapping[int, Progress], Progress, list[Debtor]]:
    """(by branch, in all, debtors: the oldest debt first, of the same day the worst grade). Raises MissingRate."""
    base = the_company(session).base_currency
    branches: dict[int, Progress] = {}
    total, debtors = Progress(), dict[int, Debtor]()
    for found in session.execute(_PROGRESS, {"campaign": row.id}):
        worth = worth_of_one(session, found.currency, base, today)
        debtor = debtors.setdefault(found.customer_id, Debtor(customer_id=found.customer_id))
        debtor.oldest_due = min(debtor.oldest_due, found.oldest_due)
        for one in (branches.setdefault(found.branch_id, Progress()), total, debtor):
            _add(one, found, worth)
    names = session.execute(_NAMES, {"ids": list(debtors)})
    for name in names:
        one = debtors[name.id]
        one.number, one.name, one.grade, one.chosen = name.number, name.name, name.grade, name.chosen
    grades = GradePolicy.from_policy(policy_values(session, today)).grades
    rank = {grade: place for place, grade in enumerate(grades)}
    ordered = sorted(
        debtors.values(), key=lambda one: (one.oldest_due, -rank.get(one.grade or "", -1), one.customer_id)
    )
    return branches, total, ordered[:MOST_DEBTORS]


def _add(one: Progress, found: Any, worth: Decimal) -> None:
    one.at_start += (found.at_start * worth).quantize(CENT)
    one.recovered += (found.recovered * worth).quantize(CENT)
    one.written_off += (found.written_off * worth).quantize(CENT)
    one.open += (found.open * worth).quantize(CENT)


def branches_of_campaigns(session: Session) -> Sequence[Branch]:
    """The branches that may have a target."""
    return session.scalars(select(Branch).order_by(Branch.name, Branch.id)).all()
