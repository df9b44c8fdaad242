"""Collection: the cases of customers with overdue debts, the collector's day, and what belongs to them."""

from flask import Blueprint

blueprint = Blueprint("collection", __name__, url_prefix="/collection")

# Each registers its pages on the blueprint.
from credit_app.screens.collection import (  # noqa: E402
    agencies,  # noqa: F401
    cases,  # noqa: F401
    disputes,  # noqa: F401
    extensions,  # noqa: F401
    holds,  # noqa: F401
    interest,  # noqa: F401
    leading,  # noqa: F401
    legacy,  # noqa: F401
    letter_texts,  # noqa: F401
    letter_words,  # noqa: F401
    letters,  # noqa: F401
    next_debtor,  # noqa: F401
    page,  # noqa: F401
    plans,  # noqa: F401
    promises,  # noqa: F401
    runs,  # noqa: F401
    tags,  # noqa: F401
    team,  # noqa: F401
    visits,  # noqa: F401
    words,  # noqa: F401
    worklist,  # noqa: F401
    worklist_words,  # noqa: F401
    write_offs,  # noqa: F401
)
