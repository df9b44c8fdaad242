"""Send reminder: those who keep the receivables are told of an entry that still waits."""

from credit_app.facts.cash import ROLE, entry_of
from credit_app.facts.people import ids_with
from workflows import Action


def run(action: Action) -> None:
    """Mail whoever has claimed the task, else everybody with the role."""
    entry = entry_of(action)
    claimed = action.task.claimed_by if action.task is not None else None
    people = [claimed] if claimed else ids_with(action.session, ROLE)
    action.mail(people, "matching_reminder", entry_id=entry.id)
