"""Find approver: who of the level may decide, and by when."""

from typing import Any

from credit_app.facts.application import application_of
from credit_app.facts.deadlines import deadlines_from
from credit_app.facts.levels import rows_in_force
from credit_app.facts.people import eligible, ids_with
from credit_app.facts.undoing import undo_changes
from credit_app.models import CreditApplication
from workflows import Action

undo = undo_changes


def run(action: Action) -> dict[str, Any]:
    """Ask those who may decide; with nobody even at the highest level the task opens, and an alert goes out."""
    application = application_of(action)
    session, level = action.session, str(action.data["level"])
    people = eligible(session, application, level, action)
    is_last = level == action.data["highest_level"]
    action.note("eligible", level=level, people=sorted(people))
    asked_first = who_asked(action, people)
    if asked_first:
        action.mail([asked_first], "decision_returned", application_id=application.id, level=level)
    elif people:
        action.mail(
            sorted(people), reason_to_ask(action, application), application_id=application.id, level=level
        )
    elif is_last:
        admins = ids_with(session, "admin")
        action.mail(admins, "no_approver", application_id=application.id, level=level)
    deadlines = deadlines_from(session, action.now, action.today)
    return {
        "approver_found": bool(people) or is_last,
        "claimed_for": asked_first,
        "remind_at": deadlines.remind_at.isoformat(),
        "due_at": deadlines.due_at.isoformat(),
        "escalate_at": deadlines.escalate_at.isoformat(),
    }


def who_asked(action: Action, people: frozenset[int]) -> int:
    """Whoever asked for opinions or added an approver, while they may still decide; 0 otherwise."""
    person, principal = (int(action.data.get(name) or 0) for name in ("returns_to", "returns_for"))
    return person if (principal or person) in people else 0


def reason_to_ask(action: Action, application: CreditApplication) -> str:
    """The mail that says why the level is asked: in its turn, or because the one before let its turn pass."""
    rows = rows_in_force(action.session, application)
    last = rows[-1] if rows else None
    passed_on = last is not None and last.decision == "escalated" and not last.is_added
    return "decision_escalated" if passed_on else "decision_needed"
