"""How surely an entry of a bank statement pays some open items: points by reference, amount, account and name."""

from dataclasses import dataclass
from decimal import Decimal

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, decimal_of
from credit_app.domain.sentences import N_


@dataclass(frozen=True, slots=True)
class MatchingPolicy:
    """From which certainty (0 to 1) an entry is booked without a person, and from which a match is suggested.

    `small_difference`, in the entry's currency, is what a person may write off while matching.
    """

    certain: Decimal
    suggest_from: Decimal
    small_difference: Decimal

    @classmethod
    def from_policy(cls, values: Values) -> "MatchingPolicy":
        """The policy in force. Raises InvalidPolicy."""
        certain, suggest = decimal_of(values, "matching.certain"), decimal_of(values, "matching.suggest_from")
        if suggest > certain:
            raise InvalidPolicy(key="matching.suggest_from", problem=N_("above the certainty that books"))
        return cls(certain, suggest, decimal_of(values, "matching.small_difference"))
