"""Reads the facts of an order check, amounts in base currency, with one statement beside that of the policy."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import orjson
from sqlalchemy.orm import Session

from credit_app.domain import exposure as rules
from credit_app.domain.completeness_of_file import FilePolicy
from credit_app.domain.grades import GradePolicy
from credit_app.domain.order_facts import (
    HoldInForce,
    OrderFacts,
    OtherOrder,
    Release,
    SecurityInForce,
    Standing,
)
from credit_app.domain.order_policy import OrderPolicy
from credit_app.domain.security import DEPOSIT, INSURANCE, SecurityPolicy, why_not_eligible
from credit_app.domain.security import Standing as SecurityStanding
from credit_app.domain.warning_line import WarningLine
from credit_app.facts.customer_file_state import state_of_parts, statement_days
from credit_app.facts.order_sql import reading
from credit_app.facts.strategy import allowed
from credit_app.i18n import _
from credit_app.models import convert_all
from credit_app.models.order_queries import NO_ORDER
from credit_app.models.orders import SalesOrder
from credit_app.models.policy import policy_as
from workflows import NotFound

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Asked:
    """An order to be checked: amounts in `currency`, with what is delivered and invoiced of it; `order_id` of one that
    is there. What is not `open` any more is delivered no further. `deliver_on`: None is as good as today."""

    customer_id: int
    amount: Decimal
    currency: str
    payment_days: int
    method: str
    delivered: Decimal = ZERO
    invoiced: Decimal = ZERO
    open: bool = True
    order_id: int = NO_ORDER
    deliver_on: date | None = None

    @property
    def done(self) -> Decimal:
        """What is not asked about any more: delivered, or invoiced ahead of it."""
        return max(self.delivered, self.invoiced)

    @property
    def rest(self) -> Decimal:
        """What is still to come of it."""
        return max(ZERO, self.amount - self.done) if self.open else ZERO

    @property
    def to_invoice(self) -> Decimal:
        """What is delivered of it and not invoiced."""
        return max(ZERO, self.delivered - self.invoiced)


def asked_of(order: SalesOrder) -> Asked:
    """What is checked of an order as it stands."""
    return Asked(
        order.customer_id, order.amount, order.currency, order.payment_days, order.payment_method,
        order.delivered_amount, order.invoiced_amount, order.status == "open", order.id, order.deliver_on,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Policies:
    """All policy that a check needs, read once for each version of the figures."""

    order: OrderPolicy
    exposure: rules.ExposurePolicy
    security: SecurityPolicy
    grades: GradePolicy
    file: FilePolicy
    statement_days: int


def policies(session: Session, day: date) -> Policies:
    """The policy of `day`. Raises InvalidPolicy."""
    return policy_as(session, day, _policies)


def _policies(values: Mapping[str, Any]) -> Policies:
    return Policies(
        OrderPolicy.from_policy(values),
        rules.ExposurePolicy.from_policy(values),
        SecurityPolicy.from_policy(values),
        GradePolicy.from_policy(values),
        FilePolicy.from_policy(values),
        statement_days(values),
    )


def facts_of(session: Session, asked: Asked, day: date, policy: Policies) -> OrderFacts:
    """All that the rules look at: as of `day`, but for the limits and the releases of the customer, which are those of
    the day of delivery. Raises MissingRate, naming pair and day, NotFound."""
    deliver_on = max(day, asked.deliver_on or day)
    found = _read(session, asked, day, deliver_on, policy)
    base = found["base"]
    money = _Money(session, base, day)
    money.take((asked.rest, asked.currency))
    nets = _nets(found, money, day, policy)
    if asked.to_invoice and not policy.order.is_prepaid(asked.method):
        nets[asked.customer_id].add("delivered_not_invoiced", asked.to_invoice, asked.currency)
        money.take((asked.to_invoice, asked.currency))
    limits = {row["customer_id"]: row for row in found["limits"] or ()}
    for row in limits.values():
        money.take((row["amount"], row["currency"]))
    overdue = [(amount, code) for amount, code, _days, _disputed in found["overdue"] or ()]
    disputed = [(amount, code) for _late, code, _days, amount in found["overdue"] or ()]
    usual = [(amount, code) for amount, code, _number in found["usual"] or ()]
    others = [(row[1], row[2]) for row in found["others"] or ()]
    money.take(*overdue, *disputed, *usual, *others)
    hold = found["hold"]
    if hold is not None and hold[2] is not None:
        money.take((hold[2], hold[3] or base))
    for row in found["releases"] or ():
        money.take((row[4], row[5]), (row[6] or 0, row[5]), *(row[7] or ()))
    money.convert()

    ordered = sum(number for _amount, _code, number in found["usual"] or ())
    customer, own_id = SimpleNamespace(**found["customer"]), asked.customer_id
    own = limits.get(own_id)
    grade, score = found["rated"] or (None, None)
    state = state_of_parts(policy.file, policy.grades, customer, _parts(found), day)
    family = _Family(found["members"])
    net = {member: rules.net_exposure(parts(money), policy.exposure) for member, parts in nets.items()}
    method_granted = own["payment_method"] if own else None
    return OrderFacts(
        day=day,
        deliver_on=deliver_on,
        currency=base,
        amount=money.of(asked.rest, asked.currency),
        as_written=(asked.amount, asked.currency),
        payment_days=asked.payment_days,
        method=asked.method,
        status=customer.status,
        blacklisted=found["barred"],
        hold=_hold(hold, base, money),
        net=net[own_id],
        group=rules.group_net(net.values()),
        own=Standing(customer.name, money.of(own["amount"], own["currency"]), net[own_id]) if own else None,
        groups=tuple(
            Standing(
                family.names[one],
                money.of(limits[one]["amount"], limits[one]["currency"]),
                rules.group_net(net[member] for member in family.below(one)),
            )
            for one in family.above(own_id)
            if one in limits
        ),
        limit_ended_on=_day(found["last_limit"]) if own is None else None,
        limit_ends_on=_ends_on(own, deliver_on),
        review_on=_day(own["review_on"]) if own and own["kind"] != "temporary" else None,
        granted_days=own["terms_days"] if own else None,
        granted_method=method_granted,
        grade_methods=_grade_methods(session, asked.method, method_granted, grade, day),
        owed=nets[own_id](money).open_receivables,
        overdue=sum((money.of(*one) for one in overdue), ZERO),
        oldest_overdue_days=max((row[2] or 0 for row in found["overdue"] or ()), default=0),
        disputed=sum((money.of(*one) for one in disputed), ZERO),
        broken_promises=found["broken"],
        securities=tuple(_ending(nets[own_id], money)),
        usual=sum((money.of(*one) for one in usual), ZERO) / ordered if ordered else None,
        usual_number=ordered,
        stage=found["stage"],
        missing=tuple(gap.sentence for gap in state.missing),
        stale=tuple(gap.sentence for gap in state.stale),
        line=_line(own),
        score=Decimal(score) if score is not None else None,
        grade=grade,
        others=tuple(_others(found, money)),
        releases=tuple(_releases(found, money, asked)),
    )


def _read(session: Session, asked: Asked, day: date, on: date, policy: Policies) -> dict[str, Any]:
    row = session.execute(
        reading(),
        {
            "customer_id": asked.customer_id,
            "order_id": asked.order_id,
            "as_of": day,
            "on": on,
            "horizon": day + timedelta(days=policy.exposure.order_horizon_days),
            "broken_from": day - timedelta(days=policy.order.broken_within_days),
            "usual_orders": policy.order.usual_orders,
            "split_from": day - timedelta(days=policy.order.split_days),
            "statement_days": policy.statement_days,
            "prepaid": sorted(policy.order.prepaid_methods),
        },
    ).one_or_none()
    if row is None:
        raise NotFound(_("There is no such customer."))
    found: dict[str, Any] = orjson.loads(row[0])
    return found


class _Money:
    """Amounts of many currencies, converted at the day's rates with one look at them."""

    def __init__(self, session: Session, base: str, day: date) -> None:
        self.session, self.base, self.day = session, base, day
        self.foreign: dict[tuple[Decimal, str], Decimal] = {}

    def take(self, *amounts: tuple[Any, str]) -> None:
        """Note amounts that will be asked for."""
        for amount, code in amounts:
            if code != self.base:
                self.foreign[Decimal(amount), code] = ZERO

    def convert(self) -> None:
        """Convert what was noted. Raises MissingRate."""
        pairs = list(self.foreign)
        if pairs:
            self.foreign = dict(
                zip(pairs, convert_all(self.session, pairs, self.base, self.day), strict=True)
            )

    def of(self, amount: Any, code: str) -> Decimal:
        """The amount in base currency."""
        exact = Decimal(amount)
        return exact if code == self.base else self.foreign[exact, code]


class _Family:
    """The companies of the group: names by id, who is above, who belongs below."""

    def __init__(self, members: Iterable[tuple[int, int | None, str]]) -> None:
        rows = list(members)
        self.names = {one: name for one, _parent, name in rows}
        self.parents = {one: parent for one, parent, _name in rows}

    def above(self, one: int) -> list[int]:
        """The parents up to the topmost; itself too where it has companies below it."""
        found = [one] if one in self.parents.values() else []
        parent = self.parents[one]
        while parent is not None and parent in self.parents and parent not in found:
            found.append(parent)
            parent = self.parents[parent]
        return found

    def below(self, one: int) -> set[int]:
        """The company and all that belong to it."""
        found = {one}
        while more := {each for each, parent in self.parents.items() if parent in found} - found:
            found |= more
        return found


class _Member:
    """What one company of the group owes and has given, by component, in whatever currency."""

    def __init__(self) -> None:
        self.amounts: dict[str, list[tuple[Any, str]]] = {}
        self.securities: list[tuple[Any, str, str, Decimal, Decimal, date | None]] = []

    def add(self, component: str, amount: Any, code: str) -> None:
        self.amounts.setdefault(component, []).append((amount, code))

    def __call__(self, money: _Money) -> rules.ExposureParts:
        """The components in base currency."""
        sums = {name: sum((money.of(*one) for one in rows), ZERO) for name, rows in self.amounts.items()}
        deposits, others, insurances = ZERO, [], []
        for amount, code, kind, cut, cover, _expires_on in self.securities:
            worth = money.of(amount, code)
            if kind == DEPOSIT:
                deposits += worth * (1 - cut)
            elif kind == INSURANCE:
                insurances.append(rules.Insurance(worth, cover))
            else:
                others.append(rules.Security(worth, cut))
        return rules.ExposureParts(
            **sums, cash_deposits=deposits, securities=tuple(others), insurances=tuple(insurances)
        )


def _nets(found: Mapping[str, Any], money: _Money, day: date, policy: Policies) -> dict[int, _Member]:
    members = {one: _Member() for one, _parent, _name in found["members"]}
    for component, key in (("open_receivables", "owed"), ("unallocated_receipts", "free")):
        for one, amount, code in found[key] or ():
            members[one].add(component, amount, code)
            money.take((amount, code))
    for one, confirmed, code, delivered in found["ordered"] or ():
        members[one].add("orders_confirmed", confirmed, code)
        members[one].add("delivered_not_invoiced", delivered, code)
        money.take((confirmed, code), (delivered, code))
    for one, amount, code, kind, cut, cover, *days in found["securities"] or ():
        if why_not_eligible(SecurityStanding(kind, *map(_day, days)), day, policy.security) is None:
            row = (amount, code, kind, Decimal(cut), Decimal(cover or 0), _day(days[-1]))
            members[one].securities.append(row)
            money.take((amount, code))
    return members


def _ending(member: _Member, money: _Money) -> Iterator[SecurityInForce]:
    """The securities of a company that end some day, with what they are good for until then."""
    for amount, code, kind, cut, cover, expires_on in member.securities:
        if expires_on is not None:
            yield SecurityInForce(
                money.of(amount, code) * (cover if kind == INSURANCE else 1 - cut), expires_on
            )


def _parts(found: Mapping[str, Any]) -> list[SimpleNamespace]:
    return [
        SimpleNamespace(
            part=row["part"],
            as_of=_day(row["as_of"]),
            valid_until=_day(row["valid_until"]),
            grade=row["grade"],
        )
        for row in found["parts"] or ()
    ]


def _hold(row: Any, base: str, money: _Money) -> HoldInForce | None:
    if row is None:
        return None
    number, _scope, from_amount, code = row
    return HoldInForce(number, money.of(from_amount, code or base) if from_amount is not None else None)


def _ends_on(own: Mapping[str, Any] | None, deliver_on: date) -> date | None:
    """The last day of the limit that binds; of a temporary one only where it ends before the delivery: then no other
    takes its place."""
    ends_on = _day(own["valid_to"]) if own is not None else None
    if own is None or ends_on is None or (own["kind"] == "temporary" and ends_on >= deliver_on):
        return None
    return ends_on


def _line(own: Mapping[str, Any] | None) -> WarningLine:
    """The line's score, grade and utilisation; figures of statements and of the payment record move at their own
    events, where they are watched (see credit_app.facts.warning_figures)."""
    if own is None:
        return WarningLine()
    score, used = own["warning_score"], own["warning_utilisation"]
    return WarningLine(
        score=Decimal(score) if score is not None else None,
        grade=own["warning_grade"],
        utilisation=Decimal(used) if used is not None else None,
    )


def _grade_methods(
    session: Session, method: str, granted: str | None, grade: str | None, day: date
) -> tuple[str, ...] | None:
    """What the grade of today allows, where the order asks for another method than was granted."""
    if granted is None or method == granted or grade is None:
        return None
    return allowed(session, grade, day).payment_methods


def _others(found: Mapping[str, Any], money: _Money) -> Iterator[OtherOrder]:
    for external_id, amount, code, entered_on, held in found["others"] or ():
        written = (Decimal(amount), code)
        yield OtherOrder(external_id, money.of(amount, code), written, date.fromisoformat(entered_on), held)


def _releases(found: Mapping[str, Any], money: _Money, asked: Asked) -> Iterator[Release]:
    """What each release in force covers of what is not delivered: less what was delivered or used of it before."""
    rest = money.of(asked.rest, asked.currency)
    for release_id, number, kind, covered, amount, code, up_to, used, days, method in found["releases"] or ():
        covers: Decimal | None = None
        if kind == "once":
            covers = _less_done(money.of(amount, code), asked, rest)
        elif kind == "up_to":
            spent = sum((money.of(*one) for one in used or ()), ZERO)
            covers = _less_done(money.of(up_to, code) - spent, asked, rest)
        yield Release(release_id, number, frozenset(covered), covers, days, method)


def _less_done(amount: Decimal, asked: Asked, rest: Decimal) -> Decimal:
    """`amount` less what is delivered of the order, in base currency by the share of what is left."""
    return amount - rest * asked.done / asked.rest if asked.rest > 0 else amount


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value is not None else None
