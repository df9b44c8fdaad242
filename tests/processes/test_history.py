"""The history: what happened can be read, and nobody changes it without being found out."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.processes.kit import ANNA, Note, Platform
from tests.processes.small import service, user
from workflows import Action, NotFound, Refused, history


@pytest.fixture
def told(platform: Platform) -> Platform:
    """Three instances with some history each."""
    platform.draw(user("work"), service("check"), user("last"), "begin > work", "work > check", "check > last",
                  "last > done")  # fmt: skip
    platform.code.services["check"] = platform.add_note("checked")
    for _ in range(3):
        platform.complete(
            platform.complete(platform.start(asked="x").opened[0].id, words="fine").opened[0].id
        )
    return platform


def tamper(told: Platform, statement: str) -> history.Broken | None:
    told.owner.execute(text(statement))
    told.owner.commit()
    found = history.verify(told.session)[1]
    told.session.commit()
    return found


def test_the_chain_of_every_process_holds(told: Platform) -> None:
    count, broken = history.verify(told.session)
    assert (count, broken) == (15, None)
    assert history.verify(told.session, 2) == (5, None)


TAMPERED = [
    ("UPDATE history SET payload = replace(payload, 'fine', 'well') WHERE instance_id = 2 AND seq = 2", 2),
    ("UPDATE history SET actor_id = 5 WHERE instance_id = 2 AND seq = 2", 2),
    ("UPDATE history SET at = at + interval '1 microsecond' WHERE instance_id = 2 AND seq = 3", 3),
    ("UPDATE history SET kind = 'ended' WHERE instance_id = 2 AND seq = 1", 1),
    ("UPDATE history SET node = 'other' WHERE instance_id = 2 AND seq = 2", 2),
    ("UPDATE history SET source = 'screen' WHERE instance_id = 2 AND seq = 4", 4),
    ("UPDATE history SET on_behalf_of = 9 WHERE instance_id = 2 AND seq = 2", 2),
    ("UPDATE history SET task_id = 9 WHERE instance_id = 2 AND seq = 2", 2),
    ("UPDATE history SET definition_id = 99 WHERE instance_id = 2 AND seq = 2", 2),
    ("DELETE FROM history WHERE instance_id = 2 AND seq = 3", 3),
    ("DELETE FROM history WHERE instance_id = 2 AND seq = 1", 1),
    ("DELETE FROM history WHERE instance_id = 2 AND seq = 5", 5),
    ("DELETE FROM history WHERE instance_id = 2", 1),
    ("UPDATE history SET seq = seq + 10 WHERE instance_id = 2 AND seq = 5", 5),
    (
        """INSERT INTO history (instance_id, seq, at, kind, process, source, definition_id, payload, payload_sha256,
        hash)
           SELECT instance_id, 6, at, kind, process, source, definition_id, payload, payload_sha256, hash FROM history
           WHERE instance_id = 2 AND seq = 5""",
        6,
    ),
    (
        """UPDATE history h SET payload = o.payload, payload_sha256 = o.payload_sha256 FROM history o
           WHERE h.instance_id = 2 AND h.seq = 2 AND o.instance_id = 2 AND o.seq = 3""",
        2,
    ),
    ("UPDATE instance SET history_seq = 4 WHERE id = 2", 6),
    ("UPDATE instance SET history_hash = decode(repeat('00', 32), 'hex') WHERE id = 2", 6),
    (
        """ALTER TABLE history DROP CONSTRAINT ck_history_erased_with_ground;
           UPDATE history SET payload = NULL WHERE instance_id = 2 AND seq = 2""",
        2,
    ),
]


@pytest.mark.parametrize(("statement", "seq"), TAMPERED)
def test_whatever_is_tampered_with_is_found_and_named(told: Platform, statement: str, seq: int) -> None:
    if "DROP CONSTRAINT" in statement:
        name = told.owner.execute(
            text(
                "SELECT conname FROM pg_constraint WHERE conrelid = 'history'::regclass AND conname LIKE '%erased%'"
            )
        ).scalar_one()
        statement = statement.replace("ck_history_erased_with_ground", f'"{name}"')
    broken = tamper(told, statement)
    assert broken is not None
    assert (broken.instance_id, broken.seq) == (2, seq)
    assert broken.reason
    assert history.verify(told.session, 1)[1] is None


def test_a_row_with_a_recomputed_hash_breaks_the_next_one(told: Platform) -> None:
    broken = tamper(
        told,
        """UPDATE history SET payload = '{}', payload_sha256 = sha256('{}'), hash = sha256('x')
           WHERE instance_id = 2 AND seq = 2""",
    )
    assert broken is not None
    assert broken.seq == 2


def test_the_application_can_add_to_the_history_and_nothing_else(told: Platform) -> None:
    for statement in (
        "UPDATE history SET payload = '{}'", "DELETE FROM history", "TRUNCATE history", "DROP TABLE history",
        "ALTER TABLE history DISABLE TRIGGER ALL",
    ):  # fmt: skip
        with pytest.raises(DBAPIError):
            told.session.execute(text(statement))
        told.session.rollback()
    assert told.sound()


def test_the_application_cannot_erase(told: Platform) -> None:
    with pytest.raises(DBAPIError):
        history.erase(told.session, 2, 2, "GDPR 17", 9)
    told.session.rollback()


def test_an_erasure_leaves_a_tombstone_and_a_chain_that_holds(told: Platform) -> None:
    history.erase(told.owner, 2, 2, " GDPR 17 ", 9)
    told.owner.commit()
    assert told.sound()
    event = history.timeline(told.session, 2)[1]
    assert (event["payload"], event["erased_ground"], event["erased_by"]) == (None, "GDPR 17", 9)
    assert event["erased_at"] is not None
    with pytest.raises(NotFound):
        history.erase(told.owner, 2, 2, "again", 9)
    with pytest.raises(NotFound):
        history.erase(told.owner, 2, 99, "no such event", 9)
    with pytest.raises(Refused, match="ground"):
        history.erase(told.owner, 2, 3, "  ", 9)


def test_a_check_while_processes_run_raises_no_false_alarm(
    told: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = told.start()
    heads: Callable[..., Any] = history._heads

    def then_somebody_acts(session: Session, instance_id: int | None) -> Any:
        found = heads(session, instance_id)
        if instance_id is None:
            with Session(session.get_bind()) as other:
                told.engine.complete(other, rest.opened[0].id, ANNA, "test", lambda action: {})
                told.engine.start(other, "small", 8, {}, ANNA, "test")
                other.commit()
        return found

    monkeypatch.setattr(history, "_heads", then_somebody_acts)
    assert history.verify(told.session)[1] is None


def test_changed_rows_are_told_with_before_and_after(told: Platform) -> None:
    def answer(action: Action) -> dict[str, Any]:
        note = action.session.get(Note, 1)
        assert note is not None
        note.words = "corrected"
        other = action.session.get(Note, 2)
        action.session.delete(other)
        action.session.add(Note(words="new"))
        return {}

    rest = told.start()
    told.engine.complete(told.session, rest.opened[0].id, ANNA, "test", answer)
    told.session.commit()
    changes = history.timeline(told.session, rest.instance_id)[1]["payload"]["changes"]
    assert sorted(changes, key=lambda change: change["id"]) == [
        {
            "table": "note",
            "id": 1,
            "op": "update",
            "before": {"words": "checked"},
            "after": {"words": "corrected"},
        },
        {"table": "note", "id": 2, "op": "delete", "before": {"id": 2, "words": "checked"}},
        {"table": "note", "id": 4, "op": "insert", "after": {"id": 4, "words": "new"}},
    ]


def test_data_is_told_with_before_and_after_and_notes_with_their_values(told: Platform) -> None:
    def answer(action: Action) -> dict[str, Any]:
        action.note("weighed", exposure=Decimal("12.50"), day=datetime(2026, 3, 10))  # noqa: DTZ001
        return {"asked": "y"}

    rest = told.start(asked="x")
    told.engine.complete(told.session, rest.opened[0].id, ANNA, "test", answer)
    told.session.commit()
    payload = history.timeline(told.session, rest.instance_id)[1]["payload"]
    assert payload["data"] == {"asked": ["x", "y"]}
    assert payload["notes"] == {"weighed": {"exposure": "12.50", "day": "2026-03-10T00:00:00"}}
    assert history.timeline(told.session, rest.instance_id)[0]["payload"]["opened"][0]["node"] == "work"
