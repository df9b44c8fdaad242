"""Find approver: who of the level may decide, and by when."""

from typing import Any

from credit_app.facts.application import application_of
from credit_app.facts.deadlines import deadlines_from
from credit_app.facts.people import eligible, ids_with
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Ask those who may decide; with nobody even at the highest level the task opens, and an alert goes out."""
    application = application_of(action)
    session, level = action.session, str(action.data["level"])
    people = eligible(session, application, level, action)
    is_last = level == action.data["highest_level"]
    action.note("eligible", level=level, people=sorted(people))
    if people:
        action.mail(sorted(people), "decision_needed", application_id=application.id, level=level)
    elif is_last:
        admins = ids_with(session, "admin")
        action.mail(admins, "no_approver", application_id=application.id, level=level)
    deadlines = deadlines_from(session, action.now, action.today)
    return {
        "approver_found": bool(people) or is_last,
        "remind_at": deadlines.remind_at.isoformat(),
        "due_at": deadlines.due_at.isoformat(),
        "escalate_at": deadlines.escalate_at.isoformat(),
    }
