"""One transaction per action: what people do happens once and wholly, or not at all."""

import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import orjson
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from credit_app.db import make_engine
from tests.processes.kit import ANNA, BERT, CARL, Counted, Note, Platform, at, counted
from tests.processes.small import (
    boundary,
    bpmn,
    call,
    end,
    inside,
    message,
    repeated,
    script,
    service,
    start,
    throw,
    timer,
    user,
    xor,
)
from workflows import (
    Action,
    Actor,
    AlreadyAnswered,
    Assignment,
    Conflict,
    EngineError,
    InvalidAnswer,
    NotAllowed,
    NotFound,
    NotWaiting,
    StaleTask,
    codec,
    history,
    reads_only,
    store,
)
from workflows.tables import OpenTask

LINE = ("begin > work", "work > check", "check > last", "last > done")


def line(platform: Platform) -> Any:
    """A process of two people with a service task between them; returns the first open task."""
    platform.draw(user("work"), service("check"), user("last"), *LINE)
    return platform.start(asked=1).opened[0]


def test_an_answer_moves_the_process_to_the_next_person(platform: Platform) -> None:
    first = line(platform)
    rest = platform.complete(first.id, words="fine")
    assert [(task.node, task.role) for task in rest.opened] == [("last", "rep")]
    done = platform.complete(rest.opened[0].id, BERT)
    assert (done.ended, done.outcome) == (True, "done")
    assert platform.kinds(done.instance_id) == [
        "started", "task_completed", "service_run", "task_completed", "ended",
    ]  # fmt: skip
    instance = platform.rows("instance")[0]
    assert (instance["state"], instance["outcome"], instance["version"]) == (None, "done", 3)
    assert platform.rows("open_task") == []


# --- nothing happens by halves ------------------------------------------------------------------------------------


class Accident(Exception):
    """Something that nobody foresaw."""


def accident(*_: Any, **__: Any) -> Any:
    raise Accident


PLACES = ["answer", "check_person", "assign", "flush", "write", "after"]


@pytest.mark.parametrize("place", PLACES)
def test_an_accident_anywhere_leaves_everything_as_it_was(
    platform: Platform, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = line(platform)
    before = platform.everything()

    def answer(action: Action) -> dict[str, Any]:
        action.session.add(Note(words="half" if place != "flush" else None))  # type: ignore[arg-type]
        action.mail([5], "half")
        if place == "answer":
            raise Accident
        return {"words": "fine"}

    if place == "check_person":
        platform.code.checked = accident
    elif place == "assign":
        platform.code.assigned = accident
    elif place == "write":
        monkeypatch.setattr(store, "write", accident)
    with pytest.raises(Exception) as raised:  # noqa: PT011, PT012
        platform.engine.complete(platform.session, first.id, ANNA, "test", answer)
        assert place == "after"
        raise Accident
    assert place == "flush" or raised.type is Accident
    platform.session.rollback()
    assert platform.everything() == before
    platform.code.checked, platform.code.assigned = lambda action: None, lambda action, lane: Assignment(lane)
    monkeypatch.undo()
    assert platform.complete(first.id).opened  # and the task can still be done


def test_a_commit_that_fails_leaves_everything_as_it_was(platform: Platform) -> None:
    first = line(platform)
    before = platform.everything()
    platform.engine.complete(platform.session, first.id, ANNA, "test", lambda action: {"words": "fine"})
    pid = platform.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    platform.owner.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    platform.owner.commit()
    with pytest.raises(Exception, match=r"terminat|closed|connection"):
        platform.session.commit()
    platform.session.rollback()
    assert platform.everything() == before


def test_an_action_takes_few_statements_and_one_commit(platform: Platform) -> None:
    first = line(platform)
    platform.code.services["check"] = platform.add_note("seen")
    found = Counted()
    stop = counted(platform.session, found)
    platform.complete(first.id, words="fine")
    stop()
    # lock, savepoint, one row, release, write
    assert len(found.statements) <= 6 + 2, found.statements
    assert found.commits == 1


def test_an_answer_without_a_service_task_takes_two_statements(platform: Platform) -> None:
    platform.draw(user("work"), user("last"), "begin > work", "work > last", "last > done")
    task = platform.start().opened[0]
    found = Counted()
    stop = counted(platform.session, found)
    platform.complete(task.id)
    stop()
    assert len(found.statements) == 2, found.statements
    assert found.commits == 1


# --- two at once --------------------------------------------------------------------------------------------------


def test_of_two_people_answering_at_once_one_wins_and_the_other_learns_who(
    platform: Platform, database_app_url: str
) -> None:
    platform.draw(user("work"), user("last"), "begin > work", "work > last", "last > done")
    tasks = [platform.start().opened[0] for _ in range(12)]
    found: dict[int, list[Any]] = {task.id: [] for task in tasks}
    gate = threading.Barrier(2, timeout=20)

    def answer_all(person: Actor) -> None:
        engine = make_engine(database_app_url)
        with Session(engine) as session:
            for task in tasks:
                gate.wait()
                try:
                    platform.engine.complete(
                        session, task.id, person, "test", lambda action: {"by": person.person_id}
                    )
                    session.commit()
                    found[task.id].append(("won", person.person_id))
                except StaleTask as stale:
                    session.rollback()
                    found[task.id].append(("lost", stale.by_person, stale.at))
        engine.dispose()

    threads = [threading.Thread(target=answer_all, args=(person,)) for person in (BERT, CARL)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    for outcomes in found.values():
        won, lost = sorted(outcomes, reverse=True)
        assert (won[0], lost[0]) == ("won", "lost")
        assert lost[1] == won[1]
        assert lost[2] is not None
    assert len(platform.rows("open_task")) == 12
    assert platform.sound()


def test_an_answer_and_a_withdrawal_at_once_never_lock_each_other_up(
    platform: Platform, database_app_url: str
) -> None:
    platform.draw(
        user("work"), boundary("withdrawn", "work", message("withdrawn")), boundary("late", "work", timer('"PT1H"'),
        False),
        service("nudge"), user("last"), end("off"), end("nudged"), "begin > work", "work > last", "last > done",
        "withdrawn > off", "late > nudge", "nudge > nudged", messages=["withdrawn"],
    )  # fmt: skip
    rests = [platform.start() for _ in range(15)]
    gate = threading.Barrier(3, timeout=20)
    strange: list[Exception] = []

    def each(act: Any) -> None:
        engine = make_engine(database_app_url)
        with Session(engine) as session:
            for rest in rests:
                gate.wait()
                try:
                    act(session, rest)
                    session.commit()
                except Conflict:
                    session.rollback()
                except Exception as error:
                    session.rollback()
                    strange.append(error)
        engine.dispose()

    def answer(session: Session, rest: Any) -> None:
        platform.engine.complete(session, rest.opened[0].id, BERT, "test", lambda action: {})

    def withdraw(session: Session, rest: Any) -> None:
        platform.engine.send(session, rest.instance_id, "withdrawn", CARL, "test")

    def ring(session: Session, rest: Any) -> None:
        platform.engine.fire_timer(session)

    with at("2026-03-10T12:00:00+00:00"):
        threads = [threading.Thread(target=each, args=(act,)) for act in (answer, withdraw, ring)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
    assert strange == []
    assert platform.sound()
    open_now = {row["id"] for row in platform.rows("instance") if row["state"] is not None}
    assert {row["instance_id"] for row in platform.rows("open_task")} == open_now


def test_the_same_answer_twice_shows_the_first_result(platform: Platform) -> None:
    task = line(platform)
    platform.complete(task.id, key="page-1")
    with pytest.raises(AlreadyAnswered) as again:
        platform.complete(task.id, key="page-1")
    assert again.value.task_id == task.id
    with pytest.raises(StaleTask) as other:
        platform.complete(task.id, BERT, key="page-1")
    assert (other.value.by_person, other.value.at) == (1, datetime(2026, 3, 10, 9, 30, tzinfo=UTC))
    with pytest.raises(StaleTask):
        platform.complete(task.id, key="page-2")
    with pytest.raises(StaleTask):
        platform.complete(task.id)


def test_a_task_that_was_withdrawn_says_by_whom(platform: Platform) -> None:
    platform.draw(
        user("work"), boundary("withdrawn", "work", message("withdrawn")), end("off"), "begin > work", "work > done",
        "withdrawn > off", messages=["withdrawn"],
    )  # fmt: skip
    rest = platform.start()
    platform.engine.send(platform.session, rest.instance_id, "withdrawn", CARL, "test")
    platform.session.commit()
    with pytest.raises(StaleTask) as stale:
        platform.complete(rest.opened[0].id, BERT)
    assert (stale.value.by_person, stale.value.at) == (3, datetime(2026, 3, 10, 9, 30, tzinfo=UTC))
    assert "cancelled" in platform.kinds(rest.instance_id)


@pytest.mark.parametrize("forged", [0, -1, 999, 2**63, 10**30])
def test_a_forged_task_number_is_not_found(platform: Platform, forged: int) -> None:
    line(platform)
    with pytest.raises(NotFound):
        platform.complete(forged)


def test_an_ended_process_takes_no_message(platform: Platform) -> None:
    rest = platform.complete(platform.complete(line(platform).id).opened[0].id)
    with pytest.raises(NotWaiting, match="ended"):
        platform.send(rest, "withdrawn")


def test_a_message_that_nobody_waits_for_is_refused(platform: Platform) -> None:
    line(platform)
    with pytest.raises(NotWaiting):
        platform.engine.send(platform.session, 1, "withdrawn", ANNA, "test")
    platform.session.rollback()
    with pytest.raises(NotFound):
        platform.engine.send(platform.session, 99, "withdrawn", ANNA, "test")


def test_an_open_task_that_the_state_does_not_know_is_not_completed(platform: Platform) -> None:
    task = line(platform)
    platform.session.execute(text("UPDATE open_task SET task_no = 1"))
    platform.session.commit()
    with pytest.raises(EngineError, match="does not match"):
        platform.complete(task.id)


def test_a_step_that_is_not_reached_yet_cannot_be_completed(platform: Platform) -> None:
    platform.draw(user("work"), user("last"), "begin > work", "work > last", "last > done")
    task = platform.start().opened[0]
    row = platform.rows("instance")[0]
    parsed = platform.engine.definitions.get(platform.session, row["definition_id"])
    workflow = codec.load(bytes(row["state"]), parsed.spec, parsed.subprocess_specs)
    later = next(each.id for each in workflow.all_tasks() if each.task_spec.name == "last")
    platform.session.execute(text("UPDATE open_task SET task_no = :no, node = 'last'"), {"no": later})
    platform.session.commit()
    with pytest.raises(EngineError, match="does not match"):
        platform.complete(task.id)


def test_a_state_that_somebody_changed_meanwhile_is_not_overwritten(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = line(platform)
    before = platform.everything()

    def answer(action: Action) -> dict[str, Any]:
        action.session.execute(text("UPDATE instance SET version = version + 1"))
        return {}

    with pytest.raises(Conflict):
        platform.engine.complete(platform.session, task.id, ANNA, "test", answer)
    platform.session.rollback()
    assert platform.everything() == before


# --- what reaches process data ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        {"typename": "x"}, {"_hidden": 1}, {"with space": 1}, {"amount": 1.5}, {"day": datetime.now(UTC)},
        {"nested": {"a": 1}}, {"deep": [[1]]}, {"raw": b"x"}, {"thing": object()},
    ],
    ids=lambda answer: next(iter(answer)),
)  # fmt: skip
def test_only_names_and_plain_values_reach_process_data(platform: Platform, answer: dict[str, Any]) -> None:
    task = line(platform)
    before = platform.everything()
    with pytest.raises(EngineError, match="returned"):
        platform.complete(task.id, **answer)
    platform.session.rollback()
    assert platform.everything() == before


@pytest.mark.parametrize("value", [2**70, "\ud800"], ids=["huge number", "half a sign"])
def test_what_cannot_be_stored_is_refused_before_it_is(platform: Platform, value: Any) -> None:
    task = line(platform)
    with pytest.raises(EngineError):
        platform.complete(task.id, value=value)


# --- who ----------------------------------------------------------------------------------------------------------


def test_who_is_excluded_can_neither_answer_nor_claim_nor_be_given_the_task(platform: Platform) -> None:
    platform.code.assigned = lambda action, lane: Assignment(lane, excluded=(1, 3))
    task = line(platform)
    for attempt in (
        lambda: platform.complete(task.id, ANNA),
        lambda: platform.complete(task.id, Actor(2, on_behalf_of=1)),
        lambda: platform.engine.claim(platform.session, task.id, ANNA, "test"),
        lambda: platform.engine.delegate(platform.session, task.id, 3, BERT, "test"),
    ):
        with pytest.raises(NotAllowed):
            attempt()
        platform.session.rollback()
    assert platform.complete(task.id, BERT).opened


def test_a_claimed_task_is_its_persons_alone_until_it_is_put_back(platform: Platform) -> None:
    task, session, engine = line(platform), platform.session, platform.engine
    engine.claim(session, task.id, BERT, "test")
    session.commit()
    engine.claim(session, task.id, BERT, "test")  # twice is fine
    session.commit()
    for attempt in (
        lambda: platform.complete(task.id, ANNA),
        lambda: engine.put_back(session, task.id, ANNA, "test"),
        lambda: engine.delegate(session, task.id, 3, ANNA, "test"),
    ):
        with pytest.raises(NotAllowed):
            attempt()
        session.rollback()
    with pytest.raises(StaleTask) as stale:
        engine.claim(session, task.id, CARL, "test")
    assert stale.value.by_person == 2
    session.rollback()
    engine.put_back(session, task.id, BERT, "test")
    session.commit()
    engine.delegate(session, task.id, 3, ANNA, "test")
    session.commit()
    assert platform.rows("open_task")[0]["claimed_by"] == 3
    assert platform.complete(task.id, CARL).opened
    kinds = platform.kinds(1)
    assert kinds[1:4] == ["claimed", "put_back", "delegated"]
    assert platform.sound()


def test_a_claim_of_somebody_who_may_no_longer_do_the_task_is_taken_over_on_record(
    platform: Platform,
) -> None:
    task, session, engine = line(platform), platform.session, platform.engine
    engine.claim(session, task.id, BERT, "test")
    session.commit()
    able = {1, 2, 3}

    def checked(action: Action) -> None:
        if (action.actor.on_behalf_of or action.actor.person_id) not in able:
            raise NotAllowed("not yours")

    platform.code.checked = checked
    able.remove(2)
    platform.code.substitutes[2] = [3]  # Bert still acts for Carl: his claim holds
    with pytest.raises(StaleTask):
        engine.claim(session, task.id, ANNA, "test")
    session.rollback()
    platform.code.substitutes.clear()
    able.remove(1)
    with pytest.raises(NotAllowed):
        engine.claim(session, task.id, ANNA, "test")  # nor is it hers
    session.rollback()
    able.add(1)
    engine.claim(session, task.id, ANNA, "test")
    session.commit()
    last = platform.rows("history")[-1]
    assert (last["kind"], last["actor_id"]) == ("taken_over", 1)
    assert orjson.loads(last["payload"]) == {"claimed_by": [2, 1]}
    assert platform.complete(task.id, ANNA).opened
    assert platform.sound()


def test_claims_survive_what_happens_elsewhere_in_the_process(platform: Platform) -> None:
    platform.draw(
        user("work"), boundary("late", "work", timer('"PT1H"'), False), service("nudge"), end("nudged"),
        "begin > work", "work > done", "late > nudge", "nudge > nudged",
    )  # fmt: skip
    task = platform.start().opened[0]
    platform.engine.claim(platform.session, task.id, BERT, "test")
    platform.session.commit()
    with at("2026-03-10T12:00:00+00:00"):
        assert platform.fire() is not None
    row = platform.rows("open_task")[0]
    assert (row["id"], row["claimed_by"]) == (task.id, 2)


# --- failing service tasks ----------------------------------------------------------------------------------------


def failing(platform: Platform) -> Any:
    def run(action: Action) -> None:
        action.session.add(Note(words="half done"))
        action.mail([5], "half")
        action.session.flush()
        raise Accident("the printer burns")

    platform.code.services["check"] = run
    return line(platform)


def test_a_failing_service_task_keeps_the_answer_and_nothing_of_its_own(platform: Platform) -> None:
    task = failing(platform)
    asked = []

    def answer(action: Action) -> dict[str, Any]:
        asked.append(1)
        action.session.add(Note(words="kept"))
        return {"words": "fine"}

    rest = platform.engine.complete(platform.session, task.id, ANNA, "test", answer)
    platform.session.commit()
    assert (rest.parked, rest.opened, len(asked)) == (("check",), (), 1)
    assert [note["words"] for note in platform.rows("note")] == ["kept"]
    assert platform.rows("outbox") == []
    timer_row = platform.rows("timer")[0]
    assert (timer_row["kind"], timer_row["node"], timer_row["attempts"]) == ("service", "check", 1)
    assert timer_row["last_error"] == "Accident: the printer burns"
    last = history.timeline(platform.session, 1)[-1]["payload"]
    assert last["parked"] == {"small/check": "Accident"}
    assert [change["after"]["words"] for change in last["changes"]] == ["kept"]


def test_a_failing_service_task_is_tried_again_until_it_is_an_incident_and_goes_on_after_a_retry(
    platform: Platform,
) -> None:
    task = failing(platform)
    platform.complete(task.id, words="fine")
    when, pauses = datetime(2026, 3, 10, 9, 30, tzinfo=UTC), []
    for _ in range(4):
        due = platform.rows("timer")[0]["due_at"]
        pauses.append(due - when)
        with at((due - timedelta(seconds=1)).isoformat()):
            assert platform.fire() is None
            assert platform.rows("timer")[0]["due_at"] == due
        when = due
        with at(due.isoformat()):
            assert platform.fire() is None
    assert all(later > earlier * 1.5 for earlier, later in pairwise(pauses[1:]))
    held = platform.rows("timer")[0]
    assert (held["held"], held["attempts"]) == (True, 5)
    incident = platform.rows("incident")[0]
    assert (incident["kind"], incident["node"], incident["attempts"]) == ("service", "check", 5)
    with at("2027-01-01T00:00:00+00:00"):
        assert platform.fire() is None  # it waits for an administrator
        platform.code.services["check"] = platform.add_note("done")
        from workflows import incidents  # noqa: PLC0415

        incidents.retry(platform.session, incident["id"], 9)
        platform.session.commit()
        rest = platform.fire()
    assert rest is not None
    assert [opened.node for opened in rest.opened] == ["last"]
    assert (platform.rows("timer"), [note["words"] for note in platform.rows("note")]) == ([], ["done"])
    assert platform.rows("incident")[0]["resolved_by"] == 9
    assert platform.sound()


def test_a_service_task_that_only_reads_is_held_to_that(platform: Platform) -> None:
    @reads_only
    def run(action: Action) -> None:
        assert action.session.scalars(select(Note)).all() == []

    platform.code.services["check"] = run
    task, found = line(platform), Counted()
    stop = counted(platform.session, found)
    platform.complete(task.id)
    stop()
    assert not any("SAVEPOINT" in one for one in found.statements)

    @reads_only
    def writes(action: Action) -> None:
        action.session.add(Note(words="half done"))
        raise Accident("the printer burns")

    platform.code.services["check"] = writes
    task = line(platform)
    with pytest.raises(EngineError, match="should only read"):
        platform.complete(task.id)
    platform.session.rollback()
    assert platform.rows("note") == []


def test_a_row_that_the_database_refuses_parks_the_service_task_too(platform: Platform) -> None:
    def run(action: Action) -> None:
        action.session.add(Note(words=None))  # type: ignore[arg-type]

    platform.code.services["check"] = run
    rest = platform.complete(line(platform).id)
    assert rest.parked == ("check",)
    assert platform.rows("timer")[0]["last_error"].startswith("IntegrityError")


def test_a_service_task_that_returns_what_data_does_not_take_is_parked(platform: Platform) -> None:
    platform.code.services["check"] = lambda action: {"amount": 1.5}
    assert platform.complete(line(platform).id).parked == ("check",)


def test_a_rule_that_refuses_in_a_service_task_refuses_the_whole_answer(platform: Platform) -> None:
    def run(action: Action) -> None:
        action.session.add(Note(words="half"))
        raise InvalidAnswer("limit", "The limit is too high.")

    platform.code.services["check"] = run
    task = line(platform)
    before = platform.everything()
    with pytest.raises(InvalidAnswer):
        platform.complete(task.id)
    platform.session.rollback()
    assert platform.everything() == before


def test_a_parked_service_task_is_left_alone_by_what_happens_beside_it(platform: Platform) -> None:
    from tests.processes.small import fork  # noqa: PLC0415

    tried = []

    def run(action: Action) -> None:
        tried.append(action.actor)
        raise Accident

    platform.code.services["check"] = run
    platform.draw(
        fork("split"), user("work"), service("check"), user("aside"), user("aside2"), fork("join"), "begin > split",
        "split > work", "work > check", "check > join", "split > aside", "aside > aside2", "aside2 > join",
        "join > done",
    )  # fmt: skip
    opened = {task.node: task.id for task in platform.start().opened}
    platform.complete(opened["work"], ANNA)
    row = platform.rows("timer")[0]
    rest = platform.complete(opened["aside"], BERT)
    assert (tried, rest.parked) == ([ANNA], ("check",))
    assert platform.rows("timer")[0] == row


def test_what_a_failed_service_task_undid_is_told_by_no_other_event(platform: Platform) -> None:
    from tests.processes.small import fork  # noqa: PLC0415

    failing(platform)
    platform.code.services["aside"] = platform.add_note("aside")
    platform.draw(
        fork("split"), user("work"), service("check"), service("aside"), fork("join"), "begin > work", "work > split",
        "split > check", "split > aside", "check > join", "aside > join", "join > done",
    )  # fmt: skip
    rest = platform.start()
    assert platform.complete(rest.opened[0].id).parked == ("check",)
    events = history.timeline(platform.session, rest.instance_id)
    told = [change["after"]["words"] for event in events for change in event["payload"].get("changes", [])]
    assert told == ["aside"] == [note["words"] for note in platform.rows("note")]


def test_a_withdrawal_takes_a_parked_service_task_and_its_incident_with_it(platform: Platform) -> None:
    platform.deploy(
        bpmn("small", start(), call("body", "inner"), boundary("withdrawn", "body", message("withdrawn")), end(),
        end("off"),
             "begin > body", "body > done", "withdrawn > off", messages=["withdrawn"]),
        bpmn("inner", start(), service("check"), end(), "begin > check", "check > done", takes=["asked"],
        gives=["result"]),
    )  # fmt: skip
    platform.code.services["check"] = lambda action: 1 / 0
    rest = platform.start(asked=1)
    assert rest.parked == ("check",)
    for _ in range(4):
        with at(platform.rows("timer")[0]["due_at"].isoformat()):
            platform.fire()
    assert len(platform.rows("incident")) == 1
    done = platform.send(rest, "withdrawn")
    assert (done.outcome, platform.rows("timer")) == ("off", [])
    assert platform.rows("incident")[0]["resolved_at"] is not None


# --- the drawing --------------------------------------------------------------------------------------------------


def test_tasks_of_an_embedded_sub_process_belong_to_the_process_around_it(platform: Platform) -> None:
    ran = []
    platform.code.services["inner_check"] = lambda action: ran.append(action.process)
    platform.draw(
        inside("body", start("body_begin"), user("inner_work"), service("inner_check"), end("body_done"),
               "body_begin > inner_work", "inner_work > inner_check", "inner_check > body_done"),
        "begin > body", "body > done",
    )  # fmt: skip
    task = platform.start().opened[0]
    assert (task.process, task.node, task.role) == ("small", "inner_work", "rep")
    assert platform.complete(task.id).ended
    assert ran == ["small"]


def test_every_child_of_a_repeated_task_opens_under_the_drawn_name(platform: Platform) -> None:
    platform.draw(user("vote", repeated(until="result == 'stop'")), user("last"), "begin > vote", "vote > last",
                  "last > done")  # fmt: skip
    rest = platform.start(items=["anna", "bert", "carl"])
    assert [task.node for task in rest.opened] == ["vote"] * 3
    platform.engine = type(platform.engine)(platform.code)  # as after a restart: nothing is in memory
    platform.complete(rest.opened[0].id, result="go")
    done = platform.complete(rest.opened[1].id, result="stop")
    assert [task.node for task in done.opened] == ["last"]
    events = history.timeline(platform.session, rest.instance_id)
    assert [(event["kind"], event["task_id"]) for event in events][-2:] == [
        ("task_completed", rest.opened[1].id), ("cancelled", rest.opened[2].id),
    ]  # fmt: skip


def test_a_message_that_nobody_in_the_process_catches_is_a_defect(platform: Platform) -> None:
    platform.draw(user("work"), throw("tell", message("news")), "begin > work", "work > tell", "tell > done",
                  messages=["news"])  # fmt: skip
    task = platform.start().opened[0]
    with pytest.raises(EngineError):
        platform.complete(task.id)


def test_a_loop_without_end_is_stopped(platform: Platform) -> None:
    platform.draw(user("work"), script("again", "turn = 1"), xor("more"), "begin > work", "work > again",
    "again > more",
                  "more > again : turn == 1", "more > done : turn == 2")  # fmt: skip
    task = platform.start().opened[0]
    before = platform.everything()
    with pytest.raises((EngineError, RecursionError)):
        platform.complete(task.id)
    platform.session.rollback()
    assert platform.everything() == before


def test_an_action_within_an_action_keeps_both_histories_apart(platform: Platform) -> None:
    def run(action: Action) -> None:
        action.session.add(Note(words="outer before"))
        platform.engine.start(action.session, "small", 8, {"asked": 2}, action.actor, "inner")
        action.session.add(Note(words="outer after"))

    platform.draw(user("work"), service("spawn"), user("last"), "begin > work", "work > spawn", "spawn > last",
                  "last > done")  # fmt: skip
    platform.code.services["spawn"] = run
    rest = platform.start()
    platform.complete(rest.opened[0].id)
    ran = next(
        row for row in history.timeline(platform.session, rest.instance_id) if row["kind"] == "service_run"
    )
    assert [change["after"]["words"] for change in ran["payload"]["changes"]] == [
        "outer before",
        "outer after",
    ]
    assert len(platform.rows("instance")) == 2
    assert platform.sound()


def test_looking_at_a_task_changes_nothing_and_locks_nothing(platform: Platform) -> None:
    task = line(platform)
    before = platform.everything()
    action = platform.engine.look(platform.session, task.id, BERT)
    assert (action.node, action.data["asked"]) == ("work", 1)
    platform.owner.execute(select(OpenTask).with_for_update(nowait=True))
    platform.owner.rollback()
    platform.session.commit()
    assert platform.everything() == before
    platform.complete(task.id)
    with pytest.raises(StaleTask):
        platform.engine.look(platform.session, task.id, BERT)


def test_code_that_changes_the_data_it_was_shown_changes_nothing(platform: Platform) -> None:
    def meddle(action: Action) -> None:
        action.data["names"].append("bert")

    platform.draw(user("work"), service("check"), user("last"), *LINE)
    platform.code.services["check"] = meddle
    rest = platform.start(names=["anna"])
    last = platform.complete(rest.opened[0].id)
    assert platform.engine.look(platform.session, last.opened[0].id, ANNA).data["names"] == ["anna"]


def test_mails_leave_only_with_the_action_and_never_collide(platform: Platform) -> None:
    def assigned(action: Action, lane: str) -> Assignment:
        action.mail([5, 5, 6], "task_opened")
        return Assignment(lane)

    platform.code.assigned = assigned
    platform.code.services["check"] = lambda action: action.mail([5], "task_opened")
    platform.complete(line(platform).id)
    assert len(platform.rows("outbox")) == 2 + 1 + 2
