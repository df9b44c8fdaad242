"""The inbox: each person sees the tasks of their lanes, page by page, and nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.processes.kit import ANNA, BERT, Platform
from tests.processes.small import user
from workflows import Assignment, Refused, inbox
from workflows.inbox import Filters

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def desk(platform: Platform) -> Platform:
    """Twelve tasks: four in each of three lanes, opened in pairs at the same instant, some due, some excluded."""
    lanes = [("rep", 1), ("rep", None), ("manager", 2)]
    made = iter(range(100))

    def assigned(action: Any, lane: str) -> Assignment:
        number = next(made)
        role, scope = lanes[number % 3]
        due = NOON + timedelta(hours=number % 4) if number % 2 else None
        return Assignment(role, scope, due, excluded=(2,) if number in (3, 4) else ())

    platform.code.assigned = assigned
    platform.draw(user("work"), "begin > work", "work > done")
    for _ in range(12):
        platform.start()
    platform.session.execute(
        text("UPDATE open_task SET opened_at = opened_at + (id / 2) * interval '1 minute'")
    )
    platform.session.commit()
    return platform


def ids(rows: list[inbox.InboxRow]) -> list[int]:
    return [row.id for row in rows]


def test_a_person_sees_the_tasks_of_their_lanes_only(desk: Platform) -> None:
    seen = inbox.of_groups(desk.session, 1, [("rep", 1), ("rep", 0)])
    assert {(row.role, row.scope) for row in seen} == {("rep", 1), ("rep", None)}
    assert len(seen) == 8
    assert inbox.of_groups(desk.session, 1, []) == []
    assert inbox.of_groups(desk.session, 1, [("cfo", 0)]) == []
    assert inbox.of_groups(desk.session, 1, [("manager", 1)]) == []


def test_who_is_excluded_does_not_see_the_task(desk: Platform) -> None:
    lanes = [("rep", 1), ("rep", 0), ("manager", 2)]
    assert set(ids(inbox.of_groups(desk.session, 1, lanes))) - set(
        ids(inbox.of_groups(desk.session, 2, lanes))
    ) == {4, 5}
    assert (inbox.count_groups(desk.session, 1, lanes), inbox.count_groups(desk.session, 2, lanes)) == (
        12,
        10,
    )


def test_a_claimed_task_moves_from_the_group_to_the_person(desk: Platform) -> None:
    lanes = [("rep", 1), ("rep", 0), ("manager", 2)]
    desk.engine.claim(desk.session, 1, BERT, "test")
    desk.session.commit()
    assert 1 not in ids(inbox.of_groups(desk.session, 1, lanes))
    assert ids(inbox.mine(desk.session, 2)) == [1]
    assert inbox.mine(desk.session, 1) == []
    assert (inbox.count_mine(desk.session, 2), inbox.count_mine(desk.session, 1)) == (1, 0)
    desk.engine.put_back(desk.session, 1, BERT, "test")
    assert inbox.mine(desk.session, 2) == []


@pytest.mark.parametrize("order", ["oldest", "newest", "due"])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_pages_follow_each_other_without_gap_or_repetition_even_over_ties(
    desk: Platform, order: Any, size: int
) -> None:
    lanes = [("rep", 1), ("rep", 0), ("manager", 2)]
    whole = ids(inbox.of_groups(desk.session, 1, lanes, order, limit=100))
    found: list[int] = []
    after = None
    while page := inbox.of_groups(desk.session, 1, lanes, order, after, limit=size):
        found += ids(page)
        after = page[-1].key
    assert found == whole
    assert len(set(whole)) == 12
    for number in whole:
        desk.engine.claim(desk.session, number, ANNA, "test")
    mine: list[int] = []
    after = None
    while page := inbox.mine(desk.session, 1, order, after, limit=size):
        mine += ids(page)
        after = page[-1].key
    assert mine == whole


@pytest.mark.parametrize("order", ["opened_at; DROP TABLE open_task", "", "OLDEST", "due desc", None])
def test_a_sort_order_that_is_none_is_refused(desk: Platform, order: Any) -> None:
    with pytest.raises(Refused):
        inbox.of_groups(desk.session, 1, [("rep", 1)], order)
    with pytest.raises(Refused):
        inbox.mine(desk.session, 1, order)


@pytest.mark.parametrize(
    "position",
    [
        "x", "_", "2026-03-10_1'", "'; DROP TABLE open_task; --_1", "infinity_" + "9" * 40, "2026-03-10T00:00:00_-1",
        "-infinity_1", "99999-01-01_1", "\0_1", "2026-03-10T00:00:00+00:00_",
    ],
)  # fmt: skip
def test_a_position_that_is_none_is_refused(desk: Platform, position: str) -> None:
    with pytest.raises(Refused, match="position"):
        inbox.of_groups(desk.session, 1, [("rep", 1)], "due", position)


def test_filters_narrow_the_list(desk: Platform) -> None:
    lanes = [("rep", 1), ("rep", 0), ("manager", 2)]

    def count(**values: Any) -> int:
        return len(inbox.of_groups(desk.session, 1, lanes, filters=Filters(**values)))

    assert (count(), count(process="small"), count(process="other"), count(node="work")) == (12, 12, 0, 12)
    assert (count(subjects=[7]), count(subjects=[8]), count(subjects=[])) == (12, 0, 0)
    assert count(overdue_at=NOON + timedelta(hours=2)) == 3
    assert count(node="' OR 1=1 --") == 0


def test_what_was_done_is_listed_newest_first(desk: Platform) -> None:
    for number in (1, 2, 3):
        desk.complete(number, BERT)
    done = inbox.done_by(desk.session, 2, limit=2)
    assert [row.task_id for row in done] == [3, 2]
    assert [row.task_id for row in inbox.done_by(desk.session, 2, done[-1].history_id)] == [1]
    assert inbox.done_by(desk.session, 1) == []
    assert ids(inbox.of_instance(desk.session, 5)) == [5]
