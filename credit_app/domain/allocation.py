"""Which debts an amount of money pays: costs before interest before principal, the oldest first, or as chosen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from credit_app.domain.errors import DomainError, InvalidPolicy
from credit_app.domain.policy_values import Values, list_of, to_text
from credit_app.domain.sentences import N_

KINDS = ("cost", "interest", "invoice")


@dataclass(frozen=True, slots=True)
class Debt:
    """What is still open (> 0) of one item; `kind` is cost, interest or invoice."""

    item_id: int
    kind: str
    due_date: date
    open_amount: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """An amount (> 0) that pays an item."""

    item_id: int
    amount: Decimal


class PartTooLarge(DomainError):
    """A part is larger than what is open of its item."""

    code: ClassVar[str] = "allocation.part_too_large"
    template: ClassVar[str] = N_(
        "%(amount)s is more than the %(open)s that is open of this item; give that or less."
    )


class MoreThanThere(DomainError):
    """The parts come to more than the money there is."""

    code: ClassVar[str] = "allocation.more_than_there"
    template: ClassVar[str] = N_("The parts come to %(total)s, but only %(there)s is left to allocate.")


class NotPositive(DomainError):
    """A part is zero or below."""

    code: ClassVar[str] = "allocation.not_positive"
    template: ClassVar[str] = N_("An allocation is an amount above zero.")


class UnknownDebt(DomainError):
    """A chosen item is no open debt of this customer in this currency."""

    code: ClassVar[str] = "allocation.unknown_debt"
    template: ClassVar[str] = N_("One of the items is not open, or is of another customer or currency.")


def order_from_policy(values: Values) -> tuple[str, ...]:
    """The kinds of debt in the order in which money pays them. Raises InvalidPolicy."""
    key = "ledger.allocation_order"
    order = list_of(values, key, to_text)
    if sorted(order) != sorted(KINDS):
        raise InvalidPolicy(key=key, problem=N_("not each of cost, interest and invoice once"))
    return order


def oldest_first(amount: Decimal, debts: Iterable[Debt], order: Sequence[str] = KINDS) -> list[Part]:
    """Parts that use up `amount` or the debts: by kind in `order`, then by due date, then by number.

    The rest, if any, stays unallocated.
    """
    left, parts = amount, []
    for debt in sorted(debts, key=lambda debt: (order.index(debt.kind), debt.due_date, debt.item_id)):
        part = min(left, debt.open_amount)
        if part > 0:
            parts.append(Part(debt.item_id, part))
            left -= part
    return parts


def as_chosen(amount: Decimal, debts: Iterable[Debt], chosen: Mapping[int, Decimal]) -> list[Part]:
    """The chosen parts by item, checked against what is open and what there is. Raises a DomainError."""
    known = {debt.item_id: debt for debt in debts}
    parts = []
    for item_id, part in chosen.items():
        if part <= 0:
            raise NotPositive()
        if item_id not in known:
            raise UnknownDebt()
        if part > known[item_id].open_amount:
            raise PartTooLarge(amount=part, open=known[item_id].open_amount)
        parts.append(Part(item_id, part))
    total = sum((part.amount for part in parts), Decimal(0))
    if total > amount:
        raise MoreThanThere(total=total, there=amount)
    return parts
