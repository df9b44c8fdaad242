"""The company's own credit envelope: what it can bear in limits, in total and by risk class, and what room is left."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.grades import RISKS
from credit_app.domain.money import round_money
from credit_app.domain.policy_values import Values, decimal_of, table_of, text_of, to_decimal
from credit_app.domain.sentences import N_, Sentence

TOTAL = "total"
OWN_EQUITY, CREDIT_SALES = "own_equity", "credit_sales"
BASES = (OWN_EQUITY, CREDIT_SALES)
CLASSES = tuple(risk for risk in RISKS if risk != "none")


@dataclass(frozen=True, slots=True)
class EnvelopePolicy:
    """Shares of a basis: own equity (an amount in base currency) or own credit sales of the last twelve months."""

    basis: str
    own_equity: Decimal
    shares: Mapping[str, Decimal]  # total and each risk class -> share of the basis

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy naming the figure."""
        basis = text_of(values, "envelope.basis")
        if basis not in BASES:
            raise InvalidPolicy(key="envelope.basis", problem=f"none of {', '.join(BASES)}")
        shares = table_of(values, "envelope.shares", to_decimal)
        if set(shares) != {TOTAL, *CLASSES} or min(shares.values()) < 0:
            raise InvalidPolicy(key="envelope.shares", problem=f"no shares of {TOTAL}, {', '.join(CLASSES)}")
        if max(shares[risk] for risk in CLASSES) > shares[TOTAL]:
            raise InvalidPolicy(key="envelope.shares", problem="giving a risk class more than the total")
        return cls(basis, decimal_of(values, "envelope.own_equity"), shares)


@dataclass(frozen=True, slots=True)
class Part:
    """The envelope of a risk class or the total, in base currency: what it holds, what is used, what is left."""

    name: str
    amount: Decimal
    used: Decimal

    @property
    def room(self) -> Decimal:
        """What is left; below zero when more is granted than the envelope holds."""
        return self.amount - self.used


@dataclass(frozen=True, slots=True)
class Envelope:
    """The customer's risk class and the total; `basis` is the amount that both are shares of."""

    basis: Decimal
    own_class: Part
    total: Part

    @property
    def room(self) -> Decimal:
        """What may still be granted to the customer: the smaller of both rooms, never below zero."""
        return max(Decimal(0), min(self.own_class.room, self.total.room))

    @property
    def bound(self) -> Part:
        """The part that leaves the least."""
        return min((self.own_class, self.total), key=lambda part: part.room)


def envelope(
    policy: EnvelopePolicy, credit_sales: Decimal | None, used: Mapping[str, Decimal], risk: str
) -> Envelope | None:
    """The envelope for a customer of that risk class; None when the basis is not known, or without any credit.

    `used`: risk class -> limits granted to all other customers, in base currency.
    """
    basis = policy.own_equity if policy.basis == OWN_EQUITY else credit_sales
    if basis is None or risk not in CLASSES:
        return None
    every = sum(used.values(), Decimal(0))
    return Envelope(
        basis,
        Part(risk, round_money(basis * policy.shares[risk]), used.get(risk, Decimal(0))),
        Part(TOTAL, round_money(basis * policy.shares[TOTAL]), every),
    )


RISK_NAMES: Mapping[str, str] = {
    "low": N_("customers of low risk"),
    "medium": N_("customers of medium risk"),
    "high": N_("customers of high risk"),
    TOTAL: N_("all customers"),
}


def part_name(name: str) -> Sentence:
    """The name of a part, to stand inside of another sentence."""
    return Sentence(f"envelope.{name}", RISK_NAMES[name])
