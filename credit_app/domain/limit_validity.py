"""How long a limit and a rating stand: the grade's review interval, and some days of grace for the review."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from credit_app.domain.dates import add_months
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.grades import GradePolicy, grade_table
from credit_app.domain.policy_values import Values, table_of, to_whole, whole_of


@dataclass(frozen=True, slots=True)
class ValidityPolicy:
    """Months until the review by grade (D: of a limit granted as an exception) and days of grace after it."""

    review_months: dict[str, int]
    grace_days: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy when a grade is missing or below a month."""
        months = table_of(values, "limit.review_months", to_whole)
        if any(number < 1 for number in months.values()):
            raise InvalidPolicy(key="limit.review_months", problem="holding less than one month")
        grade_table("limit.review_months", months, GradePolicy.from_policy(values))
        return cls(months, whole_of(values, "limit.review_grace_days"))


@dataclass(frozen=True, slots=True)
class Validity:
    """First and last day on which the limit holds, and the day by which it is reviewed."""

    valid_from: date
    review_on: date
    valid_to: date


def limit_validity(grade: str, granted_on: date, policy: ValidityPolicy) -> Validity:
    """The validity of a limit granted that day to a customer of that grade (KeyError: no such grade)."""
    review_on = add_months(granted_on, policy.review_months[grade])
    return Validity(granted_on, review_on, review_on + timedelta(days=policy.grace_days))


def rating_valid_until(grade: str, rated_on: date, policy: ValidityPolicy) -> date:
    """The last day of a rating: one review interval of its grade."""
    return add_months(rated_on, policy.review_months[grade])
