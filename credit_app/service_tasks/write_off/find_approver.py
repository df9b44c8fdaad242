"""Find approver: the level whose band holds the total, and by when it should decide."""

from typing import Any

from credit_app.facts import write_off as facts_of
from credit_app.facts.deadlines import due_after
from credit_app.facts.people import ids_with
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Ask those who may decide; with nobody even at the highest level the task opens, and administrators are told."""
    found, session = facts_of.write_off_of(action), action.session
    level = facts_of.deciding_level(action, found)
    people = sorted(facts_of.eligible(session, found, level))
    action.note("eligible", level=level, people=people)
    template = "write_off_needed" if people else "write_off_no_approver"
    action.mail(people or ids_with(session, "admin"), template, write_off_id=found.id)
    remind = due_after(session, action.now, action.today, "write_off.remind_after_days")
    due = due_after(session, action.now, action.today, "write_off.due_after_days")
    return {"level": level, "remind_at": remind.isoformat(), "due_at": due.isoformat()}
