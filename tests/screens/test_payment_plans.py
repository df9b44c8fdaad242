"""Payment plans, through the screens: asked for, decided, paid by instalments, broken, and what is refused."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from credit_app import jobs
from credit_app.models import Customer, LimitationInterruption, Person
from credit_app.models.promises import PaymentPlan
from tests.factories import TODAY, make_invoice
from tests.screens.agreed import (
    debtor,
    due_of,
    item,
    marks,
    moved_up,
    newest,
    pay,
    recognised,
    take_back,
    task,
    tick,
)
from tests.screens.desk import Desk
from tests.screens.flows import covers
from tests.screens.pages import Form, Page
from workflows import clock

FIRST, SECOND = date(2026, 4, 10), date(2026, 5, 11)  # a Friday and a Monday
NOTHING = {f"rows-{place}-{part}": "" for place in range(6) for part in ("due_on", "amount")}


def new(
    desk: Desk, customer: Customer, *instalments: tuple[date, str], by: Person | None = None, **values: str
) -> Form:
    """The form with all of A-1 and A-2 ticked: 140.00."""
    page = desk.get(by or desk.cast.rita, f"/collection/plans/new?customer={customer.number}")
    typed = {"with_interest": "no", "ground": "Lost its largest customer"}
    for place, (day, amount) in enumerate(instalments):
        typed |= {f"rows-{place}-due_on": day.isoformat(), f"rows-{place}-amount": amount}
    form = page.form_named("asked").fill(**typed | values)
    return tick(form, item(desk, "A-1", customer), item(desk, "A-2", customer))


def ask(desk: Desk, customer: Customer, by: Person | None = None) -> PaymentPlan:
    page = new(desk, customer, (FIRST, "90"), (SECOND, "50"), by=by, security="A pledge").send()
    assert page.messages == ["The plan is asked for."]
    found: PaymentPlan = newest(desk, PaymentPlan)
    return found


def decide(desk: Desk, plan: PaymentPlan, choice: str, note: str = "", by: Person | None = None) -> Page:
    page = task(desk, by or desk.cast.cole, plan)
    return page.form_named("asked").fill(choice=choice, note=note).send()


def agreed(desk: Desk, customer: Customer) -> PaymentPlan:
    plan = ask(desk, customer)
    assert decide(desk, plan, "approve").status == 200
    return plan


def paid(plan: PaymentPlan) -> list[bool]:
    return [row.paid_on is not None for row in plan.instalments]


@covers(
    "payment_plan/new_plan", "payment_plan/approved", "payment_plan/one_left", "payment_plan/paid_early",
    "payment_plan/none_left",
)  # fmt: skip
def test_a_plan_is_approved_paid_by_instalments_and_completed(desk: Desk) -> PaymentPlan:
    customer = debtor(desk)
    plan = ask(desk, customer)
    assert (plan.amount, plan.status, marks(desk)) == (140, "in_approval", [])
    page = task(desk, desk.cast.cole, plan)
    assert "Approve that Nordwind AG pays 140.00 EUR in instalments?" in page.heading
    assert page.form_named("asked").fill(choice="approve").send().messages
    plan = newest(desk, PaymentPlan)
    assert (plan.status, plan.level, plan.decided_by, plan.awaited) == (
        "running",
        "collector",
        desk.cast.cole.id,
        1,
    )
    assert marks(desk) == [("A-1", Decimal(100)), ("A-2", Decimal(40))]
    assert max(day for day in due_of(desk) if day) > SECOND
    grounds = {row.ground for row in desk.session.scalars(select(LimitationInterruption))}
    assert grounds == {"payment_plan"}
    (mail,) = desk.mails()
    assert (mail.to, mail.template) == ("ap@nordwind.example", "plan_agreed")
    assert "10 Apr 2026: EUR 90.00" in mail.body
    for language in ("en", "zh_Hans_CN"):
        address = f"/collection/plans/{plan.number}/agreement.{language}.pdf"
        pdf = desk.browser(desk.cast.cole).client.get(address)
        assert (pdf.status_code, pdf.data[:4]) == (200, b"%PDF")
    desk.get(desk.cast.cole, f"/collection/plans/{plan.number}/agreement.fr.pdf", 404)
    with desk.later(29):  # three business days before the first
        assert desk.timers(0) == 1
        (mail,) = desk.mails()
        assert (mail.template, "Please pay EUR 90.00 by 10 Apr 2026" in mail.body) == ("plan_reminder", True)
        pay(desk, customer, "90", item(desk, "A-1"))
        assert (recognised(desk), recognised(desk)) == (1, 0)
        plan = newest(desk, PaymentPlan)
        assert (paid(plan), plan.awaited) == ([True, False], 2)
        shown = desk.get(desk.cast.otto, f"/collection/plans/{plan.number}")
        assert "Instalment 2 is waited for, due on 11 May 2026." in shown.text
        pay(desk, customer, "50", item(desk, "A-2"), item(desk, "A-1"))  # weeks before it is due
        assert recognised(desk) == 1
    plan = newest(desk, PaymentPlan)
    assert (plan.status, plan.paid, paid(plan), marks(desk)) == ("completed", 140, [True, True], [])
    assert moved_up(desk, customer) == (None, None, False)
    return plan


@covers(
    "plan_instalment/late", "plan_instalment/never_paid", "payment_plan/missed_one",
)  # fmt: skip
def test_a_missed_instalment_breaks_the_plan_after_one_reminder(desk: Desk) -> PaymentPlan:
    customer = debtor(desk)
    plan = agreed(desk, customer)
    desk.mails()
    pay(desk, customer, "60", item(desk, "A-1"))  # not enough for the first instalment
    assert recognised(desk) == 0
    with desk.later(29):
        assert desk.timers(0) == 1
    with desk.later(35):
        assert desk.timers(0) == 1
        assert [mail.template for mail in desk.mails()] == ["plan_reminder", "plan_late"]
        assert newest(desk, PaymentPlan).instalments[0].late_on == clock.now().date()
    with desk.later(43):
        assert desk.timers(0) == 1
        plan = newest(desk, PaymentPlan)
        assert (plan.status, plan.paid, marks(desk)) == ("broken", 60, [])
        assert moved_up(desk, customer) == ("letter_2", TODAY - timedelta(days=20), True)
        assert [(mail.to, mail.template) for mail in desk.mails()] == [
            ("Cole Baxter", "plan_broken"), ("Rita Novak", "plan_broken"),
        ]  # fmt: skip
    return plan


@covers("plan_instalment/paid", "payment_plan/not_missed", "plan_instalment/paid_late")
def test_what_the_job_has_not_told_yet_is_seen_on_the_day(desk: Desk) -> PaymentPlan:
    customer = debtor(desk)
    plan = agreed(desk, customer)
    pay(desk, customer, "90", item(desk, "A-1"))
    for days in (29, 35):  # nobody tells it: it looks by itself
        assert desk.timers(days) == 1
    assert paid(newest(desk, PaymentPlan)) == [True, False]
    with desk.later(60):
        assert desk.timers(0) == 1
    with desk.later(66):
        assert desk.timers(0) == 1  # the second is late now
        pay(desk, customer, "40", item(desk, "A-2"))
        pay(desk, customer, "10", item(desk, "A-1"))
    with desk.later(80):
        assert desk.timers(0) == 1
    plan = newest(desk, PaymentPlan)
    assert (plan.status, paid(plan)) == ("completed", [True, True])
    return plan


@covers("payment_plan/reopened", "payment_plan/missed_one")
def test_an_instalment_is_open_again_when_its_payment_is_taken_back(desk: Desk) -> PaymentPlan:
    customer = debtor(desk)
    agreed(desk, customer)
    first = pay(desk, customer, "90", item(desk, "A-1"))
    assert (recognised(desk), newest(desk, PaymentPlan).awaited) == (1, 2)
    assert (take_back(desk, first), jobs.follow_taken_back(desk.app)) == (1, 0)
    plan = newest(desk, PaymentPlan)
    assert (plan.status, plan.awaited, paid(plan)) == ("running", 1, [False, False])
    assert marks(desk) == [("A-1", Decimal(100)), ("A-2", Decimal(40))]
    last = pay(desk, customer, "140", item(desk, "A-1"), item(desk, "A-2"))
    assert (recognised(desk), newest(desk, PaymentPlan).status) == (1, "completed")
    desk.mails()
    with desk.later(30):  # the first is due in a few days
        assert take_back(desk, last) == 1
        plan = newest(desk, PaymentPlan)
        assert (plan.status, plan.awaited, paid(plan)) == ("running", 1, [False, False])
        assert marks(desk) == [("A-1", Decimal(100)), ("A-2", Decimal(40))]
        shown = desk.get(desk.cast.otto, f"/collection/plans/{plan.number}")
        assert shown.facts()["Payment taken back"] == "9 Apr 2026"
    with desk.later(36):
        again = pay(desk, customer, "140", item(desk, "A-1"), item(desk, "A-2"))
        recognised(desk)  # or what was due before, the day after the first, has seen it
        assert newest(desk, PaymentPlan).status == "completed"
    with desk.later(90):  # all its days are over: no reminder that leaves no time
        desk.mails()
        assert take_back(desk, again) == 1
        while desk.timers(0):
            pass
        plan = newest(desk, PaymentPlan)
        assert (plan.status, plan.paid, marks(desk)) == ("broken", 0, [])
        assert {mail.template for mail in desk.mails()} == {"plan_broken"}
    return plan


@covers("payment_plan/sent_back", "payment_plan/again", "payment_plan/refused")
def test_a_payment_during_the_approval_is_seen_and_trims_the_plan(desk: Desk) -> PaymentPlan:
    customer = debtor(desk)
    plan = ask(desk, customer)
    page = task(desk, desk.cast.cole, plan)
    pay(desk, customer, "60", item(desk, "A-1"))
    refused = page.form_named("asked").fill(choice="approve").send()
    assert "Meanwhile something was paid: 80.00 EUR of it is open now" in refused.problems[0]
    page = desk.get(desk.cast.cole, page.path)
    assert "only EUR 80.00 is open. Approving takes what was paid off the last instalments." in page.text
    assert "Say why" in page.form_named("asked").fill(choice="send_back").send().problems[0]
    done = decide(desk, plan, "send_back", "Two instalments of 40, please")
    assert done.messages == ["Recorded. Next: Rework plan, Receivables."]
    page = task(desk, desk.cast.rita, plan)
    assert page.facts()["Reason"] == "Two instalments of 40, please"
    rows = NOTHING | {
        "rows-0-due_on": FIRST.isoformat(),
        "rows-0-amount": "40",
        "rows-1-due_on": SECOND.isoformat(),
    }
    form = page.form_named("asked")
    wrong = form.fill(choice="again", with_interest="yes", **rows | {"rows-1-amount": "100"}).send()
    assert (
        wrong.error_at("rows-0-amount")
        == "The instalments add up to 140, but 80 is open of the chosen items."
    )
    assert wrong.form_named("asked").fill(**{"rows-1-amount": "40"}).send().status == 200
    plan = newest(desk, PaymentPlan)
    assert (plan.amount, plan.status, plan.with_interest, plan.decided_by) == (80, "in_approval", True, None)
    done = decide(desk, plan, "refuse", "Its bank has ended the credit")
    assert done.messages == ["Recorded. Result: Plan refused."]
    assert [(mail.to, mail.template) for mail in desk.mails()] == [("Rita Novak", "plan_refused")]
    plan = newest(desk, PaymentPlan)
    assert (plan.status, marks(desk), [row.live for row in plan.items]) == ("refused", [], [False, False])
    second = ask_rest(desk, customer)
    pay(desk, customer, "15", item(desk, "A-1"))
    assert decide(desk, second, "approve").status == 200
    second = newest(desk, PaymentPlan)
    assert (second.amount, [row.amount for row in second.instalments]) == (65, [50, 15])
    assert marks(desk) == [("A-1", Decimal(25)), ("A-2", Decimal(40))]
    return plan


def ask_rest(desk: Desk, customer: Customer) -> Any:
    """A plan over the 80.00 that are left."""
    assert new(desk, customer, (FIRST, "50"), (SECOND, "30")).send().status == 200
    return newest(desk, PaymentPlan)


@covers("payment_plan/withdrawn")
def test_what_is_paid_in_full_meanwhile_is_not_approved_but_withdrawn(desk: Desk) -> PaymentPlan:
    customer = debtor(desk)
    plan = ask(desk, customer)
    decide(desk, plan, "send_back", "Ask for less time")
    pay(desk, customer, "140", item(desk, "A-1"), item(desk, "A-2"))
    page = task(desk, desk.cast.rita, plan)
    refused = page.form_named("asked").fill(choice="again", with_interest="no").send()
    assert refused.problems[0].endswith("Nothing is open any more of these items; withdraw it.")
    done = page.form_named("asked").fill(choice="withdraw").send()
    assert done.messages == ["Recorded. Result: Plan withdrawn."]
    return newest(desk, PaymentPlan)  # type: ignore[no-any-return]


def test_who_asked_never_decides_and_amount_and_length_name_the_level(desk: Desk) -> None:
    customer = debtor(desk)
    plan = ask(desk, customer, by=desk.cast.cole)  # the only collector: it goes to the next level
    page = task(desk, desk.cast.carla, plan)
    assert page.form_named("asked").fill(choice="refuse", note="Not with us").send().status == 200
    (number,) = desk.task_ids(ask(desk, customer))  # type: ignore[arg-type]
    desk.get(desk.cast.rita, f"/tasks/{number}", 403)
    big = debtor(desk, "Südwind AG")
    make_invoice(desk.session, big, "50000", TODAY - timedelta(days=3), number="BIG")
    desk.session.commit()
    page = desk.get(desk.cast.rita, f"/collection/plans/new?customer={big.number}")
    typed = {"count": "3", "first_on": FIRST.isoformat(), "with_interest": "no", "ground": "A large loss"}
    form = tick(page.form_named("asked").fill(**typed), item(desk, "BIG"), item(desk, "A-1", big))
    filled = form.send(propose="1").form_named("asked")
    assert [filled.value(f"rows-{place}-amount") for place in range(3)] == ["16 700", "16 700", "16 700"]
    assert filled.send().status == 200
    plan = newest(desk, PaymentPlan)
    task(desk, desk.cast.felix, plan)
    assert [row.due_on for row in plan.instalments] == [FIRST, date(2026, 5, 10), date(2026, 6, 10)]


def test_what_is_no_plan_is_said_in_one_sentence(desk: Desk) -> None:
    customer = debtor(desk)
    ends, before = TODAY + timedelta(days=366), FIRST - timedelta(days=1)

    def problem(*instalments: tuple[date, str], at: str, **values: str) -> str:
        return new(desk, customer, *instalments, **values).send().error_at(at)

    sums = "The instalments add up to 139.99, but 140 is open of the chosen items."
    assert problem((FIRST, "90"), (SECOND, "49.99"), at="rows-0-amount") == sums
    assert "has to be later than the one before it" in problem(
        (FIRST, "90"), (before, "50"), at="rows-1-due_on"
    )
    assert new(desk, customer, (FIRST, "90"), (SECOND, "49.99")).send().problems == [sums]
    assert "is over" in problem((TODAY, "90"), (SECOND, "50"), at="rows-0-due_on")
    assert "too far ahead" in problem((FIRST, "90"), (ends, "50"), at="rows-1-due_on")
    assert problem((FIRST, "140"), at="rows-0-due_on") == "Give 2 to 12 instalments; these are 1."
    assert problem((FIRST, "90"), (SECOND, "0"), at="rows-1-amount") == "Give an amount above zero."
    no_day = {"rows-1-amount": "50"}
    assert problem((FIRST, "90"), at="rows-1-due_on", **no_day) == "Please give a date."
    assert problem((FIRST, "90"), (SECOND, "50"), at="ground", ground="") == "Please fill in this field."
    silent = new(desk, customer, (FIRST, "90"), (SECOND, "50")).without("with_interest").send()
    assert "whether interest goes on" in silent.error_at("with_interest")
    none = new(desk, customer, (FIRST, "90"), (SECOND, "50")).without("items").send()
    assert none.error_at("items") == "Choose at least one open item."
    assert desk.session.scalars(select(PaymentPlan)).all() == []
    plan = ask(desk, customer)
    page = desk.get(desk.cast.cole, f"/collection/promises/new?customer={customer.number}")
    forged = page.form_named("asked").fill(
        amount="20", due_on=(TODAY + timedelta(days=3)).isoformat(), promised_by="Ada", channel="call"
    )
    refused = forged.without("items").forge(items=str(item(desk, "A-1").id)).send()
    assert refused.error_at("items") == f"A-1 stands in {plan.number} already."
    with desk.later(40):
        late = decide(desk, plan, "approve")
        assert "The first instalment was due on 10 Apr 2026" in late.problems[0]
    desk.get(desk.cast.sara, f"/collection/plans/new?customer={customer.number}", 403)
