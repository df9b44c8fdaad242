"""Hand an open decision to the next level, as approvals did that began before every level had its own clock."""

from credit_app.facts.application import application_of, limit_in_question, terms_in_question
from credit_app.facts.deadlines import deadlines_from
from credit_app.facts.levels import all_levels
from credit_app.facts.people import barred, eligible, ids_with
from credit_app.models import ApprovalDecision, CreditApplication
from workflows import Action, Assignment, reassign

RETIRED = "since every level has its own reminder and escalation; older approvals still come here"


def run(action: Action) -> None:
    """Hand the open decision to the next level that somebody may decide at; above the last one, raise the alarm."""
    application = application_of(action)
    session, level = action.session, str(action.data["level"])
    above = next_with_somebody(action, application, level)
    session.add(
        ApprovalDecision(
            application_id=application.id,
            round=application.round,
            level=level,
            decision="escalated",
            limit_before=limit_in_question(application),
            terms_before=terms_in_question(application),
            decided_at=action.now,
        )
    )
    late = sorted(eligible(session, application, level))
    action.mail(
        [*late, *ids_with(session, "admin")], "decision_late", application_id=application.id, level=level
    )
    if above is None:
        return
    due = deadlines_from(session, action.now, action.today).due_at
    assignment = Assignment(above, application.branch_id, due, barred(session, application, above))
    if reassign(action, "approval", "decide_limit", assignment):
        people = sorted(eligible(session, application, above))
        action.mail(people, "decision_escalated", application_id=application.id, level=above)


def next_with_somebody(action: Action, application: CreditApplication, level: str) -> str | None:
    """The lowest level above at which somebody may decide; None when there is none."""
    ladder = all_levels(action.session, action.today)
    higher = ladder[ladder.index(level) + 1 :]
    return next((one for one in higher if eligible(action.session, application, one)), None)
