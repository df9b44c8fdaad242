"""Questions that are put once: what rules bulk work, and what was read beforehand for each part of it."""

import pytest
from sqlalchemy.orm import Session

from credit_app.models.once import at_the_end, foresee, once, steady


def test_bulk_work_asks_once_what_rules_it_and_uses_what_it_foresaw_once() -> None:
    session, asked = Session(), []

    @once
    def policy(_session: Session, day: int) -> dict[int, str]:
        asked.append(("policy", day))
        return {day: "so"}

    @once
    def debts(_session: Session, customer: int) -> list[str]:
        asked.append(("debts", customer))
        return ["as it stands now"]

    foresee(session, debts, {(1,): ["nobody works on many now"]})
    policy(session, 1)
    with steady(session, policy):
        policy(session, 1)[1] = "changed by who was answered"
        assert policy(session, 1) == {1: "so"}
        foresee(session, debts, {(1,): ["read before"]})
        assert (debts(session, 2), debts(session, 1)) == (["as it stands now"], ["read before"])
        assert debts(session, 1) == ["as it stands now"], "it may have changed what it asked about"
        foresee(session, debts, {(3,): ["left over"]})
    assert debts(session, 3) == ["as it stands now"]
    policy(session, 1)
    assert asked == [
        ("policy", 1), ("policy", 1), ("debts", 2), ("debts", 1), ("debts", 3), ("policy", 1),
    ]  # fmt: skip


def test_rows_of_bulk_work_are_written_once_at_its_end_and_not_when_it_fails() -> None:
    session, written = Session(), []

    def write(_session: Session, rows: list[dict[str, int]]) -> None:
        written.append([row["id"] for row in rows])

    at_the_end(session, write, [{"id": 1}])
    with steady(session):
        at_the_end(session, write, [{"id": 2}])
        at_the_end(session, write, [{"id": 3}])
        assert written == [[1]]
    assert written == [[1], [2, 3]]

    def fail() -> None:
        with steady(session):
            at_the_end(session, write, [{"id": 4}])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    at_the_end(session, write, [{"id": 5}])
    assert written == [[1], [2, 3], [5]]
