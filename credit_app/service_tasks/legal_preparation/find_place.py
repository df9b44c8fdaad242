"""Find place: where the preparation of a case stands."""

from credit_app.facts import legal
from workflows import Action


def run(action: Action) -> dict[str, str]:
    """At the assessment, the decision, or after it."""
    return {"place": legal.PLACES[legal.legal_case_of(action).status]}
