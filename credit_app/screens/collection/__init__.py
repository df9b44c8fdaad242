"""Collection: the cases of customers with overdue debts, and what belongs to them."""

from flask import Blueprint

blueprint = Blueprint("collection", __name__, url_prefix="/collection")

# Each registers its pages on the blueprint.
from credit_app.screens.collection import cases, words  # noqa: E402, F401

from credit_app.screens.collection import letter_texts, letter_words, letters  # noqa: E402, F401 isort: skip
from credit_app.screens.collection import extensions, plans, promises  # noqa: E402, F401 isort: skip
