"""Visits on site: on which day one may go, how often it is put off, and what one can find."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, whole_of
from credit_app.domain.sentences import N_

FINDINGS = ("met", "nobody_there", "moved_away", "closed_down", "not_let_in")
MET = "met"
WILLINGNESS = ("willing", "hesitant", "unwilling")
AGREEMENTS = ("promise", "plan", "paid", "none")
PUT_OFFS, AHEAD = "visit.most_put_offs", "visit.longest_ahead_days"


@dataclass(frozen=True, slots=True)
class VisitPolicy:
    """How often a visit may be put off, and how many calendar days ahead it may be planned."""

    most_put_offs: int
    longest_ahead: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force. Raises InvalidPolicy."""
        put_offs, ahead = whole_of(values, PUT_OFFS), whole_of(values, AHEAD)
        if put_offs < 0:
            raise InvalidPolicy(key=PUT_OFFS, problem=N_("not a number from 0 on"))
        if ahead < 1:
            raise InvalidPolicy(key=AHEAD, problem=N_("not a number of days from 1 on"))
        return cls(put_offs, ahead)

    def allows(self, day: date, today: date) -> bool:
        """Whether a visit may be planned for that day."""
        return 0 <= (day - today).days <= self.longest_ahead
