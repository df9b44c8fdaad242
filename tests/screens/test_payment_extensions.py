"""Payment extensions, through the screens: asked for before or after the due day, decided, kept, not kept."""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select

from credit_app.models import Customer, Person
from credit_app.models.promises import PaymentExtension
from tests.factories import TODAY
from tests.screens.agreed import debtor, item, marks, moved_up, newest, pay, recognised, take_back, task, tick
from tests.screens.desk import Desk
from tests.screens.flows import covers
from tests.screens.pages import Form

NEW = TODAY + timedelta(days=14)


def new(desk: Desk, customer: Customer, *numbers: str, by: Person | None = None, **values: str) -> Form:
    page = desk.get(by or desk.cast.rita, f"/collection/extensions/new?customer={customer.number}")
    typed = {
        "new_on": NEW.isoformat(), "asked_by": "Ada Post", "with_interest": "yes", "ground": "Waits for its own debtor",
    }  # fmt: skip
    form = page.form_named("asked").fill(**typed | values)
    return tick(form, *(item(desk, number, customer) for number in numbers))


def ask(desk: Desk, customer: Customer, *numbers: str, **values: str) -> PaymentExtension:
    page = new(desk, customer, *numbers, **values).send()
    assert page.messages == ["The extension is asked for."]
    return newest(desk, PaymentExtension)  # type: ignore[no-any-return]


@covers("payment_extension/new_extension", "payment_extension/approved", "payment_extension/all_paid")
def test_a_payment_that_was_put_off_in_time_is_kept(desk: Desk) -> PaymentExtension:
    customer = debtor(desk, country="CN")
    row = ask(desk, customer, "A-3")  # due in ten days: put off by four
    assert (row.days, row.amount) == (4, 60)
    page = task(desk, desk.cast.cole, row)
    pay(desk, customer, "10", item(desk, "A-3"))
    assert (
        "Meanwhile something was paid" in page.form_named("asked").fill(choice="approve").send().problems[0]
    )
    page = desk.get(desk.cast.cole, page.path)
    assert "Approving puts off only that." in page.text
    assert page.form_named("asked").fill(choice="approve").send().status == 200
    row = newest(desk, PaymentExtension)
    assert (row.status, row.amount, row.level, marks(desk)) == (
        "running",
        50,
        "collector",
        [("A-3", Decimal(50))],
    )
    (mail,) = desk.mails()
    assert (mail.to, mail.template) == ("ap@nordwind.example", "extension_granted")
    assert "付款延期" in mail.subject
    pay(desk, customer, "50", item(desk, "A-3"))
    assert (recognised(desk), recognised(desk)) == (1, 0)
    row = newest(desk, PaymentExtension)
    assert (row.status, row.closed_on, marks(desk)) == ("kept", TODAY, [])
    assert moved_up(desk, customer) == (None, None, False)
    return row


@covers("payment_extension/sent_back", "payment_extension/again", "payment_extension/not_paid")
def test_a_new_day_that_passes_unpaid_moves_the_case_up(desk: Desk) -> PaymentExtension:
    customer = debtor(desk)
    row = ask(desk, customer, "A-1", "A-2", by=desk.cast.sara)
    page = task(desk, desk.cast.cole, row)
    done = page.form_named("asked").fill(choice="send_back", note="A week is enough").send()
    assert done.messages == ["Recorded. Next: Rework extension, Sales rep."]
    page = task(desk, desk.cast.sara, row)
    assert page.form_named("asked").send().status == 422
    earlier = (TODAY + timedelta(days=7)).isoformat()
    form = page.form_named("asked").fill(choice="again", with_interest="no", new_on=earlier)
    assert form.send().messages == ["Recorded. Next: Decide extension, Collector."]
    page = task(desk, desk.cast.cole, row)
    assert page.form_named("asked").fill(choice="approve").send().status == 200
    assert desk.timers(7) == 0
    with desk.later(9):
        assert desk.timers(0) == 1
        row = newest(desk, PaymentExtension)
        assert (row.status, row.days, row.paid, marks(desk)) == ("broken", 7, 0, [])
        assert moved_up(desk, customer) == ("letter_2", TODAY - timedelta(days=20), True)
        desk.browsers.clear()
        assert [mail.template for mail in desk.mails()] == [
            "extension_granted",
            "extension_broken",
            "extension_broken",
        ]
    return row


@covers("payment_extension/reopened", "payment_extension/not_paid")
def test_an_extension_that_was_kept_goes_on_when_its_payment_is_taken_back(desk: Desk) -> PaymentExtension:
    customer = debtor(desk)
    row = ask(desk, customer, "A-1")
    assert task(desk, desk.cast.cole, row).form_named("asked").fill(choice="approve").send().status == 200
    receipt = pay(desk, customer, "100", item(desk, "A-1"))
    assert (recognised(desk), newest(desk, PaymentExtension).status) == (1, "kept")
    assert take_back(desk, receipt) == 1
    row = newest(desk, PaymentExtension)
    assert (row.status, row.decided_by, marks(desk)) == (
        "running",
        desk.cast.cole.id,
        [("A-1", Decimal(100))],
    )
    shown = desk.get(desk.cast.otto, f"/collection/extensions/{row.number}")
    assert "Payment taken back" in shown.text
    with desk.later(16):
        assert desk.timers(0) == 1
        row = newest(desk, PaymentExtension)
        assert (row.status, row.paid, marks(desk)) == ("broken", 0, [])
    return row


@covers("payment_extension/refused")
def test_a_long_extension_goes_higher_and_is_refused(desk: Desk) -> PaymentExtension:
    customer = debtor(desk)
    row = ask(desk, customer, "A-1", new_on=(TODAY + timedelta(days=50)).isoformat())
    page = task(desk, desk.cast.felix, row)
    assert "Say why" in page.form_named("asked").fill(choice="refuse").send().problems[0]
    done = page.form_named("asked").fill(choice="refuse", note="We have waited enough").send()
    assert done.messages == ["Recorded. Result: Extension refused."]
    assert [(mail.to, mail.template) for mail in desk.mails()] == [("Rita Novak", "extension_refused")]
    return newest(desk, PaymentExtension)  # type: ignore[no-any-return]


@covers("payment_extension/withdrawn")
def test_a_request_that_was_sent_back_is_withdrawn(desk: Desk) -> PaymentExtension:
    customer = debtor(desk)
    row = ask(desk, customer, "A-1")
    with desk.later(20):
        page = task(desk, desk.cast.cole, row)
        over = page.form_named("asked").fill(choice="approve").send()
        assert "is over; send it back for another day" in over.problems[0]
        page.form_named("asked").fill(choice="send_back", note="The day is over").send()
        page = task(desk, desk.cast.rita, row)
        done = page.form_named("asked").fill(choice="withdraw", with_interest="no").send()
        assert done.messages == ["Recorded. Result: Extension withdrawn."]
    row = newest(desk, PaymentExtension)
    assert (row.status, [part.live for part in row.items]) == ("withdrawn", [False])
    return row


def test_what_cannot_be_put_off_is_said_in_one_sentence(desk: Desk) -> None:
    customer = debtor(desk)

    def problem(day: date, *numbers: str) -> str:
        return new(desk, customer, *numbers, new_on=day.isoformat()).send().error_at("new_on")

    assert "is over" in problem(TODAY, "A-1")
    assert "puts nothing off" in problem(TODAY + timedelta(days=10), "A-3")
    assert "too far ahead; by policy it is 9 May 2026" in problem(TODAY + timedelta(days=61), "A-1")
    assert problem(TODAY + timedelta(days=60), "A-1", "A-3") == ""
    assert newest(desk, PaymentExtension).days == 60
    refused = new(desk, customer, "A-2").without("items").forge(items=str(item(desk, "A-1").id)).send()
    assert "A-1 stands in EXT-2026-00001 already." in refused.error_at("items")
    assert len(desk.session.scalars(select(PaymentExtension)).all()) == 1
    desk.get(desk.cast.otto, f"/collection/extensions/new?customer={customer.number}", 403)
    listed = desk.get(desk.cast.otto, "/collection/extensions")
    assert "EXT-2026-00001" in listed.text
