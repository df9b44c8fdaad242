"""Which decisions may be taken several at a time."""

from dataclasses import replace
from decimal import Decimal

import pytest

from credit_app.domain.bulk import BulkCase, BulkPolicy, why_not
from credit_app.domain.default_policy import default_values
from credit_app.domain.errors import InvalidPolicy

POLICY = BulkPolicy(Decimal(50_000), frozenset({"credit_analyst"}), 25)
CASE = BulkCase("credit_analyst", Decimal(50_000), "EUR", 0)


def test_a_small_case_within_policy_may_be_decided_with_others() -> None:
    assert why_not(POLICY, CASE) is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"level": "cfo"}, "bulk.level"),
        ({"amount": Decimal("50000.01")}, "bulk.amount"),
        ({"departures": 1}, "bulk.departs"),
    ],
)
def test_everything_else_is_decided_one_by_one(change: dict[str, object], code: str) -> None:
    reason = why_not(POLICY, replace(CASE, **change))  # type: ignore[arg-type]
    assert reason is not None
    assert reason.code == code


def test_without_a_level_nothing_is_decided_in_bulk() -> None:
    nobody = BulkPolicy.from_policy({"approval.bulk": {"highest_amount": "50000", "levels": [], "most": 25}})
    assert why_not(nobody, CASE) is not None


def test_the_policy_that_comes_with_the_product_reads() -> None:
    policy = BulkPolicy.from_policy(default_values())
    assert policy.levels
    assert policy.most >= 2


@pytest.mark.parametrize(
    "value",
    [
        {"highest_amount": 1.5, "levels": [], "most": 25},
        {"highest_amount": "50000", "levels": "cfo", "most": 25},
        {"highest_amount": "50000", "levels": [], "most": 0},
        {"levels": [], "most": 25},
        [],
    ],
)
def test_a_policy_that_cannot_be_read_is_refused(value: object) -> None:
    with pytest.raises(InvalidPolicy):
        BulkPolicy.from_policy({"approval.bulk": value})
