"""Collection: the cases of customers with overdue debts, and what belongs to them."""

from flask import Blueprint

blueprint = Blueprint("collection", __name__, url_prefix="/collection")

# Each registers its pages on the blueprint.
from credit_app.screens.collection import cases, disputes, legacy, words  # noqa: E402, F401
