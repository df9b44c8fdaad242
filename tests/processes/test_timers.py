"""Timers: each fires once, whoever works on it, however late it is."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from credit_app.db import make_engine
from tests.processes.kit import Platform, at
from tests.processes.small import boundary, catch, end, first_of, message, service, timer, user
from workflows import clock, fire_due, history

LATE = "2026-03-10T12:00:00+00:00"


def reminded(platform: Platform, expression: str = '"PT1H"', kind: str = "timeDuration") -> None:
    platform.draw(
        user("work"), boundary("late", "work", timer(expression, kind), False), service("nudge"), end("nudged"),
        "begin > work", "work > done", "late > nudge", "nudge > nudged",
    )  # fmt: skip


def test_a_timer_fires_when_it_is_due_and_not_before(platform: Platform) -> None:
    reminded(platform)
    rest = platform.start()
    with at("2026-03-10T10:29:59+00:00"):
        assert platform.fire() is None
    with at("2026-03-10T10:30:00+00:00"):
        assert platform.fire() is not None
        assert platform.fire() is None
    assert platform.kinds(rest.instance_id) == ["started", "timer_fired", "service_run"]
    assert len(platform.rows("open_task")) == 1


def test_a_timer_whose_step_is_over_never_fires(platform: Platform) -> None:
    reminded(platform)
    platform.complete(platform.start().opened[0].id)
    assert platform.rows("timer") == []
    with at(LATE):
        assert platform.fire() is None


def test_a_date_in_the_past_fires_at_once(platform: Platform) -> None:
    reminded(platform, "remind_at", "timeDate")
    rest = platform.start(remind_at="2026-03-09T09:00:00+00:00")
    assert platform.kinds(rest.instance_id) == ["started", "service_run"]
    assert platform.rows("timer") == []


def test_an_offset_in_a_date_is_understood(platform: Platform) -> None:
    reminded(platform, "remind_at", "timeDate")
    platform.start(remind_at="2026-03-12T17:00:00+08:00")
    assert platform.rows("timer")[0]["due_at"].isoformat() == "2026-03-12T09:00:00+00:00"


def test_a_timer_can_be_fired_by_hand_before_it_is_due(platform: Platform) -> None:
    reminded(platform)
    platform.start()
    assert platform.engine.fire_timer(platform.session, platform.rows("timer")[0]["id"]) is not None
    platform.session.commit()
    assert platform.rows("timer") == []


def test_a_repeating_timer_fires_each_time_and_no_more_than_it_says(platform: Platform) -> None:
    reminded(platform, '"R3/PT1H"', "timeCycle")
    rest = platform.start()
    for hour in (1, 2, 3, 4, 5):
        with clock.at(datetime.fromisoformat("2026-03-10T09:30:00+00:00") + timedelta(hours=hour)):
            platform.fire()
    assert platform.kinds(rest.instance_id).count("service_run") == 3
    assert platform.rows("timer") == []
    assert platform.sound()


def test_a_repeating_timer_fires_once_after_a_long_rest(platform: Platform) -> None:
    reminded(platform, '"R100/PT1H"', "timeCycle")
    rest = platform.start()
    with at("2026-03-12T09:45:00+00:00"):
        assert fire_due(lambda: Session(platform.session.get_bind()), platform.engine) == 1
    assert platform.kinds(rest.instance_id).count("service_run") == 1
    due = platform.rows("timer")[0]["due_at"]
    assert due.isoformat() == "2026-03-12T10:30:00+00:00"  # the rhythm is kept


def test_an_event_gateway_goes_one_way_only(platform: Platform) -> None:
    platform.draw(
        first_of("which"), catch("paid", message("paid")), catch("too_late", timer('"PT1H"')), user("thank"),
        user("chase"),
        "begin > which", "which > paid", "which > too_late", "paid > thank", "too_late > chase", "thank > done",
        "chase > done", messages=["paid"],
    )  # fmt: skip
    one, two = platform.start(), platform.start()
    assert platform.send(one, "paid", amount=12).opened[0].node == "thank"
    with at(LATE):
        fired = platform.fire()
        assert fired is not None
        assert fired.opened[0].node == "chase"
        assert platform.fire() is None
    assert fired.instance_id == two.instance_id
    assert platform.rows("subscription") == []


def test_two_workers_fire_300_timers_and_none_twice(platform: Platform, database_app_url: str) -> None:
    reminded(platform)
    for _ in range(300):
        platform.engine.start(platform.session, "small", 7, {}, _actor(), "test")
    platform.session.commit()
    worked: list[int] = []

    def work() -> None:
        engine = make_engine(database_app_url)
        worked.append(fire_due(lambda: Session(engine), platform.engine, most=1_000))
        engine.dispose()

    with at(LATE):
        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=120)
    assert sum(worked) == 300
    assert min(worked) > 0
    assert platform.rows("timer") == []
    fired = [row for row in platform.rows("history") if row["kind"] == "timer_fired"]
    assert len({row["instance_id"] for row in fired}) == len(fired) == 300
    assert platform.sound()


def _actor() -> Any:
    return Platform.start.__globals__["ANNA"]


def test_a_timer_that_fails_waits_longer_each_time_and_becomes_an_incident(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflows import engine  # noqa: PLC0415

    reminded(platform)
    rest = platform.start()

    def broken(*_: Any) -> None:
        raise OSError("no clock")

    monkeypatch.setattr(engine, "fire", broken)
    for attempt in range(1, 6):
        with at(platform.rows("timer")[0]["due_at"].isoformat()):
            assert fire_due(lambda: Session(platform.session.get_bind()), platform.engine) == 1
        row = platform.rows("timer")[0]
        assert (row["attempts"], row["held"], row["last_error"]) == (
            attempt,
            attempt == 5,
            "OSError: no clock",
        )
    incident = platform.rows("incident")[0]
    assert (incident["kind"], incident["node"], incident["instance_id"]) == (
        "timer",
        "late",
        rest.instance_id,
    )
    monkeypatch.undo()
    from workflows import incidents  # noqa: PLC0415

    incidents.retry(platform.session, incident["id"], 9)
    platform.session.commit()
    assert platform.fire() is not None
    assert history.timeline(platform.session, rest.instance_id)[-1]["kind"] == "service_run"


def test_a_service_task_behind_a_timer_that_refuses_is_tried_again_and_shown(platform: Platform) -> None:
    from workflows import InvalidAnswer  # noqa: PLC0415

    def refuse(action: Any) -> None:
        raise InvalidAnswer("x", "Not like this.")

    platform.code.services["nudge"] = refuse
    reminded(platform)
    platform.start()
    with at(LATE):
        rest = platform.fire()
    assert rest is not None
    assert rest.parked == ("nudge",)  # nobody reads a refusal here, so it counts as a failure


def test_an_idle_process_costs_the_worker_one_look(platform: Platform) -> None:
    from tests.processes.kit import Counted, counted  # noqa: PLC0415

    reminded(platform)
    for _ in range(5):
        platform.start()
    found = Counted()
    stop = counted(platform.session, found)
    assert fire_due(lambda: Session(platform.session.get_bind()), platform.engine) == 0
    stop()
    assert len(found.statements) == 1


def test_the_clock_takes_aware_instants_only() -> None:
    with pytest.raises(ValueError, match="aware"), clock.at(datetime(2026, 3, 10)):  # noqa: DTZ001
        pass
