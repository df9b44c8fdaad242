"""Choose depth: what the table is asked with."""

from typing import Any

from credit_app.facts.application import application_of, limit_in_question
from credit_app.models import convert, the_company
from workflows import Action


def inputs(action: Action) -> dict[str, Any]:
    """The limit in question, in base currency. A number: text never compares with a number."""
    application = application_of(action)
    base = the_company(action.session).base_currency
    amount = limit_in_question(application)
    return {
        "requested_limit": convert(action.session, amount, application.currency or base, base, action.today)
    }
