"""The default policy, read once, for the tests of the rules."""

from typing import Any

from credit_app.domain.application import ApplicationPolicy
from credit_app.domain.credit_strategy import Allowed
from credit_app.domain.default_policy import default_values
from credit_app.domain.exposure import ExposurePolicy
from credit_app.domain.grades import GradePolicy
from credit_app.domain.group_exposure import SplitPolicy
from credit_app.domain.limit_validity import ValidityPolicy
from credit_app.domain.limits import LimitPolicy
from credit_app.domain.rating import RatingPolicy
from tests.processes.drawing import ROOT, read_table

TABLE = read_table(ROOT / "bpmn" / "credit_strategy.dmn")

STRATEGY = {
    rule.inputs[0].strip('"'): Allowed.from_row(
        rule.inputs[0].strip('"'), dict(zip(TABLE.outputs, rule.outputs, strict=True))
    )
    for rule in TABLE.rules
}
VALUES = default_values() | {
    "limit.cap_by_grade": {grade: str(one.limit_cap) for grade, one in STRATEGY.items()},
}
GRADES = GradePolicy.from_policy(VALUES)
RATING = RatingPolicy.from_policy(VALUES)
LIMITS = LimitPolicy.from_policy(VALUES)
VALIDITY = ValidityPolicy.from_policy(VALUES)
APPLICATION = ApplicationPolicy.from_policy(VALUES)
EXPOSURE = ExposurePolicy.from_policy(VALUES)
SPLIT = SplitPolicy.from_policy(VALUES)


def changed(**figures: Any) -> dict[str, Any]:
    """The default policy with some figures replaced; `__` in a name stands for the dot of the key."""
    return VALUES | {key.replace("__", "."): value for key, value in figures.items()}
