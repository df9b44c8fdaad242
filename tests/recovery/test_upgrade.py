"""A company of an earlier release is upgraded and works on: its rows, its figures, its running processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from credit_app import migrate, resources
from credit_app.connect import deploy, renew_policy
from credit_app.db import make_engine
from credit_app.domain.default_policy import DEFAULT_POLICY
from credit_app.facts.ageing import balance_total, control_total
from credit_app.facts.ledger_check import balances_that_do_not_tie
from credit_app.facts.ledger_receipts import reverse_receipt
from credit_app.models import (
    CreditApplication,
    CreditLimit,
    Person,
    Receipt,
    ReceivableItem,
    active_limit,
    open_items,
    policy_values,
)
from credit_app.processes import registry_of
from credit_app.screens.next_words import with_next
from tests.database import Server
from tests.factories import TODAY
from tests.processes.conftest import Desk
from workflows import Actor, Engine, InvalidAnswer, history
from workflows.tables import Definition, Instance

RELEASED = Path(__file__).parent.parent / "released"
# Money that came a week before the invoice it pays, as the first release booked it.
ADVANCE = """
    WITH item AS (
        INSERT INTO receivable_item
            (source, external_id, customer_id, number, document_date, due_date, amount, currency)
        SELECT 'old', 'ADV', min(id), 'ADV', '2026-02-10', '2026-03-10', 90, 'EUR' FROM customer
        RETURNING id, customer_id
    ), money AS (
        INSERT INTO receipt (source, external_id, customer_id, received_on, amount, currency)
        SELECT 'old', 'ADV', customer_id, '2026-02-03', 90, 'EUR' FROM item RETURNING id
    )
    INSERT INTO allocation (receipt_id, item_id, amount, allocated_on)
    SELECT money.id, item.id, 90, '2026-02-03' FROM money, item
"""
REVISIONS = {"0.1.0": "0001"}  # the last revision of each release


@contextmanager
def upgraded(server: Server, name: str, release: str) -> Iterator[Session]:
    """A database with the data of `release`, brought to today's tables, diagrams and policy."""
    with server.maintenance() as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[arg-type]
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
    engine = make_engine(server.owner_url(name), pooled=False)
    with engine.begin() as connection:
        config = migrate.alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, REVISIONS[release])
        dump = (RELEASED / release / "company.sql").read_text()
        lines = [
            line
            for line in dump.splitlines()
            if not line.startswith(("\\", "SET ", "SELECT pg_catalog.set_config"))
        ]
        connection.connection.driver_connection.execute("\n".join(lines))  # type: ignore[union-attr]
        connection.execute(text(ADVANCE))
    assert migrate.upgrade(engine, server.app_role)
    deploy(engine)
    renew_policy(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()
    with server.maintenance() as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[arg-type]


@pytest.fixture
def old(app: Flask, server: Server, database_name: str, clock: object) -> Iterator[Desk]:
    """The desk of the upgraded company; its cast is looked up by name where it is needed."""
    with upgraded(server, f"{database_name}_old", "0.1.0") as session, app.test_request_context():
        yield Desk(session, Engine(registry_of(resources.bpmn())), None)  # type: ignore[arg-type]


def person(desk: Desk, name: str) -> Person:
    return desk.session.scalars(select(Person).where(Person.name == name)).one()


def application(desk: Desk, number: int) -> CreditApplication:
    query = select(CreditApplication).where(CreditApplication.number == f"CA-2026-{number:05d}")
    return desk.session.scalars(query).one()


def test_every_row_is_still_there_and_the_history_verifies(old: Desk) -> None:
    statuses = old.session.scalars(select(CreditApplication.status).order_by(CreditApplication.id)).all()
    assert statuses == ["draft", "in_approval", "in_approval", "sent_back", "granted", "refused", "withdrawn"]
    assert {row.kind for row in old.session.scalars(select(CreditApplication))} == {"limit"}
    checked, broken = history.verify(old.session)
    assert (checked > 40, broken) == (True, None)
    limit = old.session.scalars(select(CreditLimit)).one()
    assert (limit.kind, limit.status, limit.amount) == ("permanent", "active", 40_000)
    assert active_limit(old.session, limit.customer_id, TODAY) is limit


def test_the_figures_that_came_later_are_there_and_its_own_stay(old: Desk) -> None:
    values = policy_values(old.session, TODAY)
    assert DEFAULT_POLICY.keys() <= values.keys()
    assert values["authority.stand_ins"] == {"committee": "cfo"}


def test_the_ledger_ties_on_every_day_and_an_old_advance_can_bounce(old: Desk) -> None:
    assert balances_that_do_not_tie(old.session) == []
    for day in (date(2026, 2, 3), date(2026, 2, 9), date(2026, 2, 10), TODAY):
        assert balance_total(old.session, day) == control_total(old.session, day), day
    advance = old.session.scalars(select(Receipt).where(Receipt.external_id == "ADV")).one()
    reverse_receipt(old.session, advance, TODAY, "bounced", "No funds", TODAY)
    item = old.session.scalars(select(ReceivableItem).where(ReceivableItem.external_id == "ADV")).one()
    still_open = open_items(old.session, [item.customer_id], TODAY)
    assert [row.open_amount for row in still_open if row.item_id == item.id] == [90]


def test_a_decision_that_waited_is_taken_on_the_old_diagram_and_opens_the_limit(old: Desk) -> None:
    waiting = application(old, 2)
    old.decide(waiting, person(old, "Anna Weiss"), "approve")
    assert waiting.status == "granted"
    assert waiting.approved_limit == waiting.requested_limit
    definition = old.session.get(Definition, old.session.get(Instance, waiting.instance_id).definition_id)  # type: ignore[union-attr]
    assert definition is not None
    assert definition.version == 1


def test_the_second_level_decides_what_the_first_one_had_approved(old: Desk) -> None:
    second = application(old, 3)
    old.decide(second, person(old, "Carla Rossi"), "approve")
    assert second.status == "granted"


def test_an_application_that_was_sent_back_is_submitted_again(old: Desk) -> None:
    back = application(old, 4)
    old.submit(back)
    assert (back.status, back.round) == ("in_approval", 2)
    old.decide(back, person(old, "Anton Fuchs"), "refuse", reason="The security is not enough.")
    assert back.status == "refused"


def test_a_draft_can_still_be_withdrawn(old: Desk) -> None:
    draft = application(old, 1)
    actor = Actor(person(old, "Sara Lind").id)
    old.engine.send(old.session, draft.instance_id or 0, "withdrawn", actor, "test", {"withdrawn_from": None})
    old.session.commit()
    assert draft.status == "withdrawn"


def test_the_old_diagram_offers_only_the_choices_that_it_draws(old: Desk) -> None:
    waiting, anna = application(old, 2), person(old, "Anna Weiss")
    action = old.engine.look(old.session, old.task(waiting).id, Actor(anna.id))
    step = old.engine.handlers.step("approval", "decide_limit")  # type: ignore[attr-defined]
    offered = [choice["value"] for choice in step.choices(action) if with_next(action, choice) is not None]
    assert offered == ["approve", "approve_with_changes", "send_back", "refuse"]
    assert [target for target, _word, _then in step.facts(action)["targets"]] == ["entry"]
    with pytest.raises(InvalidAnswer, match="older version of the process"):
        old.decide(waiting, anna, "ask_opinion", people=(anna.id,), question="What do you think?")
    old.session.rollback()
    with pytest.raises(InvalidAnswer, match="Choose the step"):
        old.decide(waiting, anna, "send_back", rework_to="rating", reason="The grade is too good")


def test_a_late_decision_on_the_old_diagram_moves_up_as_it_did(old: Desk) -> None:
    waiting = application(old, 2)
    assert old.pass_time(10) >= 1
    assert old.task(waiting).role == "credit_manager"
    old.decide(waiting, person(old, "Carla Rossi"), "approve")
    assert waiting.status == "granted"
