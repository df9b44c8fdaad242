"""One clock for the platform: the wall clock, or the instant that a test or a replay sets.

SpiffWorkflow's timers read `datetime.now`; the name in its timer module is replaced by a subclass that reads
this clock, so timers of any year fire without waiting.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo

import SpiffWorkflow.bpmn.specs.event_definitions.timer as spiff_timer

_fixed: datetime | None = None


def now() -> datetime:
    """The present instant, aware, UTC."""
    return _fixed if _fixed is not None else datetime.now(UTC)


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Stand still at `instant` (aware) for the whole process until the block ends. For tests and replays."""
    global _fixed
    if instant.tzinfo is None:
        raise ValueError("The clock takes an aware instant, for example one in UTC.")
    before, _fixed = _fixed, instant.astimezone(UTC)
    try:
        yield
    finally:
        _fixed = before


class _ClockDatetime(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return now().astimezone(tz) if tz is not None else now().replace(tzinfo=None)


spiff_timer.datetime = _ClockDatetime
