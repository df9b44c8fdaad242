"""Which decisions may be taken several at a time: only approvals, small, without departures, at some levels."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, list_of, table_of, to_decimal, to_text, to_whole, value_of
from credit_app.domain.sentences import N_, Sentence

KEY = "approval.bulk"


@dataclass(frozen=True, slots=True)
class BulkPolicy:
    """The policy `approval.bulk`: highest limit in base currency, levels, and how many cases at a time."""

    highest_amount: Decimal
    levels: frozenset[str]
    most: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; no level means that nothing is decided in bulk. Raises InvalidPolicy."""
        table = table_of(values, KEY, lambda _key, value: value)
        policy = cls(
            to_decimal(KEY, value_of(table, "highest_amount")),
            frozenset(list_of(table, "levels", to_text)),
            to_whole(KEY, value_of(table, "most")),
        )
        if policy.most < 1 or policy.highest_amount < 0:
            raise InvalidPolicy(key=KEY, problem=N_("without room for a single case"))
        return policy


@dataclass(frozen=True, slots=True)
class BulkCase:
    """One decision as the policy looks at it; the amount in base currency."""

    level: str
    amount: Decimal
    currency: str
    departures: int


def why_not(policy: BulkPolicy, case: BulkCase) -> Sentence | None:
    """Why this case must be opened and decided by itself; None when it may be decided together with others."""
    if case.level not in policy.levels:
        return Sentence("bulk.level", N_("Decisions of this level are taken one by one."))
    if case.amount > policy.highest_amount:
        return Sentence(
            "bulk.amount",
            N_("Limits above %(amount)s %(currency)s are decided one by one."),
            {"amount": policy.highest_amount, "currency": case.currency},
        )
    if case.departures:
        return Sentence("bulk.departs", N_("This case departs from policy and is decided by itself."))
    return None
