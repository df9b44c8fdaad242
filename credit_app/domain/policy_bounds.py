"""Bounds that hold whatever rule reads a figure: shares from 0 to 1; days, months and counts not negative."""

from collections.abc import Mapping
from decimal import Decimal

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_names import SHARES
from credit_app.domain.policy_values import Values, to_decimal
from credit_app.domain.sentences import N_

# Tables whose every value is a share.
TABLES_OF_SHARES = (
    "security.haircuts",
    "envelope.shares",
    "rating.less_confidence",
    "rating.method_weights",
    "matching.weights",
)


# Farther than this no date can be computed, and no figure of a rule means anything.
MOST = {"_days": 36_500, "_months": 1_200, "_years": 100, ".years": 20, "_hours": 10_000, "_minutes": 100_000}
# With none of these nobody could work.
AT_LEAST_ONE = (
    "access.grant_hours", "sign_in.attempts", "sign_in.idle_minutes", "sign_in.absolute_hours", "sign_in.link_minutes",
    "committee.least_members", "statements.years", "currency.max_age_days",
)  # fmt: skip
MOST_OF_ANY = 10**12


def bounds_from_policy(values: Values) -> int:
    """How many figures were looked at; raises InvalidPolicy naming the first that lies out of its bounds."""
    shares = [(key, value) for key, value in values.items() if key in SHARES]
    for key in TABLES_OF_SHARES:
        table = values.get(key)
        shares += [(key, value) for value in table.values()] if isinstance(table, Mapping) else []
    for key, value in shares:
        if not Decimal(0) <= to_decimal(key, value) <= 1:
            raise InvalidPolicy(key=key, problem=N_("not between 0 and 1"))
    for key in AT_LEAST_ONE:
        if values.get(key) == 0:
            raise InvalidPolicy(key=key, problem=N_("zero; give 1 or more"))
    whole = [(key, value) for key, value in values.items() if type(value) is int]
    for key, value in whole:
        if value < 0:
            raise InvalidPolicy(key=key, problem=N_("below zero"))
        most = next((most for ending, most in MOST.items() if key.endswith(ending)), MOST_OF_ANY)
        if value > most:
            raise InvalidPolicy(key=key, problem=N_("above %(most)s"), most=most)
    return len(shares) + len(whole)
