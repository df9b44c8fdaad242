"""What a customer file owes, what of it is missing or stale, and what to do about it."""

from datetime import date, timedelta
from typing import Any

import pytest

from credit_app.domain.completeness_of_file import (
    EXISTING,
    ITEM,
    ITEMS,
    NEW,
    UNRATED,
    FilePolicy,
    Held,
    part_name,
    state_of_file,
)
from credit_app.domain.default_policy import default_values
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.grades import RISKS

DAY = date(2026, 3, 10)


def policy(*rows: dict[str, Any]) -> FilePolicy:
    return FilePolicy.from_policy({"file.owed": list(rows)})


def test_file_without_anything_misses_everything_that_it_owes_and_says_what_to_do_where() -> None:
    state = state_of_file(policy({"part": "contacts"}, {"part": "item:management"}), EXISTING, "low", [], DAY)
    assert (state.complete, state.fresh, state.owed) == (False, True, 2)
    assert [gap.sentence.text for gap in state.missing] == [
        "Missing: contact person.",
        "Missing: management.",
    ]
    assert [gap.tab for gap in state.missing] == ["master", "information"]
    assert state.missing[0].next_step.text == "Add at least one person at the customer."


@pytest.mark.parametrize(("age", "fresh"), [(365, True), (366, False)])
def test_part_is_stale_from_the_day_after_its_last_one(age: int, fresh: bool) -> None:
    held = [Held("investigation", DAY - timedelta(days=age))]
    state = state_of_file(
        policy({"part": "investigation", "stale_after_days": 365}), EXISTING, "low", held, DAY
    )
    assert (state.complete, state.fresh) == (True, fresh)
    if not fresh:
        said = "Out of date: investigation of 2025-03-09 is older than 365 days."
        assert [sentence.text for sentence in state.sentences] == [said]


def test_part_that_says_how_long_it_holds_is_expired_the_day_after() -> None:
    owed = policy({"part": "report", "stale_after_days": 3650})
    for until, fresh in ((DAY, True), (DAY - timedelta(days=1), False)):
        state = state_of_file(owed, EXISTING, "low", [Held("report", DAY - timedelta(days=90), until)], DAY)
        assert state.fresh is fresh
    assert state.stale[0].sentence.text == "Expired: third-party report, valid until 2026-03-09."


def test_one_fresh_row_is_enough_beside_stale_ones() -> None:
    held = [Held("references", date(2020, 1, 1)), Held("references", DAY)]
    owed = policy({"part": "references", "stale_after_days": 30})
    assert state_of_file(owed, EXISTING, "low", held, DAY).fresh


def test_kind_of_customer_and_risk_decide_what_is_owed() -> None:
    rows = policy(
        {"part": "owners", "customers": ["new"]},
        {"part": "report", "risks": ["high", "unrated"]},
        {"part": "investigation", "risks": ["low"], "stale_after_days": 730},
        {"part": "investigation", "stale_after_days": 365},
    )
    owed = {
        (kind, risk): [(row.part, row.stale_after_days) for row in rows.of(kind, risk)]
        for kind, risk in ((NEW, UNRATED), (EXISTING, "low"), (EXISTING, "high"))
    }
    assert owed == {
        (NEW, UNRATED): [("owners", None), ("report", None), ("investigation", 365)],
        (EXISTING, "low"): [("investigation", 730)],
        (EXISTING, "high"): [("report", None), ("investigation", 365)],
    }


@pytest.mark.parametrize(
    "row",
    [
        {"part": "shoe_size"},
        {"part": "item:shoe_size"},
        {"part": "contacts", "customers": ["old"]},
        {"part": "contacts", "risks": "low"},
        {"part": "contacts", "stale_after_days": "30"},
        "contacts",
    ],
)
def test_policy_that_names_what_does_not_exist_is_refused(row: Any) -> None:
    with pytest.raises(InvalidPolicy, match=r"file\.owed"):
        policy(row)


def test_default_policy_asks_more_of_whom_we_know_less_or_trust_less() -> None:
    owed = FilePolicy.from_policy(default_values())
    of = {(kind, risk): len(owed.of(kind, risk)) for kind in (NEW, EXISTING) for risk in (*RISKS, UNRATED)}
    assert of[EXISTING, "low"] < of[EXISTING, "high"]
    assert all(of[NEW, risk] > of[EXISTING, "low"] for risk in (*RISKS, UNRATED))


def test_every_item_has_a_name() -> None:
    assert all(part_name(ITEM + name).text for name in ITEMS)
