"""Find suggestions: the surest match as the books stand now, and when to remind."""

from typing import Any

from credit_app.facts.cash import entry_of, ranked
from credit_app.facts.deadlines import due_after
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Note the certainty of the best suggestion, for lists; set `remind_at`."""
    entry = entry_of(action)
    found = ranked(action.session, entry, action.today)
    entry.certainty = found[0].certainty if found else None
    if entry.amount > 0:
        entry.rule = "suggested" if found else "unknown"
    remind = due_after(action.session, action.now, action.today, "matching.remind_after_days")
    return {"remind_at": remind.isoformat()}
