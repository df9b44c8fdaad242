"""What the credit strategy in force allows a grade; the decision table is its only source."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from credit_app import resources
from credit_app.domain.credit_strategy import TABLE, UNKNOWN, Allowed
from credit_app.models import GRADES, policy_values
from workflows.decisions import decide, in_force


def allowed(session: Session, grade: str | None, day: date) -> Allowed:
    """What the table of `day` allows the grade; None: not rated. Raises InvalidPolicy, DecisionFailed."""
    asked = grade or UNKNOWN
    table = in_force(session, TABLE, day, _shipped()).table
    return Allowed.from_row(asked, decide(table, {"grade": asked}).outputs)


def values_with_strategy(session: Session, day: date) -> Mapping[str, Any]:
    """The policy of `day` with the caps and review intervals that the strategy gives each grade."""
    by_grade = {grade: allowed(session, grade, day) for grade in GRADES}
    return {
        **policy_values(session, day),
        "limit.cap_by_grade": {grade: str(one.limit_cap) for grade, one in by_grade.items()},
        "limit.review_months": {grade: one.review_months for grade, one in by_grade.items()},
    }


@lru_cache(maxsize=1)
def _shipped() -> str:
    return (resources.bpmn() / f"{TABLE}.dmn").read_text()
