"""Send statement: the figures that were taken, by mail to the customer's contact for accounting."""

from typing import Any

from credit_app.facts.confirmation import send
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Queue the mail, or note that nobody can be written to; set `remind_at`, `silence_at`, `answer_is_in`."""
    return dict(send(action))
