"""Deciding on the credit note that is proposed for a dispute: which level, and what it answers."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from credit_app.domain.money import format_amount
from credit_app.facts.deadlines import due_after
from credit_app.facts.dispute_marks import left_of
from credit_app.facts.disputes import LEAST_WORDS, ZERO, dispute_of, hold, policy_of
from credit_app.facts.people import ids_with
from credit_app.i18n import _
from credit_app.models import convert, the_company
from credit_app.models.disputes import Dispute
from workflows import Action, Assignment, Conflict, InvalidAnswer

DUE = "dispute.due_after_days"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a level answered; `seen` is what could be credited when its page was shown."""

    choice: str
    note: str
    seen: str


def level(action: Action) -> dict[str, Any]:
    """Who decides, by the amount (`level`): the lowest level in which somebody else is there than who took part."""
    row, session = dispute_of(action), action.session
    base = the_company(session).base_currency
    amount = convert(session, proposed(row), row.currency or base, base, action.today)
    levels = policy_of(session, action.today).levels_for(amount)
    part_in = {row.made_by, row.investigated_by}
    for one in levels:
        if set(ids_with(session, one, row.customer.branch_id)) - part_in:
            return {"level": one}
    return {"level": levels[-1]}


def proposed(row: Dispute) -> Decimal:
    """The sum of the credit that is proposed."""
    return sum((part.credit for part in row.items), ZERO)


def to_decide(action: Action) -> Assignment:
    """The level that was found, less whoever opened the dispute or proposes."""
    row = dispute_of(action)
    due = due_after(action.session, action.now, action.today, DUE)
    excluded = tuple({one for one in (row.made_by, row.investigated_by) if one is not None})
    return Assignment(str(action.data["level"]), row.customer.branch_id, due, excluded)


def creditable(session: Session, row: Dispute, day: date) -> dict[int, Decimal]:
    """Part id -> what of the proposed credit can be booked today: what was paid meanwhile is not credited."""
    left = left_of(session, row, day)
    return {part.id: min(part.credit, left[part.id]) for part in row.items if part.id in left and part.credit}


def decide(action: Action, decision: Decision) -> None:
    """Approve, refuse or send back. Raises InvalidAnswer naming the field, Conflict."""
    row = hold(action, "in_decision")
    if decision.choice not in ("approve", "refuse", "send_back"):
        raise InvalidAnswer("choice", _("Choose approve, refuse or send back."))
    if decision.choice != "approve" and len(decision.note) < LEAST_WORDS:
        raise InvalidAnswer("note", _("Say why."))
    if decision.choice == "approve":
        now = sum(creditable(action.session, row, action.today).values(), ZERO)
        if now <= 0:
            raise InvalidAnswer("choice", _("Nothing of it is open any more; refuse it."))
        if decision.seen != str(now):
            raise Conflict(
                _(
                    "Meanwhile something was paid: %(left)s %(currency)s can be credited now. Look again and decide.",
                    left=format_amount(now),
                    currency=row.currency,
                )
            )
    row.decided_by, row.decided_on = action.actor.person_id, action.today
    row.level, row.decision_note = str(action.data["level"]), decision.note[:1000]
    if decision.choice == "refuse":
        row.ground = decision.note[:1000]
    action.session.flush()
