"""The credit committee's vote: its quorum, its majority, and when the result is settled."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, decimal_of, whole_of

FOR, AGAINST, ABSTAIN = "for", "against", "abstain"
APPROVED, REFUSED, NO_QUORUM = "approved", "refused", "no_quorum"


@dataclass(frozen=True, slots=True)
class CommitteePolicy:
    """`quorum_share` of the seats must vote, at least `least_members`; within `vote_days` business days.

    The votes for must be more than `majority` (a share) of those for and against; who abstains counts for the
    quorum only. After `most_meetings` without a quorum the matter goes to a single person.
    """

    quorum_share: Decimal
    least_members: int
    majority: Decimal
    vote_days: int
    most_meetings: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy for a share outside of 0 to 1 or less than one member."""
        policy = cls(
            decimal_of(values, "committee.quorum_share"),
            whole_of(values, "committee.least_members"),
            decimal_of(values, "committee.majority"),
            whole_of(values, "committee.vote_days"),
            whole_of(values, "committee.most_meetings"),
        )
        if not 0 <= policy.quorum_share <= 1:
            raise InvalidPolicy(key="committee.quorum_share", problem="no share between 0 and 1")
        if not 0 < policy.majority < 1:
            raise InvalidPolicy(key="committee.majority", problem="no share between 0 and 1")
        for name in ("least_members", "most_meetings"):
            if getattr(policy, name) < 1:
                raise InvalidPolicy(key=f"committee.{name}", problem="less than one")
        return policy

    def quorum_of(self, seats: int) -> int:
        """How many ballots a meeting needs, of so many seats."""
        share = int((self.quorum_share * seats).to_integral_value(ROUND_CEILING))
        return max(share, self.least_members)


@dataclass(frozen=True, slots=True)
class Tally:
    """The ballots of a meeting so far."""

    in_favour: int
    against: int
    abstained: int

    @property
    def cast(self) -> int:
        """All ballots."""
        return self.in_favour + self.against + self.abstained


def result_of(tally: Tally, quorum: int, majority: Decimal) -> str:
    """What the ballots decide: approved, refused or no quorum; when everybody abstained nothing is decided."""
    if tally.cast < quorum or tally.in_favour + tally.against == 0:
        return NO_QUORUM
    return APPROVED if _carried(tally.in_favour, tally.against, majority) else REFUSED


def is_settled(tally: Tally, members: int, quorum: int, majority: Decimal) -> bool:
    """Whether no ballot that is still out can change the result of a meeting of so many members."""
    left = members - tally.cast
    if left <= 0:
        return True
    if tally.cast < quorum or tally.in_favour + tally.against == 0:
        return False
    lost_at_worst = not _carried(tally.in_favour, tally.against + left, majority)
    carried_at_best = _carried(tally.in_favour + left, tally.against, majority)
    return lost_at_worst != carried_at_best


def _carried(in_favour: int, against: int, majority: Decimal) -> bool:
    return in_favour > majority * (in_favour + against)
