"""The order check: every rule, what policy makes of it, and what no release or splitting gets around."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.order_check import CheckResult, check
from credit_app.domain.order_facts import (
    HoldInForce,
    OrderFacts,
    OtherOrder,
    Release,
    SecurityInForce,
    Standing,
)
from credit_app.domain.order_policy import RULES, OrderPolicy
from credit_app.domain.sentences import Sentence
from credit_app.domain.warning_line import WarningLine
from tests.domain.policies import GRADES, VALUES, changed

DAY = date(2026, 3, 10)
POLICY = OrderPolicy.from_policy(VALUES)


SOUND = OrderFacts(
    DAY,
    "EUR",
    Decimal(10_000),
    (Decimal(10_000), "EUR"),
    30,
    "open_account",
    net=Decimal(60_000),
    own=Standing("Nordwind GmbH", Decimal(100_000), Decimal(60_000)),
    granted_days=30,
    granted_method="open_account",
    owed=Decimal(60_000),
    grade="BBB",
    score=Decimal(66),
)


def judged(policy: OrderPolicy = POLICY, **changes: Any) -> CheckResult:
    return check(replace(SOUND, **changes), policy, GRADES)


def fired(result: CheckResult) -> list[str]:
    return [one.rule for one in result.findings]


def order(name: str, amount: int, days_ago: int = 1, *, held: bool = False) -> OtherOrder:
    return OtherOrder(name, Decimal(amount), (Decimal(amount), "EUR"), DAY - timedelta(days=days_ago), held)


def test_an_order_within_everything_passes_with_its_figures() -> None:
    found = judged()
    assert (found.outcome, found.findings) == ("pass", ())
    assert found.figures["exposure_after"] == Decimal(70_000)
    assert found.figures["available_before"] == Decimal(40_000)
    assert found.figures["utilisation_after"] == Decimal("0.7")


CASES: list[tuple[dict[str, Any], str]] = [
    ({"status": "closed"}, "closed"),
    ({"blacklisted": True}, "blacklisted"),
    ({"status": "blacklisted"}, "blacklisted"),
    ({"status": "in_default"}, "in_default"),
    ({"status": "on_hold"}, "customer_hold"),
    ({"hold": HoldInForce("HLD-1")}, "customer_hold"),
    ({"hold": HoldInForce("HLD-1", Decimal(10_000))}, "customer_hold"),
    ({"own": None}, "no_limit"),
    ({"own": None, "limit_ended_on": DAY - timedelta(days=1)}, "limit_expired"),
    ({"limit_ends_on": DAY + timedelta(days=40), "deliver_on": DAY + timedelta(days=41)}, "limit_ends"),
    ({"limit_ends_on": DAY + timedelta(days=13)}, "limit_ends"),
    ({"amount": Decimal(45_001)}, "over_limit"),
    ({"groups": (Standing("Holding", Decimal(200_000), Decimal(200_000)),)}, "within_tolerance"),
    ({"groups": (Standing("Holding", Decimal(200_000), Decimal(200_001)),)}, "over_group_limit"),
    ({"overdue": Decimal(101), "oldest_overdue_days": 16}, "oldest_overdue"),
    ({"overdue": Decimal(50_001), "owed": Decimal(500_000)}, "overdue_amount"),
    ({"overdue": Decimal(101), "owed": Decimal(200)}, "overdue_ratio"),
    ({"stage": "letter_2"}, "collection_stage"),
    ({"payment_days": 31}, "term_too_long"),
    ({"granted_method": "bill"}, "payment_method"),
    ({"method": "bill", "grade_methods": ("open_account",)}, "payment_method"),
    ({"missing": (Sentence("x", "owners"),)}, "file_incomplete"),
    ({"stale": (Sentence("x", "owners"),)}, "file_stale"),
    ({"line": WarningLine(utilisation=Decimal("0.69"))}, "warning_line"),
    ({"overdue": Decimal(101), "oldest_overdue_days": 6}, "overdue_watch"),
    ({"overdue": Decimal(1_000), "oldest_overdue_days": 15}, "overdue_watch"),
    ({"overdue": Decimal(300), "owed": Decimal(1_000)}, "overdue_watch"),
    ({"review_on": DAY - timedelta(days=1)}, "review_overdue"),
    ({"disputed": Decimal(12_001)}, "disputed"),
    ({"broken_promises": 1}, "broken_promise"),
    ({"securities": (SecurityInForce(Decimal(9_000), DAY + timedelta(days=29)),)}, "security_ends"),
    ({"usual": Decimal(3_333), "usual_number": 3}, "unusual_order"),
    ({"others": (order("A-1", 10_000, held=True),)}, "copied"),
    ({"others": (order("A-1", 25_000, 3, held=True), order("A-2", 15_000, 2))}, "split"),
]


@pytest.mark.parametrize(("changes", "rule"), CASES)
def test_each_rule_fires_as_policy_says_and_falls_silent_when_it_is_off(
    changes: dict[str, Any], rule: str
) -> None:
    found = judged(**changes)
    assert fired(found) == [rule]
    assert found.outcome == POLICY.does[rule]
    one = found.findings[0]
    assert "%(" not in one.sentence.text
    assert one.remedy is None or "%(" not in one.remedy.text
    off = replace(POLICY, does={**POLICY.does, rule: "off"})
    assert judged(off, **changes).outcome == "pass"


def test_every_rule_of_the_policy_is_tried() -> None:
    assert {rule for _changes, rule in CASES} == set(RULES)


JUST_ACCEPTED: list[dict[str, Any]] = [
    {"limit_ends_on": DAY + timedelta(days=14)},
    {"overdue": Decimal(250), "owed": Decimal(1_000), "oldest_overdue_days": 5},
    {"review_on": DAY},
    {"disputed": Decimal(12_000)},
    {"securities": (SecurityInForce(Decimal(9_000), DAY + timedelta(days=30)),)},
    {"usual": Decimal(3_333), "usual_number": 2},
    {"usual": Decimal(3_334), "usual_number": 20},
    {"limit_ends_on": DAY + timedelta(days=40), "deliver_on": DAY + timedelta(days=40)},
    {"hold": HoldInForce("HLD-1", Decimal(10_001))},
    {"amount": Decimal(40_000)},
    {"overdue": Decimal(100), "oldest_overdue_days": 400, "owed": Decimal(100)},
    {"stage": "letter_1"},
    {"stage": "paused"},
    {"method": "bill", "grade_methods": ("bill",)},
    {"method": "cash_on_delivery"},
    {"line": WarningLine(utilisation=Decimal("0.70"))},
    {"others": (order("A-1", 10_001, held=True),)},
    {"others": (order("A-1", 10_000, 15, held=True),)},
    {"others": (order("A-2", 15_000, 3), order("A-1", 25_000, 3, held=True))},
]


@pytest.mark.parametrize("changes", JUST_ACCEPTED)
def test_what_lies_on_the_line_passes(changes: dict[str, Any]) -> None:
    assert judged(**changes).outcome == "pass"


def test_a_warning_says_its_figures() -> None:
    said = {
        "overdue_watch": "EUR 300.00 is overdue, 30 % of what is open, the oldest item for 2 days; orders are held "
        "above 50 % or 15 days.",
        "review_overdue": "The review of the customer's limit was due on 2026-03-03, 7 days ago.",
        "disputed": "EUR 250.00 of EUR 1,000.00 that is open is disputed, 25 %; up to 20 % is usual.",
        "broken_promise": "Promises to pay broken within 365 days: 2.",
        "security_ends": "Security worth EUR 12,000.00 ends from 2026-03-20 on, before an order delivered on "
        "2026-03-12 is to be paid, 30 days later.",
        "unusual_order": "The order comes to EUR 10,000.00, 4.0 times the average of EUR 2,500.00 of the last 9 "
        "orders; up to 3 times is usual.",
    }
    ending = (SecurityInForce(Decimal(9_000), DAY + timedelta(days=10)), SecurityInForce(
        Decimal(3_000), DAY + timedelta(days=31)
    ), SecurityInForce(Decimal(1), DAY + timedelta(days=32)))  # fmt: skip
    found = judged(
        owed=Decimal(1_000), overdue=Decimal(300), oldest_overdue_days=2, review_on=DAY - timedelta(days=7),
        disputed=Decimal(250), broken_promises=2, securities=ending, deliver_on=DAY + timedelta(days=2),
        usual=Decimal(2_500), usual_number=9,
    )  # fmt: skip
    assert {one.rule: one.sentence.text for one in found.findings} == said
    assert found.outcome == "warn"


def test_tolerance_warns_up_to_its_share_and_holds_above_and_says_what_is_missing() -> None:
    assert judged(amount=Decimal(45_000)).outcome == "warn"
    held = judged(amount=Decimal(60_000)).findings[0]
    assert held.figures["over"] == Decimal(20_000)
    assert held.remedy is not None
    assert held.remedy.text == (
        "A receipt of EUR 20,000.00, a limit of EUR 120,000.00, or security that covers EUR 20,000.00."
    )


def test_the_limit_that_leaves_least_binds_the_groups_first() -> None:
    figures = judged(groups=(Standing("Holding", Decimal(500_000), Decimal(480_000)),)).figures
    assert (figures["limit_of"], figures["available_before"]) == ("Holding", Decimal(20_000))


def test_what_is_delivered_is_never_held() -> None:
    assert judged(amount=Decimal(0), blacklisted=True, status="closed", own=None).outcome == "pass"


def test_prepaid_orders_pass_but_for_the_rules_that_policy_names() -> None:
    sick = {"overdue": Decimal(90_000), "oldest_overdue_days": 300, "own": None, "stage": "legal_action"}
    assert judged(method="prepayment", amount=Decimal(10**9), **sick).outcome == "pass"
    assert judged(method="prepayment", amount=Decimal(10**9)).figures["exposure_after"] == Decimal(60_000)
    assert fired(judged(method="prepayment", blacklisted=True)) == ["blacklisted"]


def test_orders_below_the_line_of_a_hold_are_added_up() -> None:
    found = judged(hold=HoldInForce("HLD-1", Decimal(18_000)), others=(order("A-2", 8_000, 14),))
    assert fired(found) == ["customer_hold"]
    assert (
        judged(hold=HoldInForce("HLD-1", Decimal(18_000)), others=(order("A-2", 8_000, 15),)).outcome
        == "pass"
    )


RELEASE = Release(7, "REL-2026-00001", frozenset({"over_limit"}), Decimal(60_000))


def test_a_release_covers_the_rules_and_the_amount_it_was_decided_for_and_no_more() -> None:
    found = judged(amount=Decimal(60_000), releases=(RELEASE,))
    assert (found.outcome, found.release) == ("warn", RELEASE)
    assert [(one.rule, one.released) for one in found.findings] == [("over_limit", True)]
    assert judged(amount=Decimal("60000.01"), releases=(RELEASE,)).outcome == "hold"
    assert judged(amount=Decimal(60_000), stage="letter_2", releases=(RELEASE,)).outcome == "hold"
    assert judged(amount=Decimal(1_000), releases=(RELEASE,)).release is None


def test_a_release_for_longer_or_riskier_terms_covers_those_it_was_decided_for_and_safer_ones() -> None:
    terms = frozenset({"term_too_long", "payment_method"})
    given = replace(RELEASE, rules=terms, days=60, method="instalments")
    asked = {"granted_days": 30, "granted_method": "cash_on_delivery", "releases": (given,)}
    for days, method, outcome in (
        (60, "instalments", "warn"),
        (45, "bill", "warn"),
        (61, "instalments", "hold"),
        (60, "open_account", "hold"),
    ):
        found = judged(amount=Decimal(10), payment_days=days, method=method, **asked)
        assert found.outcome == outcome, (days, method)
    # Where the terms hold nothing they are no matter of the release.
    limit = replace(RELEASE, days=10, method="cash_on_delivery")
    assert judged(amount=Decimal(60_000), releases=(limit,)).outcome == "warn"


def test_no_release_frees_from_the_blacklist() -> None:
    every = replace(RELEASE, rules=frozenset(RULES))
    assert judged(blacklisted=True, releases=(every,)).outcome == "hold"


@pytest.mark.parametrize(
    "figures",
    [
        {"order_check__rules": {**VALUES["order_check.rules"], "over_limit": "perhaps"}},
        {"order_check__rules": {"over_limit": "hold"}},
        {"order_check__tolerance": "-0.1"},
        {"order_check__tolerance": "1.1"},
        {"order_check__overdue_days": -1},
        {"order_check__stage": "letter_9"},
        {"order_check__split_days": 367},
        {"order_check__prepaid_rules": ["weather"]},
        {"order_check__never_released": ["weather"]},
    ],
)
def test_a_policy_out_of_form_is_refused(figures: dict[str, Any]) -> None:
    with pytest.raises(InvalidPolicy):
        OrderPolicy.from_policy(changed(**figures))
