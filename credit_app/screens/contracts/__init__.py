"""Contracts: the register, one contract with its versions and timeline, reviews, performance and parties."""

from flask import Blueprint

blueprint = Blueprint("contracts", __name__, url_prefix="/contracts")

# Each registers its pages on the blueprint.
from credit_app.screens.contracts import (  # noqa: E402
    calendar,  # noqa: F401
    contract,  # noqa: F401
    need,  # noqa: F401
    papers,  # noqa: F401
    parties,  # noqa: F401
    performance,  # noqa: F401
    register,  # noqa: F401
    renewal,  # noqa: F401
    review,  # noqa: F401
    templates,  # noqa: F401
    words,  # noqa: F401
)
