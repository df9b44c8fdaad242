"""A letter is written once: by the level that each debt reaches, over all that is due, from the books of the day."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.facts import interest_claims, ledger_items
from credit_app.facts.dunning import demand
from credit_app.facts.dunning_sending import post_printed
from credit_app.models import CollectionCase, CollectionContact, Contact, Customer, next_case_number
from credit_app.models.dunning import DunningItem, DunningLetter, DunningTemplate
from tests.factories import (
    NOW,
    TODAY,
    Cast,
    allocate,
    make_customer,
    make_invoice,
    make_policy,
    make_receipt,
)
from workflows import SYSTEM, Action, clock


def customer_with(session: Session, cast: Cast, **values: Any) -> Customer:
    given = {"country": "CN", "sales_rep": cast.sara, "branch_id": cast.north.id}
    customer = make_customer(session, "北风有限公司", **given | values)
    customer.contacts.append(Contact(name="Wang Li", role="Accounts", email="wang@north.example"))
    session.flush()
    return customer


def case_of(session: Session, customer: Customer, stage: str, oldest_due: date) -> CollectionCase:
    case = CollectionCase(
        number=next_case_number(session, "collection", TODAY.year), customer_id=customer.id, status="open",
        stage=stage, stage_on=TODAY, ladder="medium", opened_on=TODAY, seen_on=TODAY, oldest_due=oldest_due,
        amount=Decimal(100), currency="EUR",
    )  # fmt: skip
    session.add(case)
    session.flush()
    return case


def action_of(session: Session, case: CollectionCase, node: str = "send") -> Action:
    return Action(
        session, clock.now(), SYSTEM, "test", 1, "early_collection", node, case.id, {}, None, f"1:{node}",
        lambda _session, now: day_in_zone(now, "Europe/Berlin"),
    )  # fmt: skip


def named(letter: DunningLetter) -> dict[str, tuple[Decimal, bool]]:
    return {item.number: (item.claimed, item.demands) for item in letter.items}


def overdue(
    session: Session, customer: Customer, number: str, days: int, amount: str = "100.00", **values: Any
) -> Any:
    due = TODAY - timedelta(days=days)
    return make_invoice(session, customer, amount, due, number=number, **values)


def test_one_letter_over_all_due_debts_and_none_twice(session: Session, cast: Cast) -> None:
    customer = customer_with(session, cast)
    old = overdue(session, customer, "R-1", 16)
    overdue(session, customer, "R-2", 4, "50.00")
    overdue(session, customer, "R-3", 2, "20.00", currency="USD")
    overdue(session, customer, "R-9", 0)  # due today: not overdue
    case = case_of(session, customer, "letter_1", old.due_date)
    action = action_of(session, case)
    letter = demand(action, case, "letter_1")
    assert letter is not None
    assert (letter.status, letter.channel, letter.language, letter.case_id) == (
        "queued", "email", "zh_Hans_CN", case.id,
    )  # fmt: skip
    assert named(letter) == {"R-1": (100, True), "R-2": (50, False), "R-3": (20, False)}
    assert [(one["currency"], one["to_pay"]) for one in letter.totals] == [
        ("EUR", "150.00"),
        ("USD", "20.00"),
    ]
    assert letter.pay_by == date(2026, 3, 20)
    assert "R-1" not in letter.body  # the items are no part of the text
    assert "北风有限公司" not in letter.subject
    assert letter.body.startswith("尊敬的Wang Li：")
    posted = [(row.channel, row.recipient, row.template) for row in action.outbox]
    assert posted == [
        ("mail", f"contact:{customer.contacts[0].id}", "dunning_letter"),
        ("mail", f"person:{cast.sara.id}", "dunning_sales_told"),
    ]
    [contact] = session.scalars(select(CollectionContact))
    assert (contact.channel, contact.outcome, contact.note, contact.case_id) == (
        "email", "sent", letter.number, case.id,
    )  # fmt: skip
    again = action_of(session, case)
    assert demand(again, case, "letter_1") is None
    assert demand(again, case, "friendly_notice") is not None  # for R-2, which no letter has demanded
    assert demand(again, case, "friendly_notice") is None
    assert again.notes["no_letter"] == {"level": "friendly_notice"}


def test_a_skipped_level_is_not_sent_later_and_a_new_debt_gets_its_own(session: Session, cast: Cast) -> None:
    customer = customer_with(session, cast, country="DE")
    old = overdue(session, customer, "R-1", 35)
    younger = overdue(session, customer, "R-2", 10)
    case = case_of(session, customer, "letter_2", old.due_date)
    letter = demand(action_of(session, case), case, "letter_2")
    assert letter is not None
    assert named(letter) == {"R-1": (100, True), "R-2": (100, False)}
    assert letter.language == "en"
    assert all(item.interest > 0 for item in letter.items)
    session.commit()
    with clock.at(NOW + timedelta(days=6)):
        assert demand(action_of(session, case), case, "letter_2") is None
        receipt = make_receipt(session, customer, "100.00", TODAY)
        allocate(session, receipt, old)
        case.stage, case.oldest_due = "letter_1", younger.due_date
        first = demand(action_of(session, case), case, "letter_1")
        assert first is not None
        assert named(first) == {"R-2": (100, True)}
    # A broken promise moves the case up before its days: the debt that has brought it there is demanded.
    with clock.at(NOW + timedelta(days=7)):
        case.stage = "letter_2"
        second = demand(action_of(session, case), case, "letter_2")
        assert second is not None
        assert named(second) == {"R-2": (100, True)}


def test_disputed_and_promised_parts_are_left_out_and_named(session: Session, cast: Cast) -> None:
    customer = customer_with(session, cast, country="GB")
    disputed = overdue(session, customer, "R-1", 5)
    promised = overdue(session, customer, "R-2", 5, "80.00")
    ledger_items.mark_item(session, disputed, "disputed", Decimal(30), TODAY, "Damaged", TODAY)
    ledger_items.mark_item(
        session, promised, "promised", Decimal(80), TODAY, "", TODAY, due_on=TODAY + timedelta(days=3)
    )
    case = case_of(session, customer, "friendly_notice", disputed.due_date)
    session.commit()
    letter = demand(action_of(session, case), case, "friendly_notice")
    assert letter is not None
    assert named(letter) == {"R-1": (70, True), "R-2": (0, False)}
    assert "Not claimed: EUR 30.00 of R-1, which you dispute." in letter.body
    assert "Not claimed: EUR 80.00 of R-2, which you promised to pay." in letter.body
    session.rollback()
    make_receipt(session, customer, "70.00", TODAY)  # on account: it is there, only not allocated
    assert demand(action_of(session, case), case, "friendly_notice") is None
    # The promised day and its grace are over: nothing holds the debt back any more.
    with clock.at(NOW + timedelta(days=5)):
        letter = demand(action_of(session, case), case, "friendly_notice")
        assert letter is not None
        assert letter.totals[0]["credit"] == "70.00"
        assert named(letter) == {"R-1": (70, True), "R-2": (80, True)}
        assert letter.totals[0]["to_pay"] == "80.00"


def test_who_has_no_address_gets_paper_and_a_number_without_country_no_sms(
    session: Session, cast: Cast
) -> None:
    reached = {}
    for name, contact in {
        "nobody": None,
        "national": Contact(name="A", phone="040 1234567"),
        "abroad": Contact(name="B", phone="+49 (0)171 1234567"),
    }.items():
        customer = make_customer(session, name, sales_rep=cast.sara)
        if contact:
            customer.contacts.append(contact)
        case = case_of(session, customer, "friendly_notice", overdue(session, customer, name, 4).due_date)
        action = action_of(session, case)
        letter = demand(action, case, "friendly_notice")
        assert letter is not None
        reached[name] = (
            letter.channel,
            letter.status,
            letter.address,
            [row.channel for row in action.outbox],
        )
        assert letter.subject if letter.channel == "letter" else not letter.subject
    assert reached == {
        "nobody": ("letter", "to_print", "nobody\nGermany", []),
        "national": ("letter", "to_print", "national\nGermany", []),
        "abroad": ("sms", "queued", "+491711234567", ["sms"]),
    }
    letters = session.scalars(select(DunningLetter).where(DunningLetter.status == "to_print")).all()
    assert len(post_printed(session, letters, TODAY, cast.cole.id)) == 2
    assert post_printed(session, letters, TODAY, cast.cole.id) == []


def test_the_database_keeps_one_demand_a_level_and_what_went_out(session: Session, cast: Cast) -> None:
    make_policy(session, "dunning.review_levels", ["letter_1"])
    customer = customer_with(session, cast)
    item = overdue(session, customer, "R-1", 16)
    case = case_of(session, customer, "letter_1", item.due_date)
    proposed = demand(action_of(session, case), case, "letter_1")
    notice = demand(action_of(session, case), case, "friendly_notice")
    assert proposed is not None
    assert proposed.status == "proposed"
    assert notice is None  # the harsher letter demands it already
    other = customer_with(session, cast)
    debt = overdue(session, other, "R-2", 5)
    its_case = case_of(session, other, "friendly_notice", debt.due_date)
    sent = demand(action_of(session, its_case), its_case, "friendly_notice")
    assert sent is not None
    session.add(
        DunningTemplate(level="letter_1", language="en", channel="sms", version=1, body="Pay {total}")
    )
    session.commit()
    row = {column.name: getattr(sent.items[0], column.name) for column in DunningItem.__table__.columns}
    second = DunningLetter(
        number="DUN-X", customer_id=other.id, level="friendly_notice", language="en", channel="letter",
        status="proposed", letter_on=TODAY, pay_by=TODAY, body="x", totals=[], sender=[], accounts=[],
    )  # fmt: skip
    session.add(second)
    session.flush()
    with pytest.raises(IntegrityError, match="uq_dunning_item_demand"):
        session.execute(insert(DunningItem), [row | {"letter_id": second.id}])
    session.rollback()
    for statement in (
        update(DunningLetter).where(DunningLetter.id == sent.id).values(body="We forgive you"),
        update(DunningLetter).where(DunningLetter.id == sent.id).values(totals=[]),
        update(DunningItem).where(DunningItem.letter_id == sent.id).values(claimed=1),
        delete(DunningItem).where(DunningItem.letter_id == sent.id),
        update(DunningTemplate).values(body="Pay {company}"),
    ):
        with pytest.raises(DBAPIError, match=r"never changed|stands"):
            session.execute(statement)
        session.rollback()
    session.execute(update(DunningItem).where(DunningItem.letter_id == proposed.id).values(claimed=1))


def test_interest_that_was_claimed_before_is_not_claimed_again_by_a_letter(
    session: Session, cast: Cast
) -> None:
    customer = customer_with(session, cast, country="DE")
    item = overdue(session, customer, "R-1", 35, "5000.00")
    case = case_of(session, customer, "letter_2", item.due_date)
    interest_claims.claim(session, customer, [item.id], TODAY, cast.rita.id)
    session.commit()
    letter = demand(action_of(session, case), case, "letter_2")
    assert letter is not None
    [named_item] = [one for one in letter.items if one.number == "R-1"]
    assert (named_item.interest, named_item.fee) == (0, 0)
