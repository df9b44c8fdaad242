"""What plans and extensions have in common: which level decides, whoever asked never does, and what it decides."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_app.domain.money import format_amount
from credit_app.domain.promises import Authority
from credit_app.facts import promised
from credit_app.facts.deadlines import due_after
from credit_app.facts.people import ids_with
from credit_app.i18n import _
from credit_app.models import Person, convert, the_company
from credit_app.models.promises import PaymentExtension, PaymentPlan
from workflows import Action, Assignment, Conflict, InvalidAnswer

Asked = PaymentPlan | PaymentExtension
LEAST_REASON = 5
# In whose name somebody asked, when sent back to them; the first that they hold.
ASKERS = ("collector", "receivables", "sales_rep", "sales_manager")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a level answered; `seen` is what was open when its page was shown."""

    choice: str
    note: str
    seen: str


def level_for(action: Action, case: Asked, authority: Authority, days: int) -> str:
    """The lowest level that may decide and in which somebody else than whoever asked is there; the last if nobody is.

    Raises MissingRate.
    """
    session = action.session
    base = the_company(session).base_currency
    amount = convert(session, case.amount or Decimal(0), case.currency or base, base, action.today)
    levels = authority.from_level(authority.level(amount, days))
    for level in levels:
        if set(ids_with(session, level, case.customer.branch_id)) - {case.made_by}:
            return level
    return levels[-1]


def to_decide(action: Action, case: Asked, policy_key: str) -> Assignment:
    """The level that was found, less whoever asked."""
    due = due_after(action.session, action.now, action.today, policy_key)
    excluded = (case.made_by,) if case.made_by is not None else ()
    return Assignment(str(action.data["level"]), case.customer.branch_id, due, excluded)


def to_rework(action: Action, case: Asked, policy_key: str) -> Assignment:
    """Whoever asked, in their own list; once they have left, everybody with their role."""
    session, branch = action.session, case.customer.branch_id
    due = due_after(session, action.now, action.today, policy_key)
    person = session.get(Person, case.made_by or 0)
    held = {row.role for row in person.roles} if person is not None else set()
    role = next((one for one in ASKERS if one in held), ASKERS[0])
    there = person is not None and person.active and person.id in ids_with(session, role, branch)
    return Assignment(role, branch, due, claimed_by=case.made_by if there else None)


def decide(action: Action, case: Asked, decision: Decision) -> Decimal:
    """Check the decision and write it down, and send back; returns what is still open of what was asked for.

    Raises InvalidAnswer naming the field, Conflict when something was paid since the page was shown.
    """
    if decision.choice not in ("approve", "refuse", "send_back"):
        raise InvalidAnswer("choice", _("Choose approve, refuse or send back."))
    if decision.choice != "approve" and len(decision.note) < LEAST_REASON:
        raise InvalidAnswer("note", _("Say why."))
    left = still_open(action.session, case)
    if decision.choice == "approve":
        if left <= 0:
            raise InvalidAnswer("choice", _("Nothing is open any more of these items; refuse it."))
        if decision.seen != str(left):
            raise Conflict(
                _(
                    "Meanwhile something was paid: %(left)s %(currency)s of it is open now. Look again and decide.",
                    left=format_amount(left),
                    currency=case.currency,
                )
            )
    case.decided_by, case.decided_on, case.level = (
        action.actor.person_id,
        action.today,
        str(action.data["level"]),
    )
    case.decision_note = decision.note[:500]
    if decision.choice == "send_back":
        case.status = "sent_back"
    return left


def still_open(session: Session, case: Asked) -> Decimal:
    """What was asked for less what has come since."""
    return (case.amount or Decimal(0)) - promised.came(session, case)


def trim(session: Session, case: Asked) -> Decimal:
    """Take what came since it was asked for out of the case and its items; returns what it is about now."""
    came = promised.came_by_item(session, case.items)
    debts = {
        debt.item.id: debt.open_amount
        for debt in promised.debts(session, case.customer_id, date.max, list(came))
    }
    paid = promised.paid_of(session, list(came))
    for row in list(case.items):
        left = min(row.amount - came[row.item_id], debts.get(row.item_id, Decimal(0)))
        if left <= 0:
            case.items.remove(row)
            session.delete(row)
            continue
        row.amount, row.open_before = left, debts[row.item_id]
        row.paid_before = paid.get(row.item_id, Decimal(0))
    session.flush()
    case.amount = sum((row.amount for row in case.items), Decimal(0))
    return case.amount


def withdraws(action: Action, case: Asked, choice: str) -> bool:
    """Whether whoever asked gives it up instead of asking `again`; then it is over. Raises InvalidAnswer."""
    if choice not in ("again", "withdraw"):
        raise InvalidAnswer("choice", _("Choose how it goes on."))
    if choice == "withdraw":
        end(action, case, "withdrawn")
    return choice == "withdraw"


def ask_again(case: Asked) -> None:
    """It goes to a level once more: an earlier decision counts no longer."""
    case.status, case.decided_by, case.decided_on, case.level = "in_approval", None, None, None


def refuse(action: Action, case: Asked, template: str, kind: str) -> None:
    """It was refused: the items are free again, whoever asked is told."""
    end(action, case, "refused")
    if case.made_by is not None:
        action.mail([case.made_by], template, agreed_kind=kind, agreed_id=case.id)


def end(action: Action, case: Asked, status: str) -> None:
    """It is over: its items are free again."""
    case.status, case.closed_on, case.paid = status, action.today, promised.came(action.session, case)
    promised.free(action, case)
