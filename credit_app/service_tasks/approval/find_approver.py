"""Find approver: who of the level may decide, and by when."""

from typing import Any

from credit_app.domain.dates import BusinessCalendar
from credit_app.domain.deadlines import DeadlinePolicy, approval_deadlines
from credit_app.facts.application import application_of
from credit_app.facts.people import eligible, ids_with
from credit_app.models import holidays, policy_values, the_company
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Ask those who may decide; with nobody even at the highest level the task opens, and an alert goes out."""
    application = application_of(action)
    session, level = action.session, str(action.data["level"])
    people = eligible(session, application, level)
    is_last = level == action.data["highest_level"]
    action.note("eligible", level=level, people=sorted(people))
    if people:
        action.mail(sorted(people), "decision_needed", application_id=application.id, level=level)
    elif is_last:
        admins = ids_with(session, "admin")
        action.mail(admins, "no_approver", application_id=application.id, level=level)
    values = policy_values(session, action.today)
    deadlines = approval_deadlines(
        action.now,
        DeadlinePolicy.from_policy(values),
        BusinessCalendar.from_policy(values, holidays(session)),
        the_company(session).time_zone,
    )
    return {
        "approver_found": bool(people) or is_last,
        "remind_at": deadlines.remind_at.isoformat(),
        "due_at": deadlines.due_at.isoformat(),
        "escalate_at": deadlines.escalate_at.isoformat(),
    }
