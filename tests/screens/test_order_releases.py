"""Releases of orders on hold, through the screens: asked for, assessed, secured, decided, used, over, revoked."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from credit_app import jobs, orders
from credit_app.models import Customer, Person, PersonRole
from credit_app.models.orders import OrderRelease, SalesOrder
from credit_app.models.security import Security
from tests.factories import TODAY, make_customer, make_invoice, make_rating, make_receipt
from tests.screens.agreed import newest, task
from tests.screens.desk import Desk
from tests.screens.flows import covers
from tests.screens.pages import File, Form, Page, plain
from tests.screens.test_orders import buyer
from workflows import clock

D = Decimal
LAST = TODAY + timedelta(days=14)
PDF = File("deed.pdf", b"%PDF-1.7\n1 0 obj\n", "application/pdf")


def message(customer: Customer, name: str = "S-1", amount: int = 60_000, **changes: Any) -> orders.Message:
    given = orders.Message(
        name, customer.id, D(amount), "EUR", 30, "open_account", TODAY, None, D(0), D(0), "open", 1
    )
    return replace(given, **changes)


def tell(desk: Desk, given: orders.Message) -> SalesOrder:
    now = clock.now()
    orders.hold_customers(desk.session, [given.customer_id])
    taken = orders.take(desk.session, "erp", given, now.date(), now)
    desk.session.commit()
    return taken.order


def order_of(desk: Desk, name: str = "S-1") -> SalesOrder:
    desk.fresh()
    return desk.session.query(SalesOrder).filter_by(external_id=name).one()


def ask_form(desk: Desk, order: SalesOrder, by: Person | None = None, **values: str) -> Form:
    page = desk.get(by or desk.cast.sara, f"/orders/{order.id}")
    typed = {"kind": "once", "ground": "The customer pays as soon as its own buyer does"}
    return page.form("/release").fill(**typed | values)


def ask(desk: Desk, order: SalesOrder, by: Person | None = None, **values: str) -> OrderRelease:
    page = ask_form(desk, order, by, **values).send()
    assert page.messages == ["The release is asked for."], page
    return newest(desk, OrderRelease)  # type: ignore[no-any-return]


def assess_form(desk: Desk, row: OrderRelease, by: Person | None = None, **values: str) -> Form:
    typed = {
        "choice": "release", "kind": "once", "valid_until": LAST.isoformat(), "assessment": "Pays late, but pays",
    }  # fmt: skip
    return task(desk, by or desk.cast.alma, row).form("/tasks/").fill(**typed | values)


def proposed(desk: Desk, order: SalesOrder, **values: str) -> OrderRelease:
    """Asked by Sara, assessed by Alma: waits for the level."""
    row = ask(desk, order)
    page = assess_form(desk, row, **values).send()
    assert page.status == 200, page
    return newest(desk, OrderRelease)  # type: ignore[no-any-return]


def decide(desk: Desk, row: OrderRelease, by: Person, choice: str = "approve", **values: str) -> Page:
    return task(desk, by, row).form("/tasks/").fill(choice=choice, **values).send()


def released(desk: Desk, order: SalesOrder, by: Person | None = None, **values: str) -> OrderRelease:
    row = proposed(desk, order, **values)
    page = decide(desk, row, by or desk.cast.carla)
    assert page.status == 200, page
    row = newest(desk, OrderRelease)
    assert row.status == "active", row.status
    return row


def followed(desk: Desk) -> int:
    return jobs.follow_releases(desk.app)


@covers("order_release/granted", "release_decision/release_is_proposed", "release_decision/approved")
def test_an_order_released_once_is_delivered_and_nothing_else_is(desk: Desk) -> OrderRelease:
    customer, cast = buyer(desk), desk.cast
    order = tell(desk, message(customer))
    page = desk.get(cast.sara, f"/orders/{order.id}")
    assert "A receipt of EUR 20,000.00" in page.text  # what would release it
    row = ask(desk, order)
    assert (row.number, row.status, row.rules, row.amount) == (
        "REL-2026-00001",
        "asked",
        ["over_limit"],
        60_000,
    )
    again = desk.get(cast.sara, f"/orders/{order.id}")
    assert not again.has_form("/release")
    assert "A credit analyst assesses the order" in again.text
    # The task is not Sara's to open; whoever may reads the order and the customer's file from there.
    assert "Open the task" not in desk.get(cast.sara, f"/orders/releases/{row.number}").text
    assert "Open the task" in desk.get(cast.alma, f"/search?q={row.number.lower()}").text
    opened = task(desk, cast.alma, row)
    assert opened.links(f"/orders/{order.id}")
    assert opened.links(f"/customers/{customer.number}")
    # Sara's release is in the inbox of the analysts, under its number.
    assert desk.sees(cast.alma, row) is not None
    done = assess_form(desk, row).send()
    assert done.messages == ["Recorded. Next: Approve release, Credit manager."]
    # Whoever assessed does not decide, in whatever role.
    page = task(desk, cast.carla, row)
    assert "Exposure of the group under the release" in page.text
    assert page.form("/tasks/").fill(choice="approve").send().status == 200
    row = newest(desk, OrderRelease)
    assert (row.status, row.level, row.decided_by) == ("active", "credit_manager", cast.carla.id)
    order = order_of(desk)
    assert (order.outcome, order.release_id, order.is_held) == ("warn", row.id, False)
    assert [(mail.to, mail.template) for mail in desk.mails()] == [("Sara Lind", "release_granted")]
    assert "released" in desk.get(cast.sara, f"/orders/{order.id}").text
    # A copy, a part beside it and a larger amount are no part of it.
    assert tell(desk, message(customer, "S-2")).is_held
    assert tell(desk, message(customer, "S-1", 60_001, sequence=2)).is_held
    assert not tell(desk, message(customer, "S-1", 60_000, delivered=D(60_000), sequence=3)).is_held
    assert (followed(desk), followed(desk)) == (1, 0)
    row = newest(desk, OrderRelease)
    assert (row.status, row.closed_on) == ("used", TODAY)
    (mail,) = desk.mails()
    assert mail.subject == "Release REL-2026-00001 of Nordwind GmbH is used"
    return row


@covers("release_decision/security_first", "order_release/order_passes")
def test_a_security_that_covers_the_order_makes_the_release_needless(desk: Desk) -> OrderRelease:
    customer, cast = buyer(desk), desk.cast
    order = tell(desk, message(customer))
    row = ask(desk, order)
    refused = assess_form(desk, row, choice="security").send()
    assert "Say which security" in refused.error_at("security_asked")
    assess_form(desk, row, choice="security", security_asked="A guarantee of its parent").send()
    page = task(desk, cast.sara, row)
    form = page.form("/tasks/").fill(choice="given", kind="guarantee", amount="40 000", provider="Bank AG")
    assert "Hand in the document" in form.send().error_at("file")
    form = task(desk, cast.sara, row).form("/tasks/")
    form.fill(choice="given", kind="guarantee", amount="40 000", provider="Bank AG").attach(
        "file", PDF
    ).send()
    row = newest(desk, OrderRelease)
    assert (row.status, row.security.status) == ("asked", "required")
    assert "Does the security" in task(desk, cast.alma, row).text
    assert "Say whether the security" in assess_form(desk, row).send().text
    assess_form(desk, row, security_counts="yes").send()
    assert newest(desk, Security).confirmed_by == cast.alma.id
    assert "may be delivered; this matter ends" in task(desk, cast.carla, row).text
    assert "is not on hold" in decide(desk, row, cast.carla).problems[0]
    assert followed(desk) == 0  # not looked at yet
    assert jobs.look_at_held_orders(desk.app) == 1
    assert followed(desk) == 1
    row = newest(desk, OrderRelease)
    assert (row.status, order_of(desk).release_id, desk.task_ids(row)) == ("lifted", None, set())
    assert [(mail.template, mail.to) for mail in desk.mails()] == [
        ("order_passes_now", "Sara Lind"), ("release_ended", "Sara Lind"),
    ]  # fmt: skip
    return row


@covers("release_decision/sent_back", "release_decision/analyst_refuses", "order_release/not_granted")
def test_a_release_is_sent_back_and_refused_by_the_analyst(desk: Desk) -> OrderRelease:
    customer, cast = buyer(desk), desk.cast
    row = proposed(desk, tell(desk, message(customer)))
    assert "Say why" in decide(desk, row, cast.carla, "send_back").error_at("note")
    decide(desk, row, cast.carla, "send_back", note="What does its buyer say?")
    assert "What does its buyer say?" in task(desk, cast.alma, row).text
    assess_form(desk, row, choice="security", security_asked="A deposit").send()
    assert (
        "Say why there is none" in task(desk, cast.sara, row).form("/tasks/").fill(choice="none").send().text
    )
    done = task(desk, cast.sara, row).form("/tasks/").fill(choice="none", note="Its bank gives none").send()
    assert done.messages == ["Recorded. Next: Assess order, Credit analyst."], done.text
    # A security beside another one: the first is judged before; one that nobody has confirmed at the end is none.
    for amount, judged in (("5 000", {}), ("7 000", {"security_counts": "yes"})):
        assess_form(desk, row, choice="security", security_asked="A deposit", **judged).send()
        form = task(desk, cast.sara, row).form("/tasks/")
        form.fill(choice="given", kind="deposit", amount=amount, provider="Itself").attach("file", PDF).send()
        asked = assess_form(desk, row, choice="security", security_asked="A guarantee").send()
        assert "Say whether the security" in asked.text
    done = assess_form(desk, row, choice="refuse", assessment="Its buyer is insolvent").send()
    assert done.messages == ["Recorded. Result: Release refused."]
    row = newest(desk, OrderRelease)
    assert (row.status, row.decided_by, order_of(desk).is_held) == ("refused", cast.alma.id, True)
    securities = desk.session.query(Security).order_by(Security.id)
    assert [(one.amount, one.status) for one in securities] == [(5_000, "confirmed"), (7_000, "rejected")]
    (mail,) = desk.mails()
    assert "Its buyer is insolvent" in mail.body
    assert "Its bank gives none" in row.ground
    return row


def test_the_release_of_a_cancelled_order_is_not_needed_any_more(desk: Desk) -> None:
    row = proposed(desk, tell(desk, message(buyer(desk))))
    tell(desk, message(newest(desk, OrderRelease).customer, status="cancelled", sequence=2))
    shown = task(desk, desk.cast.carla, row).text
    assert "By now the order is cancelled or closed" in shown
    assert "The order may be delivered." not in shown
    assert followed(desk) == 1
    row = newest(desk, OrderRelease)
    page = desk.get(desk.cast.sara, f"/orders/releases/{row.number}").text
    assert (row.status, "the order was cancelled" in page) == ("lifted", True)


@covers("release_decision/refused")
def test_what_changed_since_the_page_was_shown_is_looked_at_again(desk: Desk) -> OrderRelease:
    customer, cast = buyer(desk), desk.cast
    row = proposed(desk, tell(desk, message(customer)))
    page = task(desk, cast.carla, row)
    make_receipt(desk.session, customer, 1_000)
    desk.session.commit()
    assert (
        "says something else than when you opened"
        in page.form("/tasks/").fill(choice="approve").send().problems[0]
    )
    with desk.later(20):
        over = decide(desk, row, cast.carla)
        assert "is over; send it back for another day" in over.problems[0]
    # Meanwhile the group owes more than her level may decide on.
    sister = make_customer(desk.session, "Südwind", branch_id=cast.north.id, parent_id=customer.id)
    make_invoice(desk.session, sister, 300_000, TODAY + timedelta(days=9))
    desk.session.commit()
    assert "a higher level decides" in decide(desk, row, cast.carla).problems[0]
    assert decide(desk, row, cast.carla, "refuse", note="Too much for a group").status == 200
    row = newest(desk, OrderRelease)
    assert (row.status, row.level) == ("refused", "credit_manager")
    return row


@covers("order_release/granted")
def test_a_release_up_to_an_amount_is_used_up_by_several_orders_and_ends_on_its_last_day(
    desk: Desk,
) -> OrderRelease:
    customer, cast = buyer(desk), desk.cast
    order = tell(desk, message(customer))
    row = ask(desk, order)
    assert "at least EUR 60,000.00" in assess_form(desk, row, kind="up_to", up_to="50 000").send().error_at(
        "up_to"
    )
    for day, said in (
        ((TODAY - timedelta(days=1)).isoformat(), "is over"),
        ((TODAY + timedelta(days=61)).isoformat(), "at the latest"),
        ("", "Give the last day"),
    ):
        assert said in assess_form(desk, row, valid_until=day).send().error_at("valid_until")
    assess_form(desk, row, kind="up_to", up_to="100 000").send()
    decide(desk, row, cast.carla)
    assert tell(desk, message(customer, "S-2", 40_001)).is_held
    assert not tell(desk, message(customer, "S-3", 40_000)).is_held
    other = tell(desk, message(customer, "S-4", 30_000))
    assert other.is_held  # nothing is left of it
    second = ask(desk, other)
    assert "is in force" in assess_form(desk, second, kind="up_to", up_to="90 000").send().error_at("kind")
    page = desk.get(cast.sara, f"/orders/releases/{row.number}")
    assert "S-3" in page.text
    tell(desk, message(customer, delivered=D(60_000), sequence=2))
    assert followed(desk) == 0  # forty thousand are still to come
    with desk.later(15):
        assert desk.timers(0) == 1
        desk.fresh()
        row = desk.session.get_one(OrderRelease, row.id)
        assert (row.status, order_of(desk, "S-3").is_held) == ("expired", True)
        return ask_after_end(desk, desk.session.get_one(OrderRelease, row.id), order_of(desk, "S-3"))


def ask_after_end(desk: Desk, ended: OrderRelease, order: SalesOrder) -> OrderRelease:
    """What has expired is no release any more: it is asked for anew."""
    desk.browsers.clear()
    assert "has expired" in desk.mails()[-1].subject
    ended = desk.session.get_one(OrderRelease, ended.id)
    assert "its last day is over" in desk.get(desk.cast.sara, f"/orders/releases/{ended.number}").text
    ask(desk, order)
    assert newest(desk, OrderRelease).status == "asked"
    return ended


@pytest.mark.parametrize("why", ["in_default", "customer_hold", "blacklisted", "grade"])
def test_a_release_is_revoked_by_what_nobody_would_have_released(desk: Desk, why: str) -> None:
    customer, cast = buyer(desk), desk.cast
    order = tell(desk, message(customer))
    row = ask(desk, order, kind="until", valid_until=LAST.isoformat())
    done = assess_form(desk, row, kind="until").send()
    assert done.messages == ["Recorded. Next: Approve release, Finance director."]
    decide(desk, row, cast.felix)
    assert not tell(desk, message(customer, "S-2", 70_000)).is_held
    assert followed(desk) == 0
    if why == "grade":
        make_rating(desk.session, customer, "D")
    else:
        customer.status = {"customer_hold": "on_hold"}.get(why, why)
    desk.session.commit()
    assert (followed(desk), followed(desk)) == (1, 0)
    row = newest(desk, OrderRelease)
    assert (row.status, row.revoked_by, row.closed_on) == ("revoked", why, TODAY)
    assert [order_of(desk, name).is_held for name in ("S-1", "S-2")] == [True, True]
    assert "was revoked" in desk.mails()[-1].subject
    if why in ("blacklisted", "grade"):
        refused = ask_form(desk, order_of(desk)).send()
        assert refused.status in (409, 422)
        assert (
            "none of its orders is released" in refused.text or "No release frees this order" in refused.text
        )


def test_who_asked_does_not_assess_and_who_assessed_does_not_decide(desk: Desk) -> None:
    customer, cast = buyer(desk), desk.cast
    order = tell(desk, message(customer, deliver_on=TODAY + timedelta(days=1)))
    ask_form_kept = ask_form(desk, order)
    for wrong, field, said in (
        ({"ground": "ok"}, "ground", "Say in a few words"),
        ({"kind": "until", "valid_until": (TODAY - timedelta(days=1)).isoformat()}, "valid_until", "is over"),
        ({"kind": "up_to"}, "kind", "Choose how far"),
        ({"kind": "until", "valid_until": TODAY.isoformat()}, "valid_until", "has to hold until then"),
    ):
        assert said in ask_form(desk, order).forge(**wrong).send().error_at(field)
    row, form = ask(desk, order), ask_form_kept
    assert "is asked for already" in form.send().text
    # Sara is made an analyst besides, and both she and Alma credit managers.
    for who, role in (
        (cast.sara, "credit_analyst"),
        (cast.sara, "credit_manager"),
        (cast.alma, "credit_manager"),
    ):
        desk.session.add(PersonRole(person_id=who.id, role=role))
    desk.session.commit()
    (number,) = desk.task_ids(row)
    desk.browsers.clear()
    desk.get(cast.sara, f"/tasks/{number}", 403)
    assess_form(desk, row).send()
    (number,) = desk.task_ids(row)
    desk.browsers.clear()
    desk.get(cast.sara, f"/tasks/{number}", 403)
    desk.get(cast.alma, f"/tasks/{number}", 403)
    desk.get(cast.carla, f"/tasks/{number}")
    desk.get(cast.cole, f"/orders/{order.id}")
    assert "Ask for release" not in desk.get(cast.cole, f"/orders/{order.id}").text


def withdraw(desk: Desk, row: OrderRelease, by: Person, reason: str = "The customer cancels it") -> Page:
    page = desk.get(by, f"/orders/releases/{row.number}")
    return page.form("/withdraw").fill(reason=reason).send()


@covers("order_release/request_withdrawn")
def test_sales_withdraws_a_request_until_it_is_decided_and_the_order_stays_on_hold(
    desk: Desk,
) -> OrderRelease:
    customer, cast = buyer(desk), desk.cast
    order = tell(desk, message(customer))
    row = ask(desk, order)
    stale = desk.get(cast.sara, f"/orders/releases/{row.number}").form("/withdraw").fill(reason="Not needed")
    for other in (cast.stefan, cast.mona, cast.alma, cast.carla):  # nobody else, not even a manager
        page = desk.get(other, f"/orders/releases/{row.number}")
        assert not page.has_form("/withdraw")
        forged = page.form("/sign-out").forge(reason="Not needed")
        assert forged.send(to=f"/orders/releases/{row.number}/withdraw").status == 403
    assert task(desk, cast.anna, row).form("/claim").send().status == 200
    assert "in a few words" in withdraw(desk, row, cast.sara, "no").error_at("reason")
    page = withdraw(desk, row, cast.sara)
    assert page.messages == ["The request is withdrawn; the order stays on hold."]
    row = newest(desk, OrderRelease)
    assert (row.status, row.closed_on, row.decided_by, row.decision_note, desk.task_ids(row)) == (
        "withdrawn", TODAY, None, "The customer cancels it", set(),
    )  # fmt: skip
    assert order_of(desk).is_held
    (mail,) = desk.mails()
    assert (mail.to, mail.subject) == ("Anna Weiss", "Release withdrawn: order S-1 of Nordwind GmbH")
    assert "The customer cancels it" in mail.body
    assert stale.send().status == 409  # a second time
    # In approval: whoever assessed is told, and everybody who may decide; decided, it stays.
    row = proposed(desk, order_of(desk))
    withdraw(desk, row, cast.sara)
    told = {mail.to for mail in desk.mails() if mail.template == "release_withdrawn"}
    assert told == {desk.names[one.id] for one in (cast.alma, cast.carla, cast.chen)}
    row = proposed(desk, order_of(desk))
    late = desk.get(cast.sara, f"/orders/releases/{row.number}").form("/withdraw").fill(reason="Not needed")
    decide(desk, row, cast.carla)
    assert late.send().status == 409
    row = newest(desk, OrderRelease)
    assert (row.status, order_of(desk).is_held) == ("active", False)
    assert not desk.get(cast.sara, f"/orders/releases/{row.number}").has_form("/withdraw")
    # Of somebody who has left, the head of sales withdraws.
    left = ask(desk, tell(desk, message(customer, "S-2", 70_000)))
    cast.sara.active = False
    desk.session.commit()
    withdraw(desk, left, cast.mona)
    row = newest(desk, OrderRelease)
    assert row.status == "withdrawn"
    return row


def row_of(page: Page, words: str) -> str:
    """What stands in the row of a table with these words."""
    return " ".join(plain(row) for row in page.all(f"//tbody/tr[contains(., '{words}')]"))


def test_the_list_of_releases_shows_what_is_left_of_each_and_only_to_whom_orders_are_shown(
    desk: Desk,
) -> None:
    customer, cast = buyer(desk), desk.cast
    once = released(desk, tell(desk, message(customer)))
    row = proposed(desk, tell(desk, message(customer, "S-2", 70_000)), kind="up_to", up_to="150 000")
    decide(desk, row, cast.carla)
    row = newest(desk, OrderRelease)
    tell(desk, message(customer, "S-3", 40_000))  # takes its part of the 150,000 in full
    other = make_customer(desk.session, "Südwind AG", branch_id=cast.north.id)
    waiting = ask(desk, tell(desk, message(other, "S-9")))
    tell(desk, message(customer, delivered=D(20_000), sequence=2))
    (link,) = desk.get(cast.sara, "/orders").links("/orders/releases")
    page = desk.get(cast.sara, link)
    lines = {one: row_of(page, one) for one in (once.number, row.number, waiting.number)}
    assert "40,000.00 left" in lines[once.number]
    assert "14 days left" in lines[once.number]
    assert "40,000.00 left" in lines[row.number]  # of 150,000 after 70,000 and 40,000
    assert "left" not in lines[waiting.number]
    for query, shown in (
        ("show=open", {waiting.number}),
        ("show=active", {once.number, row.number}),
        ("show=refused", set()),
        ("kind=up_to", {row.number}),
        ("q=S-9", {waiting.number}),
        (f"q={customer.number}&by=me", {once.number, row.number}),
        (f"q={row.number.lower()}&sort=ends", {row.number}),
    ):
        found = desk.get(cast.sara, f"/orders/releases?{query}").text
        assert {one for one in lines if one in found} == shown, query
    assert waiting.number not in desk.get(cast.samir, "/orders/releases").text  # another branch
    desk.get(cast.ada, "/orders/releases", status=403)
    desk.get(cast.sara, "/orders/releases?show=lost", status=400)
    table = desk.get(cast.carla, "/orders/releases.csv?show=active").raw.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in table[1:]] == [row.number, once.number]
    assert ",40000.00,14," in table[1]
    overview = desk.get(cast.sara, f"/customers/{customer.number}")
    assert "3 open orders" in overview.text
    (link,) = overview.links("/orders/releases")
    assert once.number in desk.get(cast.sara, link).text
