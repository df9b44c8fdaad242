"""Disputes: whose they are by their reason, by when the customer is answered, and who decides on a credit note."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, table_of, to_decimal, to_text, to_whole, whole_of
from credit_app.domain.sentences import N_

DISPUTE_REASONS = ("amount", "quality", "service", "delivery", "terms", "unclear_clause")
# What was found to lie behind it.
ROOT_CAUSES = (
    "wrong_price",
    "wrong_invoice",
    "payment_not_booked",
    "defective_goods",
    "wrong_delivery",
    "late_delivery",
    "poor_service",
    "unclear_contract",
    "customer_error",
    "no_fault",
)
# Reason and cause for which the contract is to be reviewed.
CONTRACT_REASONS, CONTRACT_CAUSES = ("unclear_clause",), ("unclear_contract",)
PROPOSALS = ("credited", "partly", "rejected")
OWNERS = ("receivables", "delivery", "sales_rep", "sales_manager", "counsel", "collector", "credit_manager")
# Who decides on a credit note, from the lowest; the last decides on whatever is above the others.
LEVELS = ("credit_manager", "finance_director", "cfo")
LEADS = (*OWNERS, "finance_director", "cfo")
LONGEST_DAYS = 250


@dataclass(frozen=True, slots=True)
class DisputePolicy:
    """Reason -> roles that own it, the first that somebody holds in the branch; reason -> business days to answer;
    level -> highest credit note in base currency; owner -> role that is told when the deadline is over."""

    owners: Mapping[str, tuple[str, ...]]
    answer_days: Mapping[str, int]
    remind_after_days: int
    authority: Mapping[str, Decimal]
    leads: Mapping[str, str]

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force. Raises InvalidPolicy."""
        owners = {
            reason: tuple(part.strip() for part in text.split(","))
            for reason, text in table_of(values, "dispute.owners", to_text).items()
        }
        if set(owners) != set(DISPUTE_REASONS) or not {one for row in owners.values() for one in row} <= set(
            OWNERS
        ):
            raise InvalidPolicy(key="dispute.owners", problem=N_("not a role for every reason"))
        days = table_of(values, "dispute.answer_days", to_whole)
        if set(days) != set(DISPUTE_REASONS) or not all(0 < one <= LONGEST_DAYS for one in days.values()):
            raise InvalidPolicy(key="dispute.answer_days", problem=N_("not some days for every reason"))
        authority = table_of(values, "dispute.authority", to_decimal)
        bands = [authority.get(level, Decimal(-1)) for level in LEVELS[:-1]]
        if set(authority) != set(LEVELS[:-1]) or bands[0] < 0 or bands != sorted(bands):
            raise InvalidPolicy(key="dispute.authority", problem=N_("not a rising amount for each level"))
        leads = table_of(values, "dispute.leads", to_text)
        if set(leads) != set(OWNERS) or not set(leads.values()) <= set(LEADS):
            raise InvalidPolicy(key="dispute.leads", problem=N_("not a role for every owner"))
        remind = whole_of(values, "dispute.remind_after_days")
        if not 0 < remind <= LONGEST_DAYS:
            raise InvalidPolicy(
                key="dispute.remind_after_days", problem=N_("not a number of days above zero")
            )
        return cls(owners, days, remind, authority, leads)

    def levels_for(self, amount: Decimal) -> tuple[str, ...]:
        """The levels that may decide on a credit note of this amount in base currency, the lowest first."""
        return tuple(
            level for level in LEVELS if level not in self.authority or amount <= self.authority[level]
        )


def needs_contract_review(reason: str, cause: str | None) -> bool:
    """Whether the clause behind a dispute is to be looked at when the contract is reviewed."""
    return reason in CONTRACT_REASONS or cause in CONTRACT_CAUSES
