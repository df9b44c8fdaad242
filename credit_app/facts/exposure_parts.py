"""What is at risk with a customer by component, net of what secures it, against the limits that hold that day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain import exposure as rules
from credit_app.domain import security as securities
from credit_app.domain.dates import day_in_zone
from credit_app.domain.order_policy import OrderPolicy
from credit_app.domain.policy_values import Values
from credit_app.domain.sentences import Sentence
from credit_app.models import (
    CreditLimit,
    Customer,
    Security,
    active_limits,
    convert_all,
    group_members,
    open_amounts,
    policy_values,
    the_company,
    unallocated_amounts,
)
from credit_app.models.order_queries import orders_at_risk

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class SecurityLine:
    """A security with its amount in `Exposure.currency`; `why_not` says why it does not count that day."""

    security: Security
    amount: Decimal
    why_not: Sentence | None


@dataclass(frozen=True, slots=True)
class Parts:
    """The components of one customer, and every security that it has given or was asked for."""

    amounts: rules.ExposureParts
    securities: tuple[SecurityLine, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit that holds and the net exposure that it is measured with; a group's is that of its parent."""

    limit: CreditLimit
    customer: Customer
    amount: Decimal
    net: Decimal

    @property
    def available(self) -> Decimal:
        """What of the limit is left; below zero is what exceeds it."""
        return rules.available(self.net, self.amount)

    @property
    def utilisation(self) -> Decimal | None:
        """Net exposure as a share of the limit; None where the limit is zero."""
        return rules.utilisation(self.net, self.amount)


@dataclass(frozen=True, slots=True)
class Exposure:
    """One customer as of `day`; amounts in `currency`, the company's own. `groups`: the limits of its parents."""

    currency: str
    day: date
    parts: Parts
    policy: rules.ExposurePolicy
    own: Bound | None
    groups: tuple[Bound, ...]

    @property
    def gross(self) -> Decimal:
        """Sum of the components that policy counts."""
        return rules.gross_exposure(self.parts.amounts, self.policy)

    @property
    def net(self) -> Decimal:
        """Gross less unallocated receipts, deposits, securities after haircut and the insured part."""
        return rules.net_exposure(self.parts.amounts, self.policy)

    @property
    def insured(self) -> Decimal:
        """What insurers would pay of the gross exposure."""
        return rules.insured_part(self.parts.amounts.insurances, self.gross)

    @property
    def bound(self) -> Bound | None:
        """The limit that binds first: the group's before the company's own where it leaves no more."""
        group = min(self.groups, key=lambda bound: bound.available, default=None)
        if self.own is None or group is None:
            return self.own
        _amount, whose = rules.available_in_group(self.own.available, group.available)
        return group if whose == "group" else self.own

    @property
    def available(self) -> Decimal:
        """What may still be used; without a limit of its own the customer has nothing, whatever the group has."""
        return self.bound.available if self.bound is not None else rules.available(self.net, ZERO)

    def unsecured(self, owed: Decimal, asked_with: int | None = None) -> Decimal:
        """What of an amount that may come to be owed no eligible security stands behind.

        With the securities that an application (`asked_with`) asks for counted as if they were confirmed.
        """
        if asked_with is None:
            return rules.unsecured_part(owed, self.parts.amounts)
        lines = tuple(
            replace(line, why_not=None) if _is_asked(line.security, asked_with) else line
            for line in self.parts.securities
        )
        received = self.parts.amounts.unallocated_receipts
        return rules.unsecured_part(owed, _parts(ZERO, received, lines).amounts)


def exposure_of(session: Session, customer: Customer, day: date) -> Exposure:
    """The customer's exposure as of `day`. Raises MissingRate, naming pair and day."""
    base, values = the_company(session).base_currency, policy_values(session, day)
    policy = rules.ExposurePolicy.from_policy(values)
    family = _family(session, customer)
    below = {one: _below(family, one) for one in _above(family, customer.id)}
    parts = parts_of(
        session, {customer.id, *(one for ids in below.values() for one in ids)}, base, day, values
    )
    limits = active_limits(session, [customer.id, *below], day)
    amounts = _in_base(session, limits, base, day)
    own = limits.get(customer.id)
    net = rules.net_exposure(parts[customer.id].amounts, policy)
    return Exposure(
        base,
        day,
        parts[customer.id],
        policy,
        Bound(own, customer, amounts[customer.id], net) if own is not None else None,
        tuple(
            Bound(limits[one], family[one], amounts[one], _net_of(parts, ids, policy))
            for one, ids in below.items()
            if one in limits
        ),
    )


def parts_of(
    session: Session, customer_ids: Iterable[int], currency: str, day: date, values: Values
) -> dict[int, Parts]:
    """The components of each customer in `currency` at that day's rates. Raises MissingRate.

    Orders count as they stood at the end of the day, by their messages and checks. Bills have no source yet: they are
    zero.
    """
    ids = sorted(set(customer_ids))
    owed = open_amounts(session, ids, day)
    receipts = unallocated_amounts(session, ids, day)
    rows = securities_of(session, ids)
    horizon = rules.ExposurePolicy.from_policy(values).order_horizon_days
    ordered = orders_at_risk(session, ids, day, horizon, OrderPolicy.from_policy(values).prepaid_methods)
    money = [(amount, code) for _customer, code, amount in owed]
    money += [(amount, code) for _customer, code, amount in receipts]
    money += [(confirmed, code) for _customer, code, confirmed, _delivered in ordered]
    money += [(delivered, code) for _customer, code, _confirmed, delivered in ordered]
    money += [(row.amount, row.currency) for row in rows]
    converted = iter(convert_all(session, money, currency, day))
    receivables = _summed((customer, next(converted)) for customer, _code, _amount in owed)
    received = _summed((customer, next(converted)) for customer, _code, _amount in receipts)
    confirmed = _summed((one[0], next(converted)) for one in ordered)
    delivered = _summed((one[0], next(converted)) for one in ordered)
    policy = securities.SecurityPolicy.from_policy(values)
    zone = the_company(session).time_zone
    lines: dict[int, list[SecurityLine]] = {}
    for row in rows:
        why_not = securities.why_not_eligible(standing(row, zone), day, policy)
        lines.setdefault(row.customer_id, []).append(SecurityLine(row, next(converted), why_not))
    return {
        one: _parts(
            receivables.get(one, ZERO),
            received.get(one, ZERO),
            tuple(lines.get(one, ())),
            confirmed.get(one, ZERO),
            delivered.get(one, ZERO),
        )
        for one in ids
    }


def securities_of(session: Session, customer_ids: Iterable[int]) -> list[Security]:
    """Every security of these customers that was not rejected, in the order in which they were asked for."""
    query = select(Security).where(
        Security.customer_id.in_(list(customer_ids)), Security.status != "rejected"
    )
    return list(session.scalars(query.order_by(Security.id)))


def standing(row: Security, zone: str) -> securities.Standing:
    """The security as the rules know it, days in the company's time zone."""
    return securities.Standing(
        row.kind,
        day_in_zone(row.confirmed_at, zone) if row.confirmed_at else None,
        day_in_zone(row.released_at, zone) if row.released_at else None,
        row.valid_from,
        row.expires_on,
    )


# --- inside -------------------------------------------------------------------------------------------------------


def _is_asked(security: Security, application_id: int) -> bool:
    return security.status == "required" and security.application_id == application_id


def _parts(
    receivables: Decimal,
    received: Decimal,
    lines: tuple[SecurityLine, ...],
    confirmed: Decimal = ZERO,
    delivered: Decimal = ZERO,
) -> Parts:
    counted = [line for line in lines if line.why_not is None]
    deposits = [line for line in counted if line.security.kind == securities.DEPOSIT]
    insurances = [line for line in counted if line.security.kind == securities.INSURANCE]
    others = [line for line in counted if line not in deposits and line not in insurances]
    amounts = rules.ExposureParts(
        open_receivables=receivables,
        delivered_not_invoiced=delivered,
        orders_confirmed=confirmed,
        unallocated_receipts=received,
        cash_deposits=sum((line.amount * (1 - line.security.haircut) for line in deposits), ZERO),
        securities=tuple(rules.Security(line.amount, line.security.haircut) for line in others),
        insurances=tuple(rules.Insurance(line.amount, line.security.cover or ZERO) for line in insurances),
    )
    return Parts(amounts, lines)


def _summed(rows: Iterable[tuple[int, Decimal]]) -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for customer, amount in rows:
        found[customer] = found.get(customer, ZERO) + amount
    return found


def _net_of(parts: Mapping[int, Parts], ids: Iterable[int], policy: rules.ExposurePolicy) -> Decimal:
    return rules.group_net(rules.net_exposure(parts[one].amounts, policy) for one in ids)


def _in_base(session: Session, limits: Mapping[int, CreditLimit], base: str, day: date) -> dict[int, Decimal]:
    amounts = [(limit.amount, limit.currency) for limit in limits.values()]
    return dict(zip(limits, convert_all(session, amounts, base, day), strict=True))


def _family(session: Session, customer: Customer) -> dict[int, Customer]:
    """Every company of the group by id."""
    if customer.parent_id is None and not session.scalar(
        select(Customer.id).where(Customer.parent_id == customer.id).limit(1)
    ):
        return {customer.id: customer}
    rows = session.scalars(select(Customer).where(Customer.id.in_(group_members(session, customer.id))))
    return {row.id: row for row in rows}


def _above(family: Mapping[int, Customer], customer_id: int) -> list[int]:
    """The customer's parents up to the topmost; itself too where it has companies below it."""
    found: list[int] = [customer_id] if any(one.parent_id == customer_id for one in family.values()) else []
    parent = family[customer_id].parent_id
    while parent is not None and parent in family and parent not in found:
        found.append(parent)
        parent = family[parent].parent_id
    return found


def _below(family: Mapping[int, Customer], customer_id: int) -> set[int]:
    """The company and all that belong to it."""
    found = {customer_id}
    while more := {one.id for one in family.values() if one.parent_id in found} - found:
        found |= more
    return found
