"""Collection cases: opened, moved and closed by what is open, on a database and with the real diagrams."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select

from credit_app import collecting
from credit_app.domain.collection import STAGES
from credit_app.forms.collection import Called, Escalated
from credit_app.models import (
    CollectionCase,
    CollectionContact,
    CollectionMove,
    CollectionRun,
    CollectionSignal,
    Contact,
    Customer,
    ItemMark,
    together,
)
from credit_app.models.dunning import DunningLetter
from tests.factories import (
    TODAY,
    allocate,
    make_customer,
    make_invoice,
    make_policy,
    make_rating,
    make_receipt,
)
from tests.processes.conftest import Desk
from workflows import Actor, InvalidAnswer, NotAllowed, clock
from workflows.tables import History, Instance, OpenTask


@contextmanager
def on(day: date) -> Iterator[None]:
    with clock.at(datetime(day.year, day.month, day.day, 6, tzinfo=UTC)):
        yield


def after(days: int) -> date:
    return TODAY + timedelta(days=days)


def work(desk: Desk, *, run: bool = True) -> int:
    """What the worker does: the day's run, then every signal; returns how many signals it took."""
    if run:
        collecting.run_day(desk.session)
        desk.session.commit()
    taken = 0
    while found := collecting.move_some(desk.session, desk.engine):
        desk.session.commit()
        taken += found
    collecting.finish_runs(desk.session)
    desk.session.commit()
    return taken


def case_of(desk: Desk, customer: Customer) -> CollectionCase:
    query = (
        select(CollectionCase)
        .where(CollectionCase.customer_id == customer.id)
        .order_by(CollectionCase.id.desc())
    )
    return desk.session.scalars(query.limit(1).execution_options(populate_existing=True)).one()


def steps(desk: Desk, case: CollectionCase) -> list[tuple[str | None, str]]:
    query = select(CollectionMove.to_stage, CollectionMove.cause).where(CollectionMove.case_id == case.id)
    return [tuple(row) for row in desk.session.execute(query.order_by(CollectionMove.id))]


def open_tasks(desk: Desk, case: CollectionCase) -> list[str]:
    query = select(OpenTask.node).where(OpenTask.instance_id == case.instance_id).order_by(OpenTask.id)
    return list(desk.session.scalars(query))


def pay(desk: Desk, customer: Customer, item: Any, amount: int, day: date) -> None:
    receipt = make_receipt(desk.session, customer, amount, day)
    allocate(desk.session, receipt, item, amount, day)
    desk.session.commit()


def answer(desk: Desk, case: CollectionCase, person: Any, given: Any) -> None:
    task = desk.session.scalars(select(OpenTask).where(OpenTask.instance_id == case.instance_id)).one()
    step = desk.engine.handlers.step(task.process, task.node)
    desk.engine.complete(
        desk.session, task.id, Actor(person.id), "test", lambda action: step.complete(action, given)
    )
    desk.session.commit()


@pytest.fixture
def customer(desk: Desk) -> Customer:
    make_policy(desk.session, "ledger.key_customers", 0)
    made = make_customer(
        desk.session, "Late & Sons", branch_id=desk.cast.north.id, sales_rep_id=desk.cast.sara.id
    )
    desk.session.commit()
    return made


def test_a_case_climbs_the_ladder_and_a_payment_ends_it_at_whatever_stage(
    desk: Desk, customer: Customer
) -> None:
    due = TODAY
    item = make_invoice(desk.session, customer, 900, due)
    desk.session.commit()
    with on(after(2)):
        assert work(desk) == 0
        assert desk.session.scalars(select(CollectionCase)).all() == []
    with on(after(3)):  # a Friday
        assert work(desk) == 1
        case = case_of(desk, customer)
        assert (case.stage, case.status, case.amount, case.oldest_due) == (
            "friendly_notice",
            "open",
            900,
            due,
        )
        assert case.collector_id == desk.cast.cole.id
        assert collecting.run_day(desk.session) is None, "a day is run once"
        assert work(desk) == 0
    with on(after(7)):
        work(desk)
        assert open_tasks(desk, case) == ["call_customer"]
        with pytest.raises(InvalidAnswer, match="whom you spoke"):
            answer(desk, case, desk.cast.cole, Called("reached", None, "", "", None))
        desk.session.rollback()
        answer(desk, case, desk.cast.cole, Called("reached", "cannot_pay", "Ms Late", "Next week", after(10)))
        assert open_tasks(desk, case) == []
    assert desk.pass_time(9) == 0
    assert desk.pass_time(11) == 1
    assert open_tasks(desk, case) == ["call_customer"], "the day that was agreed has come"
    for days, stage, tasks in (
        (15, "letter_1", []),
        (30, "letter_2", []),
        (45, "visit", []),
        (62, "final_demand", ["agree_escalation"]),  # day 60 is a Saturday
        (76, "lawyer_letter", ["agree_escalation"]),  # day 75 is a Sunday
    ):
        with on(after(days) - timedelta(days=1)):
            work(desk)
            assert case_of(desk, customer).stage != stage, f"{stage} came too early"
        with on(after(days)):
            work(desk)
            assert case_of(desk, customer).stage == stage
            assert open_tasks(desk, case) == tasks
    with on(after(77)):
        with pytest.raises(NotAllowed):
            answer(desk, case, desk.cast.cole, Escalated("escalate", None, ""))
        desk.session.rollback()
        answer(desk, case, desk.cast.carla, Escalated("escalate", None, ""))
        assert open_tasks(desk, case) == ["send_lawyers_letter"]
        pay(desk, customer, item, 900, after(77))
        assert work(desk, run=False) > 0
    case = case_of(desk, customer)
    assert (case.status, case.closed_on, case.amount) == ("cleared", after(77), 0)
    assert open_tasks(desk, case) == []
    assert steps(desk, case)[-1] == (None, "payment")
    assert desk.mails("case_cleared") == {"Cole Baxter", "Sara Lind"}
    with on(after(80)):
        assert work(desk) == 0, "nothing is found again"
    assert desk.session.scalar(select(func.count()).select_from(CollectionRun)) == len(
        {row.day for row in desk.session.scalars(select(CollectionRun))}
    )


def test_a_stage_is_not_lost_when_a_timer_fell_due_while_no_worker_ran(
    desk: Desk, customer: Customer
) -> None:
    make_invoice(desk.session, customer, 900, TODAY)
    desk.session.commit()
    with on(after(7)):
        work(desk)
        case = case_of(desk, customer)
        answer(desk, case, desk.cast.cole, Called("reached", None, "Ms Late", "Next week", after(10)))
    with on(after(15)):  # the call was due again on the day before, and nobody has fired its timer
        work(desk)
        assert (case_of(desk, customer).stage, open_tasks(desk, case)) == ("letter_1", [])
        levels = select(DunningLetter.level).where(DunningLetter.customer_id == customer.id)
        assert "letter_1" in desk.session.scalars(levels).all()


def test_a_part_payment_and_a_new_debt_are_computed_anew(desk: Desk, customer: Customer) -> None:
    old = make_invoice(desk.session, customer, 500, after(-20))
    make_invoice(desk.session, customer, 700, after(-5))
    desk.session.commit()
    with on(TODAY):
        work(desk)
        case = case_of(desk, customer)
        assert (case.stage, case.amount) == ("letter_1", 1200)
        pay(desk, customer, old, 200, TODAY)
        work(desk, run=False)
        assert (case_of(desk, customer).stage, case_of(desk, customer).amount) == ("letter_1", 1000)
        pay(desk, customer, old, 300, TODAY)
        work(desk, run=False)
        assert (case_of(desk, customer).stage, case_of(desk, customer).amount) == ("friendly_notice", 700)
        make_receipt(desk.session, customer, 695, TODAY)  # on account: it will pay what is overdue
        desk.session.commit()
        work(desk, run=False)
    case = case_of(desk, customer)
    assert case.status == "cleared", "what is on account leaves no more than the smallest amount of policy"
    with on(after(1)):
        make_invoice(desk.session, customer, 90, after(-40))
        desk.session.commit()
        work(desk)
    assert case_of(desk, customer).id != case.id
    assert case_of(desk, customer).stage == "letter_2"


def test_each_step_has_its_true_reason(desk: Desk, customer: Customer) -> None:
    item = make_invoice(desk.session, customer, 500, after(-7))
    make_invoice(desk.session, customer, 300, TODAY)
    desk.session.commit()

    def marked(kind: str, amount: int, day: date, **values: Any) -> ItemMark:
        row = ItemMark(item_id=item.id, kind=kind, amount=amount, marked_on=day, reason="agreed", **values)
        desk.session.add(row)
        desk.session.commit()
        work(desk, run=False)
        return row

    with on(TODAY):
        work(desk)
        case = case_of(desk, customer)
    with on(after(8)):  # a payment that comes before the run of a day makes no stage harsher
        pay(desk, customer, item, 100, after(8))
        work(desk, run=False)
    with on(after(9)):
        dispute = marked("disputed", 400, after(9))
        marked("disputed", 400, after(9), ends_id=dispute.id)
        promise = marked("promised", 400, after(9), due_on=after(20))
        marked("promised", 400, after(9), ends_id=promise.id)
        make_invoice(desk.session, customer, 795, after(9), kind="credit_note")
        desk.session.commit()
        work(desk, run=False)
        assert case_of(desk, customer).status == "cleared", "at once, not in the night"
    found = steps(desk, case)
    assert found == [
        ("call", "ladder"), ("letter_1", "ladder"), ("call", "dispute"), ("letter_1", "dispute_over"),
        ("call", "promise"), ("letter_1", "promise_over"), (None, "correction"),
    ]  # fmt: skip

    other = make_invoice(desk.session, make_customer(desk.session, "Other"), 500, after(-20))
    desk.session.commit()
    item = other
    with on(after(10)):
        work(desk)
        marked("promised", 500, after(10), due_on=after(12))
    with on(after(20)):
        work(desk)  # nobody kept it, and nobody said so
        make_policy(desk.session, "collection.ladder", {stage: 60 + n for n, stage in enumerate(STAGES)})
        desk.session.commit()
    with on(after(21)):
        work(desk)
    assert [cause for _stage, cause in steps(desk, case_of(desk, other.customer))][1:] == [
        "promise", "pause_over", "figures",
    ]  # fmt: skip


def test_disputes_and_promises_pause_their_part_and_a_broken_promise_moves_up(
    desk: Desk, customer: Customer
) -> None:
    item = make_invoice(desk.session, customer, 500, after(-20))
    desk.session.commit()

    def mark(kind: str, amount: int, **values: Any) -> ItemMark:
        row = ItemMark(
            item_id=item.id, kind=kind, amount=amount, marked_on=TODAY, reason="as agreed", **values
        )
        desk.session.add(row)
        desk.session.commit()
        return row

    with on(TODAY):
        work(desk)
        dispute = mark("disputed", 100)
        work(desk, run=False)
        assert case_of(desk, customer).stage == "letter_1", "only a part is disputed"
        mark("promised", 400, due_on=after(5))
        work(desk, run=False)
        case = case_of(desk, customer)
        assert (case.stage, case.status) == ("paused", "open")
        assert open_tasks(desk, case) == []
    with on(after(6)):
        work(desk)
        assert case_of(desk, customer).stage == "paused", "a day of grace for the transfer"
    with on(after(7)):
        case = case_of(desk, customer)
        case.floor_stage, case.floor_due = "letter_2", item.due_date
        desk.session.add(CollectionSignal(customer_id=customer.id, cause="broken_promise"))
        desk.session.commit()
        work(desk)
        assert (case_of(desk, customer).stage, steps(desk, case)[-1][1]) == ("letter_2", "broken_promise")
        mark("disputed", 100, ends_id=dispute.id)
        pay(desk, customer, item, 500, after(7))
        make_invoice(desk.session, customer, 80, after(-1))
        desk.session.commit()
        work(desk)
    assert case_of(desk, customer).status == "open"
    assert case_of(desk, customer).stage == "call", "the promise was about a debt that is paid now"


def test_the_ladder_is_that_of_risk_and_of_key_customers(desk: Desk, customer: Customer) -> None:
    make_policy(desk.session, "ledger.key_customers", 10)
    low, high = (make_customer(desk.session, name, branch_id=desk.cast.north.id) for name in ("Low", "High"))
    make_rating(desk.session, low, "AAA")
    make_rating(desk.session, high, "D")
    for one in (customer, low, high):
        make_invoice(desk.session, one, 100, after(-16))
    crowd = [make_customer(desk.session, branch_id=desk.cast.south.id) for _ in range(10)]
    for one in crowd:
        make_invoice(desk.session, one, 10_000, after(-16))
    desk.session.commit()
    with on(TODAY):
        work(desk)
    found = {
        one.id: (case_of(desk, one).ladder, case_of(desk, one).stage)
        for one in (customer, low, high, crowd[0])
    }
    assert list(found.values()) == [
        ("medium", "letter_1"),
        ("low", "friendly_notice"),
        ("high", "letter_2"),
        ("key", "call"),
    ]
    with on(after(1)):
        make_rating(desk.session, low, "C", rated_at=clock.now())
        desk.session.commit()
        work(desk, run=False)
        assert steps(desk, case_of(desk, low))[-1] == ("letter_2", "rating")


def test_who_leads_waits_or_goes_on_and_gives_up(desk: Desk, customer: Customer) -> None:
    make_invoice(desk.session, customer, 500, after(-62))
    desk.session.commit()
    with on(TODAY):
        work(desk)
        case = case_of(desk, customer)
        for wrong, field in (
            (Escalated("", None, ""), "choice"),
            (Escalated("wait", None, "They pay soon"), "until"),
            (Escalated("wait", after(400), "They pay soon"), "until"),
            (Escalated("wait", after(5), ""), "reason"),
        ):
            with pytest.raises(InvalidAnswer) as refused:
                answer(desk, case, desk.cast.carla, wrong)
            assert refused.value.field == field
            desk.session.rollback()
        answer(desk, case, desk.cast.carla, Escalated("wait", after(6), "They pay next week"))
        assert open_tasks(desk, case) == []
    desk.pass_time(7)
    assert open_tasks(desk, case) == ["agree_escalation"]
    with on(after(8)):
        answer(desk, case, desk.cast.carla, Escalated("escalate", None, ""))
        assert desk.mails("final_demand_sent") == {"Carla Rossi", "Chen Wei"}
        collecting.give_up(
            desk.session,
            desk.engine,
            case_of(desk, customer),
            "The debtor cannot be found",
            desk.cast.carla.id,
        )
        desk.session.commit()
        case = case_of(desk, customer)
        assert (case.status, case.close_note) == ("given_up", "The debtor cannot be found")
        work(desk)
        assert case_of(desk, customer).id == case.id, "what was given up is not collected again"
    with on(after(20)):
        make_invoice(desk.session, customer, 60, after(12))
        desk.session.commit()
        work(desk)
        assert case_of(desk, customer).id != case.id, "a new debt is"


def test_rows_that_are_written_together_stand_in_each_history_as_any_other(
    desk: Desk, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_customer(desk.session, "Later", branch_id=desk.cast.north.id, sales_rep_id=desk.cast.sara.id)
    told = []
    for one, bulk in ((customer, True), (other, False)):
        one.contacts.append(Contact(name="Ada Post", email=f"{one.id}@late.example"))
        make_invoice(desk.session, one, 900, TODAY)
        desk.session.commit()
        monkeypatch.setattr(together, "is_bulk", lambda _session, bulk=bulk: bulk)
        for days in (3, 15):
            with on(after(days)):
                desk.session.add(CollectionSignal(customer_id=one.id, cause="ladder"))
                desk.session.commit()
                assert collecting.move_some(desk.session, desk.engine) == 1
                desk.session.commit()
        case = case_of(desk, one)
        query = select(History.payload).where(History.instance_id == case.instance_id).order_by(History.seq)
        events = [orjson.loads(payload or "{}") for payload in desk.session.scalars(query)]
        changes = [change for payload in events for change in payload.get("changes", [])]
        told.append([(row["table"], row["op"], sorted(row["after"])) for row in changes])
        query = select(DunningLetter).where(DunningLetter.customer_id == one.id).order_by(DunningLetter.id)
        letters = desk.session.scalars(query).all()
        assert [(row.level, len(row.items)) for row in letters] == [("friendly_notice", 1), ("letter_1", 1)]
        written = select(CollectionContact.note).where(CollectionContact.case_id == case.id)
        assert set(desk.session.scalars(written)) == {row.number for row in letters}
        assert len(case.moves) == 2
    assert told[0] == told[1]
    assert {"collection_move", "dunning_letter", "collection_contact"} <= {row[0] for row in told[0]}


def test_a_case_that_cannot_be_moved_holds_up_no_other_and_waits_for_a_person(
    desk: Desk, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_customer(desk.session, "Other", branch_id=desk.cast.north.id)
    for one in (customer, other):
        make_invoice(desk.session, one, 500, after(-4))
    desk.session.commit()
    real = desk.engine.start

    def broken(session: Any, process: str, subject_id: int, *rest: Any) -> Any:
        if session.get_one(CollectionCase, subject_id).customer_id == other.id:
            raise RuntimeError("no luck")
        return real(session, process, subject_id, *rest)

    monkeypatch.setattr(desk.engine, "start", broken)
    with on(TODAY):
        work(desk)
        case = case_of(desk, customer)
        assert (case.stage, steps(desk, case)) == ("friendly_notice", [("friendly_notice", "ladder")])
        assert desk.session.scalars(select(DunningLetter.customer_id)).all() == [customer.id], "one letter"
        assert desk.session.scalars(select(Instance.id)).all() == [case.instance_id]
        (signal,) = desk.session.scalars(select(CollectionSignal))
        assert (signal.attempts, signal.held, signal.last_error) == (1, False, "RuntimeError: no luck")
        assert work(desk) == 0, "not due again yet"
    for day in range(1, 8):
        with on(after(day)):
            work(desk, run=False)
    desk.session.refresh(signal)
    assert (signal.attempts, signal.held) == (8, True)
    (run,) = desk.session.scalars(select(CollectionRun))
    assert (run.found, run.ended_at, collecting.progress_of(desk.session, run)) == (2, None, 1)
