"""A human step is taken back until somebody else opens the case, its time is over, or something cannot be undone."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.processes.kit import ANNA, BERT, Counted, Note, Platform, counted
from tests.processes.small import boundary, end, service, timer, user
from workflows import Action, Conflict, NotAllowed, Rest, clock, history

HOLD = timedelta(minutes=15)
DRAWN = (
    user("decide"),
    service("tell"),
    user("check"),
    "begin > decide",
    "decide > tell",
    "tell > check",
    "check > done",
)


def answer(
    platform: Platform, task_id: int, hold: timedelta | None = HOLD, actor: Any = ANNA, **data: Any
) -> Rest:
    """Decide: a row is written, somebody is told."""

    def decided(action: Action) -> dict[str, Any]:
        action.session.add(Note(words=f"decided by {action.actor.person_id}"))
        action.mail([7], "decided")
        return data

    rest = platform.engine.complete(platform.session, task_id, actor, "test", decided, hold=hold)
    platform.session.commit()
    return rest


def taken_back(platform: Platform, rest: Rest, actor: Any = ANNA) -> Rest:
    found = platform.engine.take_back(platform.session, rest.instance_id, actor, "test")
    platform.session.commit()
    return found


def forget_notes(action: Action) -> None:
    """Undo what the step wrote: the rows are named by their ids."""
    for change in action.undoes:
        assert change["op"] == "insert"
        action.session.delete(action.session.get_one(Note, change["id"]))


@pytest.fixture
def drawn(platform: Platform) -> Platform:
    platform.draw(*DRAWN)
    platform.code.services["tell"] = platform.add_note("told")
    platform.code.undone = {"decide": forget_notes, "tell": forget_notes}
    return platform


def without(everything: dict[str, list[Any]], *changing: str) -> dict[str, Any]:
    """Rows without what a take-back changes on purpose."""
    return {
        table: [{key: value for key, value in row.items() if key not in changing} for row in rows]
        for table, rows in everything.items()
    }


def test_after_it_all_is_as_before_but_for_the_record(drawn: Platform) -> None:
    first = drawn.start()
    before = drawn.everything()
    decided = answer(drawn, first.opened[0].id, amount=5)
    assert [row["words"] for row in drawn.rows("note")] == ["decided by 1", "told"]
    again = taken_back(drawn, decided)
    after = drawn.everything()
    assert [task.node for task in again.opened] == ["decide"]
    assert after["note"] == after["outbox"] == []
    assert drawn.rows("instance")[0]["state"] == before["instance"][0]["state"]
    assert [row["node"] for row in after["open_task"]] == ["decide"]
    assert after["open_task"][0]["claimed_by"] == ANNA.person_id
    assert drawn.kinds(first.instance_id) == [
        "started", "task_completed", "service_run", "taken_back", "cancelled",
    ]  # fmt: skip
    assert drawn.sound()
    assert answer(drawn, again.opened[0].id, amount=6).opened[0].node == "check"
    assert drawn.sound()


def test_an_ended_process_lives_again(platform: Platform) -> None:
    platform.draw(user("decide"), "begin > decide", "decide > done")
    platform.code.undone = {"decide": forget_notes}
    rest = answer(platform, platform.start().opened[0].id)
    assert rest.ended
    again = taken_back(platform, rest)
    (instance,) = platform.rows("instance")
    assert (instance["ended_at"], instance["outcome"], again.ended) == (None, None, False)
    assert answer(platform, again.opened[0].id).ended
    assert platform.sound()


def test_what_it_posted_waits_until_it_is_opened_by_somebody_else(drawn: Platform) -> None:
    rest = answer(drawn, drawn.start().opened[0].id)
    (posted,) = drawn.rows("outbox")
    assert posted["due_at"] == clock.now() + HOLD
    assert not drawn.engine.opened(drawn.session, rest.instance_id, ANNA)
    assert drawn.engine.may_take_back(drawn.session, rest.instance_id, ANNA) == clock.now() + HOLD
    assert drawn.engine.may_take_back(drawn.session, rest.instance_id, BERT) is None
    assert drawn.engine.opened(drawn.session, rest.instance_id, BERT)
    drawn.session.commit()
    assert [row["due_at"] for row in drawn.rows("outbox")] == [clock.now()]
    assert drawn.engine.may_take_back(drawn.session, rest.instance_id, ANNA) is None
    with pytest.raises(Conflict, match="Somebody has opened the case since"):
        taken_back(drawn, rest)


def test_once_only_by_whoever_decided_and_in_time(drawn: Platform) -> None:
    rest = answer(drawn, drawn.start().opened[0].id)
    with pytest.raises(NotAllowed, match="Only whoever decided"):
        taken_back(drawn, rest, BERT)
    drawn.session.rollback()
    with clock.at(clock.now() + HOLD), pytest.raises(Conflict, match="could be taken back is over"):
        taken_back(drawn, rest)
    drawn.session.rollback()
    taken_back(drawn, rest)
    with pytest.raises(Conflict, match="taken back already"):
        taken_back(drawn, rest)


def test_somebody_who_claims_the_next_task_ends_it(drawn: Platform) -> None:
    rest = answer(drawn, drawn.start().opened[0].id)
    drawn.engine.claim(drawn.session, rest.opened[0].id, BERT, "test")
    drawn.session.commit()
    with pytest.raises(Conflict, match="moved on"):
        taken_back(drawn, rest)


def test_the_next_step_and_a_timer_end_it(platform: Platform) -> None:
    platform.draw(
        user("decide"), user("check"), boundary("late", "check", timer("'PT5M'"), interrupts=False), service("chase"),
        end("chased"), "begin > decide", "decide > check", "check > done", "late > chase", "chase > chased",
    )  # fmt: skip
    platform.code.undone = {"decide": forget_notes}
    rest = answer(platform, platform.start().opened[0].id)
    with clock.at(clock.now() + timedelta(minutes=6)):
        assert platform.fire() is not None
        with pytest.raises(Conflict, match="moved on"):
            taken_back(platform, rest)


def test_a_step_that_does_not_know_how_keeps_nothing(drawn: Platform) -> None:
    del drawn.code.undone["decide"]
    answer(drawn, drawn.start().opened[0].id)
    assert [row["due_at"] for row in drawn.rows("outbox")] == [clock.now()]
    assert drawn.session.execute(text("SELECT count(*) FROM take_back")).scalar() == 0


def test_nor_does_one_that_is_followed_by_what_cannot_be_undone(drawn: Platform) -> None:
    del drawn.code.undone["tell"]
    answer(drawn, drawn.start().opened[0].id)
    assert drawn.session.execute(text("SELECT count(*) FROM take_back")).scalar() == 0


def test_without_a_window_nothing_is_kept(drawn: Platform) -> None:
    answer(drawn, drawn.start().opened[0].id, hold=None)
    assert drawn.session.execute(text("SELECT count(*) FROM take_back")).scalar() == 0
    assert [row["due_at"] for row in drawn.rows("outbox")] == [clock.now()]


def test_a_take_back_that_breaks_off_changes_nothing_and_works_the_next_time(drawn: Platform) -> None:
    rest = answer(drawn, drawn.start().opened[0].id)
    before = drawn.everything()
    kept = dict(drawn.code.undone)

    def killed(action: Action) -> None:
        forget_notes(action)
        action.session.flush()
        action.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    drawn.code.undone["decide"] = killed
    with pytest.raises(DBAPIError):
        taken_back(drawn, rest)
    drawn.session.rollback()
    assert drawn.everything() == before
    drawn.code.undone = kept
    assert taken_back(drawn, rest).opened[0].node == "decide"
    assert history.verify(drawn.session)[1] is None


def test_it_costs_no_statement(drawn: Platform) -> None:
    counts = []
    for hold in (None, HOLD):
        task = drawn.start().opened[0].id
        counts.append(statements_of(drawn, task, hold))
    assert counts[0] == counts[1]


def statements_of(platform: Platform, task: int, hold: timedelta | None) -> int:
    found = Counted()
    stop = counted(platform.session, found)
    try:
        answer(platform, task, hold)
    finally:
        stop()
    return len(found.statements)
