"""When a limit is reviewed, and what its figures do."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from credit_app.domain.review import (
    LimitState,
    NotACut,
    NothingChanged,
    ReviewPolicy,
    check_action,
    due_triggers,
    kind_of_action,
)
from credit_app.domain.warning_line import Now, WarningLine
from tests.domain.policies import GRADES, VALUES

DAY = date(2026, 3, 10)
POLICY = ReviewPolicy.from_policy(VALUES)
FAR = DAY + timedelta(days=300)


def state(**values: object) -> LimitState:
    """A limit that needs no review, with these values."""
    return LimitState(**{"valid_from": DAY, "valid_to": FAR, "review_on": FAR} | values)  # type: ignore[arg-type]


def kinds(**values: object) -> list[str]:
    return [one.kind for one in due_triggers(state(**values), DAY, POLICY, GRADES)]


def test_nothing_due_starts_nothing() -> None:
    assert kinds() == []
    assert kinds(review_on=None) == []


def test_the_review_date_itself_counts() -> None:
    assert kinds(review_on=DAY) == ["review_date"]
    assert kinds(review_on=DAY + timedelta(days=1)) == []


def test_the_end_is_seen_policys_days_ahead_and_after_it() -> None:
    assert kinds(valid_to=DAY + timedelta(days=30)) == ["expiry"]
    assert kinds(valid_to=DAY + timedelta(days=31)) == []
    assert kinds(valid_to=DAY - timedelta(days=400)) == ["expiry"]


def test_an_item_counts_from_policys_days_past_due() -> None:
    assert kinds(oldest_due_on=DAY - timedelta(days=30)) == ["overdue"]
    assert kinds(oldest_due_on=DAY - timedelta(days=29)) == []


def test_a_better_or_equal_grade_is_no_downgrade() -> None:
    assert kinds(grade_then="A", grade_now="BBB") == ["downgrade"]
    assert kinds(grade_then="A", grade_now="A") == []
    assert kinds(grade_then="A", grade_now="AAA") == []
    assert kinds(grade_then=None, grade_now="D") == []


def test_a_security_counts_policys_days_ahead() -> None:
    assert kinds(security_expires_on=DAY + timedelta(days=30)) == ["security"]
    assert kinds(security_expires_on=DAY + timedelta(days=31)) == []


def test_every_part_of_the_warning_line_is_named_and_the_most_urgent_reason_stands_first() -> None:
    found = due_triggers(
        state(
            review_on=DAY,
            line=WarningLine(Decimal(70), "A", Decimal("0.9")),
            now=Now(Decimal(60), "BB", Decimal("0.95")),
        ),
        DAY,
        POLICY,
        GRADES,
    )
    assert [one.kind for one in found] == ["warning_line"] * 3 + ["review_date"]


def test_what_rests_does_not_start_again_but_a_date_does() -> None:
    rested = frozenset({"overdue"})
    assert kinds(oldest_due_on=DAY - timedelta(days=90), rested=rested) == []
    assert kinds(oldest_due_on=DAY - timedelta(days=90), review_on=DAY, rested=rested) == ["review_date"]


@pytest.mark.parametrize(
    ("amount", "days", "other", "kind"),
    [
        (0, 30, False, "cancel"),
        (99, 60, True, "cut"),
        (100, 30, False, "renew"),
        (100, 45, False, "change"),
        (100, 30, True, "change"),
        (101, 30, False, "change"),
    ],
)
def test_figures_say_what_becomes_of_the_limit(amount: int, days: int, other: bool, kind: str) -> None:
    assert kind_of_action(Decimal(amount), days, Decimal(100), 30, other) == kind


def test_a_proposal_must_do_what_it_is_called() -> None:
    check_action("cut", "cut", "EUR 100")
    check_action("change", "cut", "EUR 100")
    check_action("renew", "renew", "EUR 100")
    with pytest.raises(NotACut, match="A cut is below the present limit of EUR 100"):
        check_action("cut", "change", "EUR 100")
    with pytest.raises(NothingChanged):
        check_action("change", "renew", "EUR 100")
