"""Legal action: its cases, the calendar of legal dates, and the register of counsel."""

from flask import Blueprint

blueprint = Blueprint("legal", __name__, url_prefix="/legal")

# Each registers its pages on the blueprint.
from credit_app.screens.legal import calendar, cases, counsel, words  # noqa: E402, F401
