"""Incidents: work that failed too often is shown once, and an administrator sets it going again."""

from datetime import timedelta

import pytest

from tests.processes.kit import Platform
from workflows import NotFound, incidents


def test_the_same_work_has_one_open_incident(platform: Platform) -> None:
    for _ in range(2):
        incidents.open_incident(platform.session, "outbox", 5, 5, "ValueError: x")
    assert len(incidents.open_incidents(platform.session)) == 1
    first = incidents.open_incidents(platform.session)[0]["id"]
    incidents.retry(platform.session, first, 9)
    incidents.open_incident(platform.session, "outbox", 5, 5, "ValueError: again")
    assert [row["error"] for row in incidents.open_incidents(platform.session)] == ["ValueError: again"]


def test_an_incident_that_is_not_open_cannot_be_retried(platform: Platform) -> None:
    with pytest.raises(NotFound):
        incidents.retry(platform.session, 99, 9)


def test_pauses_grow_and_stay_reasonable() -> None:
    pauses = [incidents.pause(attempt) for attempt in range(1, 6)]
    assert pauses == sorted(pauses)
    assert timedelta(seconds=20) < pauses[0] < timedelta(seconds=40)
    assert pauses[-1] < timedelta(minutes=10)


def test_errors_are_kept_short_and_without_what_the_database_cannot_hold() -> None:
    from workflows.store import short  # noqa: PLC0415

    assert short(ValueError("a\0b")) == "ValueError: ab"
    assert len(short(ValueError("a" * 9_000))) == 2_000
