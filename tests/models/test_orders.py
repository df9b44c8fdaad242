"""Orders: what the check reads of a customer, messages twice and out of order, one limit for two orders at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from threading import Event
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from credit_app import orders
from credit_app.db import make_engine
from credit_app.facts.blacklist import blacklisted
from credit_app.facts.customer_file_state import file_state
from credit_app.facts.exposure import group_of, weigh
from credit_app.facts.exposure_parts import exposure_of
from credit_app.facts.group_tree import group_tree
from credit_app.facts.order_check import check_order
from credit_app.facts.order_reading import Asked, facts_of, policies
from credit_app.facts.order_releases import used_of
from credit_app.models import BlacklistEntry, CreditLimit, Customer, ItemMark, MissingRate
from credit_app.models.holds import CustomerHold
from credit_app.models.orders import OrderCheck, OrderMessage, OrderRelease, SalesOrder
from credit_app.models.promises import PromiseToPay
from credit_app.models.security import CustomerDocument
from tests.factories import (
    NOW,
    TODAY,
    Cast,
    make_application,
    make_complete_file,
    make_customer,
    make_invoice,
    make_limit,
    make_rate,
    make_rating,
    make_receipt,
)
from tests.models.test_exposure_parts import secure
from workflows import clock

D = Decimal
MINUTE = timedelta(minutes=1)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def customer(session: Session, cast: Cast) -> Customer:
    """A limit of 50,000 and 10,000 owed, not due yet."""
    found = make_customer(session, "Nordwind GmbH", registration_number="HRB 4711")
    make_complete_file(session, found)
    make_rating(session, found)
    make_limit(session, found, 50_000)
    make_invoice(session, found, 10_000, TODAY + timedelta(days=5))
    return found


def asked(customer: Customer, amount: int = 1_000, currency: str = "EUR", **changes: Any) -> Asked:
    return replace(Asked(customer.id, D(amount), currency, 30, "open_account"), **changes)


def message(customer: Customer, name: str = "A-1", amount: int = 1_000, **changes: Any) -> orders.Message:
    given = orders.Message(
        name, customer.id, D(amount), "EUR", 30, "open_account", TODAY, None, D(0), D(0), "open", 1
    )
    return replace(given, **changes)


def tell(session: Session, given: orders.Message, days: int = 0) -> orders.Taken:
    orders.hold_customers(session, [given.customer_id])
    day, now = TODAY + timedelta(days=days), NOW + timedelta(days=days)
    return orders.take(session, "erp", given, day, now)


def test_the_check_measures_exposure_as_the_customers_page_does(session: Session, customer: Customer) -> None:
    parent, sister = make_customer(session, "Holding"), make_customer(session, "Südwind GmbH")
    customer.parent_id = sister.parent_id = parent.id
    make_rate(session, "EUR", "USD", "1.25")
    make_limit(session, parent, 100_000, currency="USD")
    make_invoice(session, sister, 5_000, TODAY, currency="USD")
    make_receipt(session, customer, 700)
    for kind, amount, more in (
        ("deposit", 300, {}),
        ("guarantee", 1_000, {"haircut": D("0.2")}),
        ("insurance", 4_000, {"cover": D("0.9")}),
        ("guarantee", 9_000, {"expires_on": TODAY - timedelta(days=1)}),
        ("guarantee", 9_000, {"status": "required", "confirmed_by": None, "confirmed_at": None}),
    ):
        secure(session, customer, kind, amount, **more)
    tell(session, message(customer, "A-1", 2_000, delivered=D(500), invoiced=D(200)))
    tell(session, message(sister, "A-2", 900, method="prepayment"))
    session.flush()
    exposure = exposure_of(session, customer, TODAY)
    assert exposure.parts.amounts.orders_confirmed == 1_500
    assert exposure.parts.amounts.delivered_not_invoiced == 300

    facts = facts_of(session, asked(customer, 125, "USD"), TODAY, policies(session, TODAY))
    assert facts.amount == 100
    assert facts.net == exposure.net
    assert facts.own is not None
    assert exposure.own is not None
    assert (facts.own.limit, facts.own.net) == (exposure.own.amount, exposure.own.net)
    assert [(one.whose, one.limit, one.net) for one in facts.groups] == [
        (bound.customer.name, bound.amount, bound.net) for bound in exposure.groups
    ]
    state = file_state(session, customer, TODAY)
    assert facts.missing == tuple(gap.sentence for gap in state.missing)
    assert facts.stale == tuple(gap.sentence for gap in state.stale)
    with pytest.raises(MissingRate, match="GBP"):
        check_order(session, asked(customer, 125, "GBP"), TODAY)


def test_what_authority_is_measured_on_counts_orders_as_every_exposure_does(
    session: Session, customer: Customer, cast: Cast
) -> None:
    sister = make_customer(session, "Südwind GmbH", parent_id=customer.id)
    make_receipt(session, customer, 700)
    make_rate(session, "EUR", "USD", "1.25")
    for given in (
        message(customer, "A-1", 3_000),
        message(customer, "A-2", 2_000, delivered=D(1_500), invoiced=D(300)),  # 500 to come, 1,200 to invoice
        message(customer, "A-3", 90_000),  # on hold: not confirmed
        message(customer, "A-4", 8_000, method="prepayment"),
        message(sister, "B-1", 1_000, currency="USD", delivered=D(1_000)),  # no limit; delivered all the same
    ):
        tell(session, given)
    found = {one.customer_id: one for one in group_of(session, customer.id, "EUR", TODAY)}
    assert found[customer.id].exposure == 10_000 + 3_000 + 500 + 1_200
    assert found[sister.id].exposure == 800
    for one in (customer, sister):
        assert found[one.id].exposure == exposure_of(session, one, TODAY).gross
    tree = group_tree(session, customer, TODAY)
    assert [member.exposure for member in tree.members] == [14_000, 800]  # net of the receipt
    assert tree.exposure == exposure_of(session, customer, TODAY).groups[0].net == 14_800
    application = make_application(session, sister, cast.sara, 500)
    make_rating(session, sister, application_id=application.id)
    weight = weigh(session, application, TODAY).resulting
    assert {one.customer_id: (one.amount, one.because) for one in weight.members} == {
        customer.id: (50_000, "limit"), sister.id: (800, "exposure"),
    }  # fmt: skip


def test_what_is_overdue_counts_without_what_is_disputed_or_promised(
    session: Session, customer: Customer
) -> None:
    late, old = TODAY - timedelta(days=20), TODAY - timedelta(days=90)
    make_invoice(session, customer, 1_000, late)
    half = make_invoice(session, customer, 500, old)
    make_invoice(session, customer, 800, old, disputed=True)
    session.add(ItemMark(item_id=half.id, kind="disputed", amount=D(500), marked_on=late, reason="quality"))
    make_rating(session, customer, "CC")
    hold = CustomerHold(
        number="HLD-1", customer_id=customer.id, status="proposed", scope="above", from_amount=D(9_000),
        currency="EUR", ground="late", notice_days=0, delivered_on=late, noticed_on=late,
    )  # fmt: skip
    session.add(hold)
    session.flush()
    facts = facts_of(session, asked(customer), TODAY, policies(session, TODAY))
    assert (facts.overdue, facts.oldest_overdue_days, facts.grade, facts.hold) == (1_000, 20, "CC", None)
    assert facts.owed == 12_300


def test_what_orders_warn_of_is_read_as_of_the_day(session: Session, customer: Customer, cast: Cast) -> None:
    flagged = make_invoice(session, customer, 3_000, TODAY + timedelta(days=5), disputed=True)
    half = make_invoice(session, customer, 2_000, TODAY + timedelta(days=5))
    make_invoice(session, customer, 1_000, TODAY + timedelta(days=5))
    for kind, amount, on in (("disputed", 400, TODAY), ("promised", 500, TODAY), ("disputed", 100, TOMORROW)):
        due = {"due_on": TOMORROW} if kind == "promised" else {}
        session.add(ItemMark(item_id=half.id, kind=kind, amount=D(amount), marked_on=on, reason="x", **due))
    for number, (status, closed) in enumerate(
        (("broken", -1), ("broken", -400), ("kept", -1), ("broken", 1))
    ):
        session.add(
            PromiseToPay(
                number=f"P-{number}", customer_id=customer.id, status=status, amount=D(100), currency="EUR",
                promised_on=TODAY - timedelta(days=500), due_on=TODAY - timedelta(days=480), promised_by="Ann",
                channel="call", closed_on=TODAY + timedelta(days=closed),
            )
        )  # fmt: skip
    secure(session, customer, "guarantee", 1_000, haircut=D("0.2"), expires_on=TODAY + timedelta(days=20))
    secure(session, customer, "insurance", 5_000, cover=D("0.9"), expires_on=TODAY + timedelta(days=30))
    secure(session, customer, "deposit", 300)
    secure(session, customer, "guarantee", 70, expires_on=TODAY - timedelta(days=1))
    make_rate(session, "EUR", "USD", "1.25")
    for name, amount, more in (
        ("A-1", 400, {}), ("A-2", 500, {"currency": "USD"}), ("A-3", 1_000, {"status": "cancelled"}),
        ("A-4", 90_000, {}), ("A-5", 1_000, {}),
    ):  # fmt: skip
        order = tell(session, message(customer, name, amount, **more)).order
    session.flush()
    facts = facts_of(session, asked(customer), TODAY, policies(session, TODAY))
    assert (flagged.amount, facts.disputed, facts.broken_promises) == (3_000, 3_400, 1)
    assert [(one.worth, (one.expires_on - TODAY).days) for one in facts.securities] == [
        (800, 20),
        (4_500, 30),
    ]
    assert (facts.usual, facts.usual_number) == (D(400 + 400 + 1_000) / 3, 3)
    assert facts.review_on == TODAY + timedelta(days=150)
    rest = facts_of(session, asked(customer, order_id=order.id), TODAY, policies(session, TODAY))
    assert (rest.usual, rest.usual_number) == (400, 2)  # not compared with itself


@pytest.mark.parametrize(
    ("entry", "barred"),
    [
        ({"customer": True}, True),
        ({"registration_number": "hrb-4711"}, True),
        ({"registration_number": "hrb-4711", "country": "FR"}, False),
        ({"name": "nordwind  gmbh".replace("  ", " ")}, True),
        ({"name": "Nordwind GmbH", "registration_number": "HRB 1"}, False),
        ({"customer": True, "valid_to": TODAY - timedelta(days=1)}, False),
    ],
)
def test_the_blacklist_bars_as_it_does_elsewhere(
    session: Session, customer: Customer, cast: Cast, entry: dict[str, Any], barred: bool
) -> None:
    named = {"customer_id": customer.id} if entry.pop("customer", False) else {}
    session.add(
        BlacklistEntry(
            **named | {"valid_from": TODAY - timedelta(days=9)} | entry, ground="fraud", source="court",
            added_by=cast.ada.id,
        )
    )  # fmt: skip
    session.flush()
    assert facts_of(session, asked(customer), TODAY, policies(session, TODAY)).blacklisted is barred
    assert (blacklisted(session, TODAY, customer=customer) is not None) is barred


def test_messages_twice_out_of_order_or_about_another_customer(session: Session, customer: Customer) -> None:
    first = message(customer, amount=30_000, sequence=5)
    taken = tell(session, first)
    assert (taken.result, taken.order.outcome) == ("new", "pass")
    again = tell(session, first)
    assert (again.result, again.last.id) == ("same", taken.last.id)
    assert tell(session, message(customer, amount=99_000, sequence=4)).result == "older"
    with pytest.raises(orders.OrderRefused, match="said something else") as refused:
        tell(session, message(customer, amount=31_000, sequence=5))
    assert refused.value.field == "sequence"
    with pytest.raises(orders.OrderRefused, match="another customer"):
        tell(session, message(make_customer(session), amount=30_000, sequence=6))
    assert taken.order.amount == 30_000
    assert session.scalar(select(func.count()).select_from(OrderMessage)) == 1
    raised = tell(session, message(customer, amount=41_000, sequence=6))
    # 10,000 owed and 41,000 ordered are within the tolerance above 50,000: the order is not counted twice.
    assert (raised.result, raised.order.outcome) == ("changed", "warn")
    for wrong in (
        {"amount": D(0)},
        {"deliver_on": TODAY - timedelta(days=1)},
        {"ordered_on": TODAY + timedelta(days=2)},
    ):
        with pytest.raises(orders.OrderRefused):
            tell(session, message(customer, "A-9", **wrong))


def test_an_order_on_hold_is_freed_by_what_makes_room(
    session: Session, customer: Customer, cast: Cast
) -> None:
    customer.sales_rep_id = cast.sara.id
    assert tell(session, message(customer, "A-1", 30_000)).order.outcome == "pass"
    held = tell(session, message(customer, "A-2", 20_000))
    assert held.order.is_held
    assert [one["rule"] for one in held.last.findings] == ["over_limit"]
    # What is on hold is not confirmed, and takes no room from others.
    assert tell(session, message(customer, "A-3", 1_000)).order.outcome == "pass"

    look = lambda: orders.look_again(session, held.order.id)  # noqa: E731
    assert look() is False
    assert session.scalar(select(func.count()).where(OrderCheck.order_id == held.order.id)) == 1
    make_receipt(session, customer, 10_000)
    assert look() is True
    assert held.order.outcome == "warn"
    assert [one.cause for one in held.order.checks] == ["message", "recheck"]
    posted = session.connection().exec_driver_sql("SELECT recipient, template FROM outbox").all()
    assert posted == [(f"person:{cast.sara.id}", orders.TOLD)]


def default(session: Session, customer: Customer) -> None:
    customer.status = "in_default"


def stop(session: Session, customer: Customer) -> None:
    paper = CustomerDocument(
        customer_id=customer.id, kind="other", filename="a.pdf", content_type="application/pdf", size=1,
        sha256="0" * 64, content=b"x", uploaded_at=NOW,
    )  # fmt: skip
    session.add(paper)
    session.flush()
    hold = CustomerHold(
        number="HLD-1", customer_id=customer.id, status="active", scope="all", ground="late", notice_days=0,
        delivered_on=TODAY, noticed_on=TODAY, held_from=TODAY, document_id=paper.id,
    )  # fmt: skip
    session.add(hold)


def bar(session: Session, customer: Customer, cast: Cast) -> None:
    entry = BlacklistEntry(
        name=customer.name, ground="fraud", source="own books", valid_from=TODAY, added_by=cast.carla.id,
        added_at=NOW + MINUTE,
    )  # fmt: skip
    session.add(entry)


@pytest.mark.parametrize("why", ["limit", "parent", "ended", "default", "stop", "bar"])
def test_an_order_that_passed_is_held_by_what_has_changed_since(
    session: Session, customer: Customer, cast: Cast, why: str
) -> None:
    customer.sales_rep_id, customer.parent_id = cast.sara.id, make_customer(session, "Holding").id
    orders_of = {
        name: tell(session, message(customer, name, amount)).order
        for name, amount in (("A-1", 5_000), ("A-2", 9_000))
    }
    tell(session, message(customer, "A-3", 100, delivered=D(100)))  # nothing is left of it
    with clock.at(NOW + 10 * MINUTE):
        assert orders.changed_now(session) == []
    # The limit leaves room for the older order only; everything else is for both.
    if why == "limit":
        make_limit(session, customer, 15_000, kind="temporary", created_at=NOW + MINUTE)
    elif why == "parent":
        make_limit(session, customer.parent, 15_000, created_at=NOW + MINUTE)
    elif why == "ended":
        (limit,) = session.scalars(select(CreditLimit))
        limit.valid_to = TODAY
    elif why == "bar":
        bar(session, customer, cast)
    else:
        {"default": default, "stop": stop}[why](session, customer)
    session.flush()
    day = timedelta(days=1 if why == "ended" else 0)
    with clock.at(NOW + day + 10 * MINUTE):
        found = orders.changed_now(session)
        assert found == [orders_of["A-2"].id, orders_of["A-1"].id]
        looked = [orders.look_again(session, one) for one in found]
        assert orders.changed_now(session) == []
    assert looked == [True, why not in ("limit", "parent")]
    posted = session.connection().exec_driver_sql("SELECT DISTINCT recipient, template FROM outbox").all()
    assert posted == [(f"person:{cast.sara.id}", orders.TOLD_HELD)]


def test_orders_to_be_delivered_far_off_do_not_all_fit_when_their_day_comes_near(
    session: Session, customer: Customer
) -> None:
    far = TODAY + timedelta(days=92)  # beyond the horizon: each is measured alone
    first, second = (
        tell(session, message(customer, n, 30_000, deliver_on=far)).order for n in ("A-1", "A-2")
    )
    assert [first.outcome, second.outcome] == ["pass", "pass"]
    with clock.at(NOW + timedelta(days=1)):
        assert orders.changed_now(session) == []
    with clock.at(NOW + timedelta(days=2)):
        found = orders.changed_now(session)
        assert found == [second.id, first.id]
        assert [orders.look_again(session, one) for one in found] == [True, False]
        assert orders.changed_now(session) == []


def test_a_new_grade_has_orders_that_pass_looked_at_once(session: Session, customer: Customer) -> None:
    order = tell(session, message(customer)).order
    make_rating(session, customer, "C", rated_at=NOW + MINUTE)
    session.flush()
    with clock.at(NOW + 2 * MINUTE):
        assert orders.changed_now(session) == [order.id]
        assert orders.look_again(session, order.id) is False
        assert orders.changed_now(session) == []


def test_a_release_frees_its_order_until_it_is_used_and_a_customers_up_to_its_amount(
    session: Session, customer: Customer, cast: Cast
) -> None:
    held = tell(session, message(customer, "A-1", 60_000)).order
    once = OrderRelease(
        number="REL-1", customer_id=customer.id, order_id=held.id, kind="once", status="active",
        rules=["over_limit"], amount=D(60_000), currency="EUR", ground="ok", decided_on=TODAY,
    )  # fmt: skip
    session.add(once)
    session.flush()
    orders.recheck(session, held, "release", TODAY, NOW)
    assert (held.outcome, held.release_id, held.is_held) == ("warn", once.id, False)
    assert exposure_of(session, customer, TODAY).parts.amounts.orders_confirmed == 60_000
    # A part delivered changes nothing; a raised order is more than was released.
    assert (
        tell(session, message(customer, "A-1", 60_000, delivered=D(20_000), sequence=2)).order.outcome
        == "warn"
    )
    raised = tell(session, message(customer, "A-1", 60_001, delivered=D(20_000), sequence=3)).order
    assert raised.is_held
    assert (
        tell(session, message(customer, "A-1", 60_000, delivered=D(20_000), sequence=4)).order.outcome
        == "warn"
    )
    done = tell(
        session,
        message(
            customer, "A-1", 60_000, delivered=D(60_000), invoiced=D(60_000), status="closed", sequence=5
        ),
    )
    assert done.order.outcome == "pass"
    up_to = OrderRelease(
        number="REL-2", customer_id=customer.id, kind="up_to", up_to_amount=D(100_000), status="active",
        rules=["over_limit"], amount=D(100_000), currency="EUR", ground="ok", decided_on=TODAY,
        valid_until=TODAY + timedelta(days=1),
    )  # fmt: skip
    session.add(up_to)
    session.flush()
    assert tell(session, message(customer, "B-1", 70_000)).order.release_id == up_to.id
    assert tell(session, message(customer, "B-2", 30_001)).order.is_held
    assert tell(session, message(customer, "B-3", 30_000)).order.release_id == up_to.id
    # What was delivered under it has used it up, also of an order that is all delivered, or on hold again since.
    done = message(customer, "B-1", 70_000, delivered=D(70_000), sequence=2)
    assert tell(session, done).order.outcome == "pass"
    assert tell(session, message(customer, "B-4", 1)).order.is_held
    assert used_of(session, up_to, TODAY) == 70_000
    for amount, number in ((30_000, 2), (99_000, 3)):
        part = tell(session, message(customer, "B-3", amount, delivered=D(12_000), sequence=number)).order
    assert part.is_held
    assert used_of(session, up_to, TODAY) == 82_000
    assert tell(session, message(customer, "B-5", 18_001)).order.is_held
    assert tell(session, message(customer, "B-6", 18_000)).order.release_id == up_to.id
    assert tell(session, message(customer, "B-7", 45_000, sequence=1), days=2).order.is_held


def test_limits_and_releases_are_those_of_the_day_of_delivery(
    session: Session, customer: Customer, cast: Cast
) -> None:
    def said(days: int, amount: int = 45_000) -> tuple[str, list[str], Any]:
        found = check_order(session, asked(customer, amount, deliver_on=TODAY + timedelta(days=days)), TODAY)
        return found.outcome, [one.rule for one in found.findings], found.figures["limit"]

    day = timedelta(days=1)
    for status, first, last, amount in (("active", -5, 20, 90_000), ("replaced", 60, 80, 70_000)):
        make_limit(
            session, customer, amount, kind="temporary", status=status, valid_from=TODAY + first * day,
            valid_to=TODAY + last * day,
        )  # fmt: skip
    assert said(-3) == said(0) == said(20) == ("pass", [], 90_000)
    assert said(21) == ("hold", ["over_limit"], 50_000)  # the permanent one by then
    assert said(60) == ("pass", [], 70_000)
    # After the last day of the permanent one there is none: that of today counts, with a word.
    assert said(186, 10_000) == ("warn", ["limit_ends"], 90_000)
    order = tell(session, message(customer, amount=45_000, deliver_on=TODAY + 21 * day)).order
    assert order.is_held  # as it was said before it was entered
    release = OrderRelease(
        number="REL-1", customer_id=customer.id, order_id=order.id, kind="until", status="active",
        rules=["over_limit"], valid_until=TODAY + 21 * day, amount=D(45_000), currency="EUR", ground="pays",
        made_by=cast.sara.id, assessed_by=cast.anna.id, decided_by=cast.carla.id, decided_on=TODAY,
    )  # fmt: skip
    session.add(release)
    session.flush()
    assert (said(21, 46_000)[0], said(22, 46_000)[0]) == ("warn", "hold")  # the release is over by then


def test_an_order_on_hold_is_not_had_by_cancelling_and_entering_it_again(
    session: Session, customer: Customer
) -> None:
    assert tell(session, message(customer, "A-1", 60_000)).order.is_held
    gone = tell(session, message(customer, "A-1", 60_000, status="cancelled", sequence=2)).order
    assert not gone.is_held
    make_receipt(session, customer, 100_000)
    copied = tell(session, message(customer, "A-2", 60_000))
    assert [one["rule"] for one in copied.last.findings] == ["copied"]
    parts = [tell(session, message(customer, f"B-{n}", 30_000)) for n in range(2)]
    assert [[one["rule"] for one in part.last.findings] for part in parts] == [[], ["split"]]
    late = tell(session, message(customer, "A-3", 60_000), days=15)
    assert [one["rule"] for one in late.last.findings] == ["overdue_ratio"]


def test_what_is_delivered_is_taken_in_whatever_the_check_says(session: Session, customer: Customer) -> None:
    held = tell(session, message(customer, "A-1", 60_000)).order
    assert held.is_held
    delivered = tell(session, message(customer, "A-1", 60_000, delivered=D(60_000), sequence=2))
    assert (delivered.order.outcome, delivered.last.findings) == ("pass", [])
    parts = exposure_of(session, customer, TODAY).parts.amounts
    assert (parts.orders_confirmed, parts.delivered_not_invoiced) == (0, 60_000)


def test_orders_of_a_past_day_are_seen_as_they_were(session: Session, customer: Customer) -> None:
    tell(session, message(customer, "A-1", 30_000))
    tell(session, message(customer, "A-1", 30_000, delivered=D(10_000), sequence=2), days=2)
    tell(session, message(customer, "A-2", 5_000, deliver_on=TODAY + timedelta(days=92)), days=1)
    tell(
        session, message(customer, "A-1", 30_000, status="cancelled", delivered=D(10_000), sequence=3), days=4
    )

    def seen(days: int) -> tuple[Decimal, Decimal]:
        parts = exposure_of(session, customer, TODAY + timedelta(days=days)).parts.amounts
        return parts.orders_confirmed, parts.delivered_not_invoiced

    # The second order comes within the horizon of 90 days on the second day.
    assert [seen(days) for days in (-1, 0, 1, 2, 3, 4)] == [
        (0, 0), (30_000, 0), (30_000, 0), (25_000, 10_000), (25_000, 10_000), (5_000, 10_000),
    ]  # fmt: skip


def test_two_orders_at_once_do_not_both_fit_under_one_limit_of_the_group(
    session: Session, customer: Customer, database_app_url: str
) -> None:
    parent, sister = make_customer(session, "Holding"), make_customer(session, "Südwind GmbH")
    customer.parent_id = sister.parent_id = parent.id
    make_limit(session, parent, 50_000)
    make_limit(session, sister, 50_000)
    ids = (customer.id, sister.id)
    session.commit()
    engine = make_engine(database_app_url)
    first_checked, waited = Event(), Event()

    def order(number: int, before: Callable[[], Any], after: Callable[[], Any]) -> str:
        with Session(engine) as own:
            before()
            given = message(own.get_one(Customer, ids[number]), f"A-{number}", 30_000)
            outcome = tell(own, given).order.outcome
            after()
            own.commit()
            return outcome

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(order, 0, bool, lambda: (first_checked.set(), waited.wait(1)))
        second = pool.submit(order, 1, lambda: first_checked.wait(5), waited.set)
        assert (first.result(20), second.result(20)) == ("pass", "hold")
    engine.dispose()


def test_the_database_refuses_orders_and_releases_that_cannot_be(
    session: Session, customer: Customer, cast: Cast
) -> None:
    order = tell(session, message(customer)).order
    session.commit()
    for change in (
        "amount = 0", "delivered_amount = -1", "invoiced_amount = -1", "outcome = 'maybe'", "payment_days = -1",
        "status = 'lost'", "release_id = 7",
    ):  # fmt: skip
        with pytest.raises(IntegrityError), session.begin_nested():
            session.connection().exec_driver_sql(f"UPDATE sales_order SET {change}")  # noqa: S608
    for table in ("order_check", "order_message"):
        with pytest.raises(DBAPIError, match="only added"), session.begin_nested():
            session.connection().exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608
    plain: dict[str, Any] = {
        "customer_id": customer.id, "order_id": order.id, "kind": "once", "status": "asked", "rules": ["split"],
        "amount": D(1), "currency": "EUR", "ground": "ok",
    }  # fmt: skip
    session.add(OrderRelease(number="REL-0", **plain))
    session.flush()
    for number, wrong in enumerate(
        (
            {}, {"status": "active"}, {"order_id": None, "status": "lifted"}, {"kind": "until", "status": "lifted"},
            {"kind": "up_to", "status": "lifted"}, {"rules": [], "status": "lifted"},
            {"ground": " ", "status": "lifted"},
            {"amount": None, "status": "lifted"}, {"status": "revoked", "decided_on": TODAY},
            {"status": "lifted", "revoked_by": "grade"},
            {"status": "active", "decided_on": TODAY, "valid_until": TODAY - timedelta(days=1)},
            {"status": "active", "decided_on": TODAY, "decided_by": cast.anna.id, "made_by": cast.anna.id},
            {"status": "active", "decided_on": TODAY, "decided_by": cast.anna.id, "assessed_by": cast.anna.id},
        ),
        1,
    ):  # fmt: skip
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(insert(OrderRelease).values(number=f"REL-{number}", **plain | wrong))
    assert session.scalar(select(func.count()).select_from(SalesOrder)) == 1
