"""Receivables: the board with the ageing, a customer's account, receipts and what they pay, items and their entries."""

from flask import Blueprint

blueprint = Blueprint("receivables", __name__, url_prefix="/receivables")

# Each registers its pages on the blueprint.
from credit_app.screens.receivables import (  # noqa: E402, F401
    account,
    board,
    confirmations,
    items,
    provisions,
    receipts,
    words,
)
