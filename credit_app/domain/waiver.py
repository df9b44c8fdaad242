"""Waiving late interest and fees: how much each role may let go."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from credit_app.domain.errors import DomainError, InvalidPolicy
from credit_app.domain.policy_values import Values, table_of, to_decimal
from credit_app.domain.sentences import N_

WAIVERS = ("collector", "credit_manager", "finance_director")


class AboveAuthority(DomainError):
    """More than any role of the person may waive."""

    code = "waiver.above_authority"
    template = N_("%(total)s %(currency)s is more than you may waive, %(most)s; ask “%(role)s”.")


class AboveEverybody(DomainError):
    """More than any role may waive."""

    code = "waiver.above_everybody"
    template = N_("%(total)s %(currency)s is more than anybody may waive, %(most)s.")


def bands_from_policy(values: Values) -> dict[str, Decimal]:
    """The most that each role may waive at a time, in base currency. Raises InvalidPolicy."""
    bands = table_of(values, "interest.waive_bands", to_decimal)
    if not set(bands) <= set(WAIVERS) or any(amount < 0 for amount in bands.values()):
        raise InvalidPolicy(key="interest.waive_bands", problem=N_("not an amount for known roles"))
    return bands


def authority(bands: Mapping[str, Decimal], roles: Iterable[str], total: Decimal, currency: str) -> str:
    """The role by which somebody with these roles may waive `total`, the lowest that may. Raises AboveAuthority,
    AboveEverybody, which name who may."""
    held = set(roles)
    able = [role for role in WAIVERS if role in bands and total <= bands[role]]
    mine = next((role for role in able if role in held), None)
    if mine is not None:
        return mine
    if not able:
        most = max(bands.values(), default=Decimal(0))
        raise AboveEverybody(total=total, currency=currency, most=most)
    most = max((bands[role] for role in held if role in bands), default=Decimal(0))
    raise AboveAuthority(total=total, currency=currency, most=most, role=able[0])
