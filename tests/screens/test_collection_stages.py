"""The stages of collection through the screens: every outcome that their diagrams draw."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from credit_app import collecting, jobs, starting
from credit_app.domain.worklist import script_of
from credit_app.models import (
    CollectionCase,
    CreditApplication,
    Customer,
    ItemMark,
    ReceivableItem,
    policy_values,
)
from credit_app.models.dunning import DunningLetter
from credit_app.screens.acting import engine
from tests.factories import (
    TODAY,
    allocate,
    make_customer,
    make_invoice,
    make_limit,
    make_policy,
    make_receipt,
)
from tests.screens.desk import Desk
from tests.screens.flows import covers
from workflows import clock
from workflows.outbox import Posted
from workflows.tables import Outbox


def debtor(desk: Desk, days: int, amount: int = 900) -> tuple[Customer, ReceivableItem]:
    """A customer of the north with a debt so many days past due."""
    make_policy(desk.session, "ledger.key_customers", 0)
    customer = make_customer(desk.session, "Late & Sons", branch_id=desk.cast.north.id, country="DE")
    item = make_invoice(desk.session, customer, amount, TODAY - timedelta(days=days))
    desk.session.commit()
    return customer, item


@contextmanager
def on(desk: Desk, days: int) -> Iterator[None]:
    """So many days later, after the worker has looked."""
    later = TODAY + timedelta(days=days)
    with clock.at(datetime(later.year, later.month, later.day, 7, tzinfo=UTC)):
        work(desk)
        yield


def work(desk: Desk) -> None:
    jobs.run_collection(desk.app)
    jobs.move_cases(desk.app)
    desk.fresh()


def case_of(desk: Desk, customer: Customer) -> CollectionCase:
    desk.fresh()
    return (
        desk.session.query(CollectionCase)
        .filter_by(customer_id=customer.id)
        .order_by(CollectionCase.id.desc())
        .first()
    )  # type: ignore[return-value]


def do(desk: Desk, person: Any, case: CollectionCase, node: str, **values: Any) -> Any:
    """The person opens the task of the case and answers it."""
    page = desk.at_task(person, case, node)  # type: ignore[arg-type]
    return desk.went_well(page.form("/tasks/").fill(**values).send())


def stages_read(desk: Desk, case: CollectionCase) -> list[str]:
    """The stage of the one open case as its page, the list, the worklist and the export have it."""
    mark = "//span[contains(@class, 'cd-status')]//text()"
    pages = (f"/collection/cases/{case.number}", "/collection/stages", "/collection?scope=all")
    where = ("//header", f"//tr[contains(., '{case.number}')]", f"//tr[contains(., '{case.number}')]")
    read = [desk.get(desk.cast.carla, page).all(part + mark) for page, part in zip(pages, where, strict=True)]
    sent = desk.get(desk.cast.carla, "/collection/worklist.csv?scope=all").raw.decode("utf-8-sig")
    line = next(row for row in csv.DictReader(sent.splitlines()) if row["Case"] == case.number)
    return [*("".join(found).strip() for found in read), line["Stage"]]


@covers(
    "collection/to_note_clearing", "collection_stages/early", "collection_stages/not_early", "collection_stages/firm",
    "collection_stages/not_firm", "collection_stages/hard", "early_collection/notice", "early_collection/call",
    "early_collection/to_call_dropped", "firm_collection/first_letter", "firm_collection/second_letter",
    "firm_collection/visit", "hard_collection/ask", "hard_collection/escalate", "hard_collection/demand",
    "hard_collection/lawyer", "hard_collection/to_letter_dropped", "hard_collection/to_others",
)  # fmt: skip
def test_a_debtor_goes_from_the_first_notice_to_an_agency_and_pays(desk: Desk) -> CollectionCase:
    cast = desk.cast
    customer, item = debtor(desk, 0)
    with on(desk, 3):
        case = case_of(desk, customer)
        assert case.stage == "friendly_notice"
    with on(desk, 7):
        page = desk.at_task(cast.cole, case, "call_customer")  # type: ignore[arg-type]
        assert "Call Late & Sons" in page.heading
        refused = page.form("/tasks/").fill(choice="refused", reached="").send()
        assert "Say whom you spoke with." in refused.text
        do(
            desk,
            cast.cole,
            case,
            "call_customer",
            choice="refused",
            reached="Ms Late",
            note="Will not pay",
            reason_code="will_not_pay",
        )
        assert case_of(desk, customer).reason_code == "will_not_pay"
    desk.timers(13)
    with on(desk, 15):  # the next call was open
        assert case_of(desk, customer).stage == "letter_1"
    for days, stage in ((30, "letter_2"), (45, "visit"), (62, "final_demand")):
        with on(desk, days):
            assert case_of(desk, customer).stage == stage
    with on(desk, 63):
        assert desk.who_sees(case) == {"Carla Rossi", "Chen Wei"}  # type: ignore[arg-type]
        assert stages_read(desk, case) == ["final demand proposed"] * 4
        words = script_of(policy_values(desk.session, TODAY), "visit", "en")
        assert words in desk.get(cast.carla, f"/collection/cases/{case.number}").text, "of what has begun"
        do(desk, cast.carla, case, "agree_escalation", choice="escalate")
        assert stages_read(desk, case) == ["final demand"] * 4, "nobody has to agree any more"
        page = desk.get(cast.carla, f"/collection/cases/{case.number}")
        first = page.all("//tr[contains(., 'escalation agreed')]//text()")
        assert {"escalation agreed", "Carla Rossi", "final demand"} <= {text.strip() for text in first}
    with on(desk, 76):
        do(desk, cast.chen, case, "agree_escalation", choice="escalate")
        letter = desk.at_task(cast.lena, case, "send_lawyers_letter")  # type: ignore[arg-type]
        assert "Send Late & Sons the lawyer's letter." in letter.heading
    with on(desk, 90):
        assert case_of(desk, customer).stage == "agency"
        do(desk, cast.carla, case, "agree_escalation", choice="escalate")
        assert desk.task_ids(case) == set()  # type: ignore[arg-type]
    with on(desk, 91):
        allocate(desk.session, make_receipt(desk.session, customer, 900, TODAY + timedelta(days=91)), item)
        desk.session.commit()
        work(desk)
    levels = desk.session.scalars(select(DunningLetter.level).where(DunningLetter.customer_id == customer.id))
    assert sorted(levels) == ["final_demand", "friendly_notice", "letter_1", "letter_2"]
    case = case_of(desk, customer)
    assert (case.status, case.closed_on) == ("cleared", TODAY + timedelta(days=91))
    return case


@covers(
    "hard_collection/to_escalation_dropped", "collection_stages/not_hard", "collection_stages/paused",
    "collection_stages/given_up",
)  # fmt: skip
def test_a_promise_drops_the_question_and_a_paused_case_is_given_up(desk: Desk) -> CollectionCase:
    customer, item = debtor(desk, 62)
    with on(desk, 0):
        case = case_of(desk, customer)
        assert desk.who_sees(case) == {"Carla Rossi", "Chen Wei"}  # type: ignore[arg-type]
        due = TODAY + timedelta(days=5)
        desk.session.add(
            ItemMark(
                item_id=item.id,
                kind="promised",
                amount=900,
                marked_on=TODAY,
                due_on=due,
                reason="By telephone",
            )
        )
        desk.session.commit()
        work(desk)
        case = case_of(desk, customer)
        assert (case.stage, desk.task_ids(case)) == ("paused", set())  # type: ignore[arg-type]
        with desk.app.test_request_context():
            found = desk.session.get_one(CollectionCase, case.id)
            collecting.give_up(
                desk.session, engine(), found, "The debtor cannot be found", desk.cast.carla.id
            )
            desk.session.commit()
    case = case_of(desk, customer)
    assert case.status == "given_up"
    return case


@covers("hard_collection/do_not_ask", "hard_collection/wait")
def test_where_policy_asks_nobody_the_stage_begins_at_once_and_who_is_asked_may_wait(
    desk: Desk,
) -> CollectionCase:
    customer, _item = debtor(desk, 62)
    make_policy(desk.session, "collection.ask_first", ["lawyer_letter"])
    desk.session.commit()
    with on(desk, 0):
        case = case_of(desk, customer)
        assert (case.stage, desk.task_ids(case)) == ("final_demand", set())  # type: ignore[arg-type]
    with on(desk, 14):
        page = desk.at_task(desk.cast.carla, case, "agree_escalation")  # type: ignore[arg-type]
        refused = page.form("/tasks/").fill(choice="wait", until="2026-03-01", reason="They pay soon").send()
        assert "Give a day from tomorrow" in refused.text
        until = (TODAY + timedelta(days=16)).isoformat()
        do(
            desk,
            desk.cast.carla,
            case,
            "agree_escalation",
            choice="wait",
            until=until,
            reason="They pay soon",
        )
        assert desk.task_ids(case) == set()  # type: ignore[arg-type]
    desk.timers(17)
    assert desk.who_sees(case) == {"Carla Rossi", "Chen Wei"}  # type: ignore[arg-type]
    with on(desk, 18):
        do(desk, desk.cast.carla, case, "agree_escalation", choice="escalate")
        do(desk, desk.cast.lena, case, "send_lawyers_letter", note="The file is complete")
        levels = desk.session.scalars(
            select(DunningLetter.level).where(DunningLetter.customer_id == customer.id)
        )
        assert set(levels) == {"final_demand", "lawyer_letter"}
    return case_of(desk, customer)


def test_the_final_demand_begins_one_review_of_the_limit(desk: Desk) -> None:
    customer, _item = debtor(desk, 62)
    make_policy(desk.session, "collection.ask_first", ["lawyer_letter"])
    limit = make_limit(desk.session, customer)
    desk.session.commit()
    with on(desk, 0):
        case = case_of(desk, customer)
        assert case.stage == "final_demand"
        row = desk.session.scalars(select(Outbox).where(Outbox.recipient == "limit_review")).one()
        params = json.loads(row.params)
        asked = Posted(1, "one", None, "process", "limit_review", "", params, 0)
        with desk.app.test_request_context():
            first = starting.start(desk.session, desk.app.extensions["engine"], asked)
            assert (
                starting.start(desk.session, desk.app.extensions["engine"], asked) == first
            )  # one is under way
            none = {"customer_id": make_customer(desk.session, "No limit").id}
            nothing = replace(asked, params=params | none)
            assert starting.start(desk.session, desk.app.extensions["engine"], nothing).text == ""
            desk.session.commit()
        review = desk.session.scalars(select(CreditApplication)).one()
        assert (review.reviewed_limit_id, review.review_trigger) == (limit.id, "final_demand")
        assert first.text == review.number
        page = desk.get(desk.cast.carla, f"/applications/{review.number}")
        assert f"Collection {case.number} came to the final demand on 10 Mar 2026" in page.text
        # What is asked for after the case has ended begins nothing.
        review.status = "withdrawn"
        case.status, case.closed_on = "cleared", TODAY
        desk.session.commit()
        with desk.app.test_request_context():
            assert starting.start(desk.session, desk.app.extensions["engine"], asked).text == ""
