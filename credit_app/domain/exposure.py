"""What is at risk with a customer, how far its limit is used and what of it is still free."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, list_of, to_text, whole_of
from credit_app.domain.sentences import N_

ZERO = Decimal(0)
LONGEST_HORIZON = 3660  # days
COMPONENTS = ("open_receivables", "delivered_not_invoiced", "orders_confirmed", "bills_not_matured")


@dataclass(frozen=True, slots=True)
class ExposurePolicy:
    """Which components count towards gross exposure, and how many days ahead of their delivery orders do."""

    components: frozenset[str] = frozenset(COMPONENTS)
    order_horizon_days: int = LONGEST_HORIZON

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy for a component that does not exist."""
        components = frozenset(list_of(values, "exposure.components", to_text))
        if not components <= set(COMPONENTS):
            raise InvalidPolicy(key="exposure.components", problem="naming an unknown component")
        horizon = whole_of(values, "exposure.order_horizon_days")
        if not 0 <= horizon <= LONGEST_HORIZON:
            raise InvalidPolicy(
                key="exposure.order_horizon_days",
                problem=N_("not days from 0 to %(most)s"),
                most=LONGEST_HORIZON,
            )
        return cls(components, horizon)


@dataclass(frozen=True, slots=True)
class Security:
    """An eligible security and the part of it (0 to 1) that is not counted on."""

    amount: Decimal
    haircut: Decimal


@dataclass(frozen=True, slots=True)
class Insurance:
    """What an insurer covers: up to its limit, the share `cover` (0 to 1) of what is owed."""

    limit: Decimal
    cover: Decimal


@dataclass(frozen=True, slots=True)
class ExposureParts:
    """Amounts in one currency; securities and insurances are those that are eligible that day."""

    open_receivables: Decimal = ZERO
    delivered_not_invoiced: Decimal = ZERO
    orders_confirmed: Decimal = ZERO
    bills_not_matured: Decimal = ZERO
    unallocated_receipts: Decimal = ZERO
    cash_deposits: Decimal = ZERO
    securities: tuple[Security, ...] = ()
    insurances: tuple[Insurance, ...] = ()


@dataclass(frozen=True, slots=True)
class LimitInForce:
    """A granted limit, holding from its first to its last day, both included (None: open end)."""

    amount: Decimal
    valid_from: date
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it holds that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def gross_exposure(parts: ExposureParts, policy: ExposurePolicy) -> Decimal:
    """Sum of the components that policy counts."""
    amounts: Mapping[str, Decimal] = {name: getattr(parts, name) for name in COMPONENTS}
    return sum((amount for name, amount in amounts.items() if name in policy.components), ZERO)


def net_exposure(parts: ExposureParts, policy: ExposurePolicy) -> Decimal:
    """Gross less receipts not allocated, deposits, securities after haircut and the insured part.

    Below zero when the customer has paid ahead.
    """
    gross = gross_exposure(parts, policy)
    covered = parts.cash_deposits + secured_amount(parts) + insured_part(parts.insurances, gross)
    return gross - parts.unallocated_receipts - covered


def secured_amount(parts: ExposureParts) -> Decimal:
    """What the securities are good for after their haircuts."""
    return sum((security.amount * (1 - security.haircut) for security in parts.securities), ZERO)


def insured_part(insurances: Iterable[Insurance], owed: Decimal) -> Decimal:
    """min(insurer limit, what is owed) × cover; a second insurer covers only what the first one leaves."""
    left, insured = max(ZERO, owed), ZERO
    for insurance in insurances:
        carried = min(insurance.limit, left)
        insured += carried * insurance.cover
        left -= carried
    return insured


def unsecured_part(owed: Decimal, parts: ExposureParts) -> Decimal:
    """What of an amount that may come to be owed stands without deposit, security or insurance; never below 0."""
    covered = parts.cash_deposits + secured_amount(parts) + insured_part(parts.insurances, owed)
    return max(ZERO, owed - covered)


def group_net(nets: Iterable[Decimal]) -> Decimal:
    """What a group owes net: what one company paid ahead or over-secured does not cover another's debt."""
    return sum((max(ZERO, net) for net in nets), ZERO)


def effective_limit(permanent: LimitInForce | None, temporary: LimitInForce | None, day: date) -> Decimal:
    """The temporary limit, while it holds, replaces the permanent one, higher or lower; 0 without either."""
    for limit in (temporary, permanent):
        if limit is not None and limit.holds_on(day):
            return limit.amount
    return ZERO


def utilisation(net: Decimal, limit: Decimal) -> Decimal | None:
    """Net exposure ÷ limit as a fraction (1 = fully used), 0 when paid ahead, None without a limit."""
    return (max(ZERO, net) / limit).quantize(Decimal("0.0001")) if limit > 0 else None


def available(net: Decimal, limit: Decimal) -> Decimal:
    """Limit less net exposure; below zero is what exceeds it."""
    return limit - net


def available_in_group(own: Decimal, group: Decimal | None) -> tuple[Decimal, str]:
    """(what may still be used, 'group' or 'own' as the bound): the group's limit is checked first."""
    return (group, "group") if group is not None and group <= own else (own, "own")
