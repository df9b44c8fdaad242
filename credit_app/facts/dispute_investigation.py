"""Investigating a dispute: who has it and until when, what was found and is proposed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from credit_app.domain.dates import day_in_zone
from credit_app.domain.disputes import PROPOSALS, ROOT_CAUSES, needs_contract_review
from credit_app.domain.money import format_amount, minor_units
from credit_app.facts.deadlines import close_of, days_after, due_after
from credit_app.facts.dispute_marks import left_of
from credit_app.facts.disputes import KIND, LEAST_WORDS, ZERO, dispute_of, hold, policy_of
from credit_app.facts.people import ids_with
from credit_app.i18n import _
from credit_app.models import the_company
from credit_app.models.disputes import Dispute
from workflows import Action, Assignment, InvalidAnswer


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: root cause, finding, proposal, the ground that the customer reads; for a credit in part
    part id -> (the form's row, amount)."""

    proposal: str
    cause: str
    finding: str
    ground: str
    credits: Mapping[int, tuple[str, Decimal | None]]


def find_owner(action: Action) -> dict[str, Any]:
    """Whose it is (`owner_role`), and when to remind and to escalate; one that was sent back gets its days anew."""
    row, session = dispute_of(action), action.session
    policy = policy_of(session, action.today)
    branch, roles = row.customer.branch_id, policy.owners[row.reason]
    row.owner_role = next((role for role in roles if ids_with(session, role, branch)), roles[0])
    if row.investigated_by is not None or row.answer_by < action.today:
        due = days_after(session, action.now, action.today, policy.answer_days[row.reason])
        row.answer_by = day_in_zone(due, the_company(session).time_zone)
    row.status = "investigating"
    deadline = close_of(session, row.answer_by, action.today)
    remind = min(due_after(session, action.now, action.today, "dispute.remind_after_days"), deadline)
    return {
        "owner_role": row.owner_role,
        "remind_at": remind.isoformat(),
        "escalate_at": deadline.isoformat(),
    }


def to_investigate(action: Action) -> Assignment:
    """The owner of the branch; a sales rep's own customer is that rep's. Whoever investigated has it again."""
    row = dispute_of(action)
    role, branch = str(action.data["owner_role"]), row.customer.branch_id
    there = ids_with(action.session, role, branch)
    first = (row.investigated_by, row.customer.sales_rep_id if role == "sales_rep" else None)
    mine = next((one for one in first if one in there), None)
    due = datetime.fromisoformat(str(action.data["escalate_at"]))
    return Assignment(role, branch, due, claimed_by=mine)


def remind(action: Action) -> None:
    """Remind whoever has it."""
    row = dispute_of(action)
    action.mail(_owners(action, row), "dispute_reminder", case_kind=KIND, case_id=row.id)


def escalate(action: Action) -> None:
    """Tell those who lead the owner that the customer waits longer than was promised."""
    row, session = dispute_of(action), action.session
    row.escalated_on = action.today
    role = policy_of(session, action.today).leads[str(action.data["owner_role"])]
    people = ids_with(session, role, row.customer.branch_id)
    action.mail({*people, *_owners(action, row)}, "dispute_escalated", case_kind=KIND, case_id=row.id)


def _owners(action: Action, row: Dispute) -> list[int]:
    role = str(action.data["owner_role"])
    there = ids_with(action.session, role, row.customer.branch_id)
    rep = row.customer.sales_rep_id
    return [rep] if role == "sales_rep" and rep in there else there


def investigate(action: Action, found: Found) -> None:
    """Write down what was found and what is proposed. Raises InvalidAnswer naming the field, Conflict."""
    row, session = hold(action, "investigating"), action.session
    if found.proposal not in PROPOSALS:
        raise InvalidAnswer("choice", _("Choose what you propose."))
    if found.cause not in ROOT_CAUSES:
        raise InvalidAnswer("cause", _("Choose the root cause."))
    if len(found.finding) < LEAST_WORDS:
        raise InvalidAnswer("finding", _("Say in a few words what was found."))
    if found.proposal != "credited" and len(found.ground) < LEAST_WORDS:
        raise InvalidAnswer("ground", _("Give the ground; the customer reads it."))
    left = left_of(session, row, action.today)
    credits = _credits(row, found, left)
    for part in row.items:
        part.credit = credits.get(part.id, ZERO)
    row.proposal, row.cause, row.finding = found.proposal, found.cause, found.finding[:2000]
    row.ground = found.ground[:1000] if found.proposal != "credited" else ""
    row.investigated_by, row.investigated_on = action.actor.person_id, action.today
    row.decided_by = row.decided_on = row.level = None
    row.contract_review = row.contract_review or needs_contract_review(row.reason, found.cause)
    if found.proposal != "rejected":
        row.status = "in_decision"
    session.flush()


def _credits(row: Dispute, found: Found, left: Mapping[int, Decimal]) -> dict[int, Decimal]:
    if found.proposal == "rejected":
        return {}
    if found.proposal == "credited":
        return dict(left)
    credits: dict[int, Decimal] = {}
    for part in row.items:
        place, amount = found.credits.get(part.id, ("", None))
        if part.id not in left or not amount:
            continue
        at = f"{place}-amount"
        if amount < 0 or amount != round(amount, minor_units(part.item.currency)):
            raise InvalidAnswer(
                at, _("Give an amount above zero, without more decimals than its currency has.")
            )
        if amount > left[part.id]:
            raise InvalidAnswer(
                at,
                _(
                    "%(left)s of %(number)s is disputed; no more than that can be credited.",
                    left=format_amount(left[part.id]),
                    number=part.item.number,
                ),
            )
        credits[part.id] = amount
    total = sum(credits.values(), ZERO)
    if total == 0:
        raise InvalidAnswer("choice", _("Enter what is to be credited of at least one invoice."))
    if total == sum(left.values(), ZERO):
        raise InvalidAnswer("choice", _("That is all of it; propose a credit note for all."))
    return credits
