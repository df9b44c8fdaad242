"""Holds of customers: how long before a stop the customer is told, and who may release."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, table_of, to_whole, value_of
from credit_app.domain.sentences import N_

SCOPES = ("all", "above")
NOTICE, RELEASE = "hold.notice_days", "hold.proposer_releases"
OTHER = "other"
LONGEST_NOTICE = 180


@dataclass(frozen=True, slots=True)
class HoldPolicy:
    """Calendar days of notice by country (ISO 3166 alpha-2, `other` for the rest), and whether whoever proposed a hold
    may release it."""

    notice: Mapping[str, int]
    proposer_releases: bool

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force. Raises InvalidPolicy."""
        notice = table_of(values, NOTICE, to_whole)
        if OTHER not in notice or not all(0 <= days <= LONGEST_NOTICE for days in notice.values()):
            raise InvalidPolicy(key=NOTICE, problem=N_("not days from 0 to 180 by country, with other"))
        releases = value_of(values, RELEASE)
        if not isinstance(releases, bool):
            raise InvalidPolicy(key=RELEASE, problem=N_("not yes or no"))
        return cls(notice, releases)

    def notice_days(self, country: str | None) -> int:
        """The fewest days between the delivery of the notice and the stop."""
        return self.notice.get(country or OTHER, self.notice[OTHER])


def stop_day(delivered_on: date, notice_days: int, today: date) -> date:
    """The day from which nothing is delivered: after the days of notice, and never before today."""
    return max(delivered_on + timedelta(days=notice_days), today)
