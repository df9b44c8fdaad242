"""Tell counsel: the period of a title is over."""

from credit_app.facts import legal
from workflows import Action


def run(action: Action) -> None:
    """One mail to whoever runs the case."""
    case = legal.legal_case_of(action)
    found = legal.open_dates(case, "objection", "appeal", "payment")
    legal.tell_counsel(action, found[0].kind if found else "appeal")
