"""Limitation: until when a debt can be claimed at law, what lets the period run anew, and the terms by country."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.limitation import GROUNDS, Event, LegalPolicy, chain
from credit_app.models import Model
from credit_app.models.cash import LimitationInterruption
from tests.domain.policies import VALUES

POLICY = LegalPolicy.from_policy(VALUES)
CHINA, ENGLAND, GERMANY = (POLICY.of(country) for country in ("CN", "GB", "DE"))
DUE = date(2020, 2, 29)


def test_the_period_of_each_country_runs_from_the_due_date_or_the_end_of_its_year() -> None:
    assert chain(DUE, [], CHINA).ends_on == date(2023, 2, 28)
    assert chain(DUE, [], ENGLAND).ends_on == date(2026, 2, 28)
    assert chain(DUE, [], GERMANY).ends_on == date(2023, 12, 31)
    assert POLICY.of("XX").country == POLICY.of(None).country == "other"
    checks = Model.metadata.tables[LimitationInterruption.__tablename__].constraints
    (known,) = [str(one.sqltext) for one in checks if one.name == "ground_known"]  # type: ignore[attr-defined]
    assert tuple(re.findall(r"'(\w+)'", known)) == tuple(GROUNDS)


def test_each_event_lets_it_run_anew_where_the_law_says_so_and_in_time() -> None:
    events = [
        Event(date(2025, 6, 1), "demand_delivered"),
        Event(date(2022, 6, 1), "part_payment"),
        Event(date(2019, 6, 1), "promise"),
    ]
    china = chain(DUE, events, CHINA)
    assert [(link.event.ground, link.ends_on, link.why_not) for link in china.links] == [
        (
            "promise",
            date(2023, 2, 28),
            None,
        ),  # before the debt was due: the period does not end earlier for it
        ("part_payment", date(2025, 6, 1), None),
        ("demand_delivered", date(2028, 6, 1), None),
    ]
    assert (china.first_end, china.ends_on) == (date(2023, 2, 28), date(2028, 6, 1))
    assert china.days_left(date(2028, 6, 2)) == -1
    # A mere demand changes nothing in England, and nothing that is to come does anywhere.
    england = chain(DUE, events, ENGLAND)
    assert [link.why_not for link in england.links] == [None, None, "not_by_law"]
    assert chain(DUE, events, CHINA, today=date(2024, 1, 1)).ends_on == date(2025, 6, 1)


def test_once_it_has_passed_only_what_revives_a_claim_lets_it_run_anew() -> None:
    late = date(2024, 1, 1)
    assert chain(DUE, [Event(late, "demand_delivered")], CHINA).links[0].why_not == "too_late"
    assert chain(DUE, [Event(late, "promise")], CHINA).ends_on == date(2027, 1, 1)
    assert chain(DUE, [Event(date(2026, 3, 1), "promise")], ENGLAND).links[0].why_not == "too_late"


def test_the_other_terms_of_china() -> None:
    assert CHINA.enforceable_until(date(2026, 1, 31)) == date(2028, 1, 31)
    assert CHINA.preserved_until(date(2026, 1, 31)) == date(2026, 3, 2)
    assert CHINA.guaranteed_until(date(2026, 1, 31)) == date(2026, 7, 31)
    assert CHINA.objection_days == 15


@pytest.mark.parametrize(
    ("days", "step"), [(181, None), (180, 180), (91, 180), (90, 90), (30, 30), (0, 30), (-1, None)]
)
def test_a_warning_is_owed_from_its_day_on_until_the_next_one(days: int, step: int | None) -> None:
    today = date(2026, 3, 10)
    assert POLICY.step(date.fromordinal(today.toordinal() + days), today) == step


def test_the_amount_decides_who_decides() -> None:
    assert POLICY.level(Decimal(50_000)) == "credit_manager"
    assert POLICY.level(Decimal("50000.01")) == "finance_director"


@pytest.mark.parametrize(
    ("country", "change"),
    [
        ("CN", {"limitation_years": 0}),
        ("CN", {"limitation_years": "3"}),
        ("CN", {"appeal_days": -1}),
        ("CN", {"runs_from": "delivery"}),
        ("CN", {"interrupts": ["a_letter"]}),
        ("GB", {"revives": ["demand_delivered"]}),
        ("China", {}),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(country: str, change: dict[str, Any]) -> None:
    table = dict(VALUES["legal.jurisdictions"])
    table[country] = dict(table.get(country, table["other"])) | change
    with pytest.raises(InvalidPolicy):
        LegalPolicy.from_policy({**VALUES, "legal.jurisdictions": table})


@pytest.mark.parametrize(
    "change",
    [
        {"legal.warning_days": [30, 90]},
        {"legal.warning_days": []},
        {"legal.manager_up_to": "-1"},
        {"legal.smallest_amount": "-1"},
        {"legal.jurisdictions": {"CN": {}}},
    ],
)
def test_so_are_wrong_warnings_amounts_and_a_table_without_the_others(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidPolicy):
        LegalPolicy.from_policy({**VALUES, **change})
