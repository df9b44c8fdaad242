"""The class that is suggested for a debtor of old debts, and which facts speak for it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from credit_app.domain.default_policy import default_values
from credit_app.domain.disputes import DisputePolicy
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.legacy import LegacyFacts, LegacyPolicy, classify

PLAIN = LegacyFacts(
    oldest_days=500, amount=Decimal(900), enterprise_kind="private", status="active", risk=None,
    last_paid_days=None, unreached=0, has_contact=True, reason_code=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, ("heavy_old_arrears", ("old_arrears",))),
        ({"unreached": 2, "last_paid_days": 91}, ("heavy_old_arrears", ("old_arrears",))),
        (
            {"enterprise_kind": "public_body", "reason_code": "will_not_pay"},
            ("protected", ("enterprise_kind",)),
        ),
        ({"unreached": 3, "has_contact": False}, ("highly_mobile", ("unreached", "no_contact"))),
        ({"last_paid_days": 90, "risk": "low"}, ("will_not_pay", ("pays_newer",))),
        ({"reason_code": "will_not_pay", "risk": "high"}, ("will_not_pay", ("said_will_not_pay",))),
        ({"last_paid_days": 3, "risk": "high"}, ("cannot_pay", ("poor_grade",))),
        (
            {"status": "in_default", "reason_code": "cannot_pay"},
            ("cannot_pay", ("said_cannot_pay", "in_default")),
        ),
    ],
)
def test_a_class_follows_from_the_facts_and_says_which(known: dict[str, Any], expected: Any) -> None:
    policy = LegacyPolicy.from_policy(default_values())
    assert classify(replace(PLAIN, **known), policy) == expected


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("legacy.age_days", 0),
        ("dispute.owners", {"amount": "receivables"}),
        ("dispute.answer_days", {"amount": 0}),
        ("dispute.authority", {"credit_manager": "100", "finance_director": "50"}),
        ("dispute.leads", {"delivery": "nobody"}),
        ("dispute.remind_after_days", 0),
    ],
)
def test_nonsense_in_the_policy_is_refused_by_its_name(key: str, value: Any) -> None:
    reader = LegacyPolicy if key.startswith("legacy") else DisputePolicy
    with pytest.raises(InvalidPolicy, match=key):
        reader.from_policy(default_values() | {key: value})
