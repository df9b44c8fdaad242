"""Every outcome of assessment, conditions and grants by rule, taken through the screens by the people it concerns."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from credit_app.models import (
    CreditApplication,
    Customer,
    Investigation,
    Rating,
    Security,
)
from tests.factories import NOW, TODAY, make_complete_file, make_rating
from tests.screens.desk import Desk, File, Mail, Page
from tests.screens.flows import covers
from tests.screens.shelf import kept

DEED = File("guarantee.pdf", b"%PDF-1.4 guarantee")


def whom(mails: list[Mail]) -> list[tuple[str, str]]:
    """Who got what."""
    return [(mail.to, mail.template) for mail in mails]


@kept
def with_guarantee(desk: Desk, name: str = "Nordwind AG") -> CreditApplication:
    """An application whose limit depends on a guarantee, approved by Anna."""
    application = desk.enter(desk.customer(name))
    until = (TODAY + timedelta(days=365)).isoformat()
    asked = {"kind": "guarantee", "amount": "20 000", "provider": "Holding AG", "expires_on": until}
    desk.assess(application, **{f"securities-0-{part}": value for part, value in asked.items()})
    desk.decide(desk.cast.anna, application, "approve")
    desk.new_events(application)
    desk.mails()
    return desk.again(application)


def answer_conditions(desk: Desk, application: CreditApplication, **values: str) -> Page:
    """Anton says what became of the guarantee."""
    form = desk.open_task(desk.cast.anton, application, "confirm_conditions").form("/tasks/")
    form.fill(**{f"rows-0-{name}": value for name, value in values.items()})
    return form.attach("rows-0-file", DEED).send()


def security_of(desk: Desk, application: CreditApplication) -> Security:
    desk.fresh()
    return desk.session.scalars(select(Security).where(Security.application_id == application.id)).one()


@covers("credit_assessment/investigate_again", "credit_assessment/rating_confirmed")
def test_the_analyst_has_more_investigated_before_the_rating_stands(desk: Desk) -> CreditApplication:
    application = desk.enter(desk.customer("Nordwind AG"))
    desk.gather(application)
    page = desk.open_task(desk.cast.alma, application, "confirm_rating")
    answer = page.form("/tasks/").fill(choice="investigate", reason="The plant was not visited").send()
    assert answer.messages == ["Recorded. Next: Record report, Credit analyst."]
    assert desk.again(application).status == "under_investigation"
    first = desk.session.scalars(select(Rating).where(Rating.application_id == application.id)).one()
    assert first.rated_by is None
    task = desk.open_task(desk.cast.alma, application, "investigate_customer")
    assert "To be looked into once more" in task.text
    assert "The plant was not visited" in task.text
    assert "Nothing against it" in task.text  # what was found already
    desk.assess(application)
    ratings = desk.session.scalars(select(Rating).where(Rating.application_id == application.id)).all()
    assert [rating.rated_by for rating in sorted(ratings, key=lambda one: one.id)] == [
        None,
        desk.cast.alma.id,
    ]
    (investigation,) = desk.session.scalars(
        select(Investigation).where(Investigation.application_id == application.id)
    ).all()
    assert len(investigation.findings) == 14
    return application


@covers(
    "credit_assessment/more_needed",
    "credit_application/not_assessed",
    "credit_application/back_to_entry",
)
def test_what_cannot_be_assessed_goes_back_to_the_rep_with_what_is_missing(desk: Desk) -> CreditApplication:
    application = desk.enter(desk.customer("Nordwind AG"))
    desk.gather(application)
    desk.open_task(desk.cast.alma, application, "confirm_rating").form("/tasks/").fill(
        choice="confirm"
    ).send()
    desk.new_events(application)
    page = desk.open_task(desk.cast.alma, application, "set_proposal")
    refused = page.form("/tasks/").fill(choice="send_back", reason="").send()
    assert refused.error_at("reason") == "Say what the sales rep has to bring."
    answer = refused.form("/tasks/").fill(choice="send_back", reason="Which plant is it?").send()
    assert answer.messages == ["Recorded. Next: Enter application, Sales rep."]
    assert desk.again(application).status == "sent_back"
    assert desk.trail(application) == [
        "task_completed set_proposal by Alma Koch",
        "service_run return_application by Alma Koch",
    ]
    assert whom(desk.mails()) == [("Sara Lind", "application_sent_back")]
    task = desk.open_task(desk.cast.sara, application)
    assert "Alma Koch sent it back" in task.text
    assert "Which plant is it?" in task.text
    task.form("/tasks/").fill(purpose="The new plant in Kiel needs it").send()
    assert (desk.again(application).status, application.round) == ("under_investigation", 2)
    return application


@covers("credit_application/assessment_withdrawn")
def test_withdrawal_under_investigation_takes_every_open_part_away(desk: Desk) -> CreditApplication:
    application = desk.enter(desk.customer("Nordwind AG"))
    page = desk.open_task(desk.cast.alma, application, "enter_statements")
    desk.withdraw(desk.cast.sara, application, "Order lost to a rival")
    application = desk.again(application)
    assert (application.status, application.decided_at) == ("withdrawn", NOW)
    assert desk.task_ids(application) == set()
    assert desk.get(desk.cast.alma, page.path, 409).heading == "Already changed"
    cancelled = [line for line in desk.trail(application) if line.startswith("cancelled")]
    assert sorted(cancelled) == [
        "cancelled enter_statements by Sara Lind",
        "cancelled investigate_customer by Sara Lind",
        "cancelled record_report by Sara Lind",
    ]
    assert desk.mails() == []
    return application


@covers(
    "conditions/confirmation_needed",
    "conditions/all_confirmed",
    "credit_application/conditions_confirmed",
)
def test_the_limit_opens_when_the_guarantee_is_confirmed(desk: Desk) -> CreditApplication:
    application = with_guarantee(desk)
    assert application.status == "waiting_for_conditions"
    assert desk.limits(application) == []
    assert desk.who_sees(application) == {"Anna Weiss", "Anton Fuchs"}
    until = (TODAY + timedelta(days=365)).isoformat()
    answer = answer_conditions(desk, application, result="confirmed", reference="G-77", expires_on=until)
    assert answer.messages == ["Recorded. Result: Limit granted."]
    assert desk.again(application).status == "granted"
    security = security_of(desk, application)
    assert (security.status, security.confirmed_by, security.confirmed_at) == (
        "confirmed", desk.cast.anton.id, NOW,
    )  # fmt: skip
    assert (security.amount, security.haircut, security.reference) == (
        Decimal("20000.00"), Decimal("0.1000"), "G-77",
    )  # fmt: skip
    assert security.document is not None
    assert [limit.amount for limit in desk.limits(application)] == [Decimal("40000.00")]
    assert desk.trail(application) == [
        "task_completed confirm_conditions by Anton Fuchs",
        "service_run grant_limit by Anton Fuchs",
        "ended - by Anton Fuchs",
    ]
    assert whom(desk.mails()) == [("Sara Lind", "application_granted")]
    return application


@covers("conditions/not_given", "credit_application/conditions_failed")
def test_without_its_guarantee_the_application_is_refused_with_the_reason(desk: Desk) -> CreditApplication:
    application = with_guarantee(desk)
    answer = answer_conditions(desk, application, result="not_given", note="The holding gives none")
    assert answer.messages == ["Recorded. Result: Credit refused."]
    application = desk.again(application)
    assert (application.status, application.outcome_reason) == ("refused", "The holding gives none")
    assert desk.limits(application) == []
    assert security_of(desk, application).status == "rejected"
    (mail,) = desk.mails()
    assert (mail.to, mail.template) == ("Sara Lind", "application_refused")
    assert "The holding gives none" in mail.body
    return application


@covers("credit_application/conditions_withdrawn")
def test_withdrawal_while_the_guarantee_is_waited_for(desk: Desk) -> CreditApplication:
    application = with_guarantee(desk)
    desk.withdraw(desk.cast.sara, application, "Order lost to a rival")
    application = desk.again(application)
    assert application.status == "withdrawn"
    assert desk.task_ids(application) == set()
    assert desk.limits(application) == []
    assert whom(desk.mails()) == [("Alma Koch", "application_withdrawn")]
    return application


def test_what_a_closed_part_of_a_page_does_not_send_is_not_missed(desk: Desk) -> None:
    application = desk.enter(desk.customer("Nordwind AG"))
    form = desk.open_task(desk.cast.alma, application, "record_report").form("/tasks/")
    form.fill(choice="not_needed", note="We know the customer well")
    closed = (
        "provider",
        "ordered_on",
        "reported_on",
        "cost",
        "currency",
        "provider_grade",
        "recommended_limit",
    )
    assert form.without(*closed, "valid_until").send().status == 200
    desk.gather_rest(application)
    desk.open_task(desk.cast.alma, application, "confirm_rating").form("/tasks/").fill(
        choice="confirm"
    ).send()
    form = desk.open_task(desk.cast.alma, application, "set_proposal").form("/tasks/")
    form.fill(choice="send_back", reason="Which plant is it?")
    names = {name for name, _value in form.element.form_values()}
    sent = form.without(*(names - {"csrf_token", "request_key", "version", "choice", "reason"})).send()
    assert sent.status == 200, sent
    assert desk.again(application).status == "sent_back"


def test_an_expired_or_smaller_guarantee_is_not_confirmed(desk: Desk) -> None:
    application = with_guarantee(desk)
    for values, field, sentence in (
        ({"expires_on": TODAY.replace(year=2025).isoformat()}, "expires_on", "an expired one covers nothing"),
        ({"expires_on": (TODAY + timedelta(days=30)).isoformat()}, "expires_on", "It has to hold until"),
        ({"amount": "19 999"}, "amount", "smaller than the one that was asked for"),
        ({"provider": ""}, "provider", "Name who gives the security"),
    ):
        answer = answer_conditions(desk, application, result="confirmed", **values)
        assert answer.status == 422
        assert sentence in answer.error_at(f"rows-0-{field}")
        assert desk.again(application).status == "waiting_for_conditions"
    assert desk.count("customer_document") == 0


@covers("credit_application/granted_by_rule")
def test_a_small_limit_of_a_safe_well_known_customer_is_granted_by_rule(desk: Desk) -> CreditApplication:
    customer = desk.customer("Nordwind AG")
    complete_file(desk, customer)
    page = desk.draft(desk.cast.sara)
    sent = desk.filled(page, customer, "20 000").send()
    assert sent.messages == ["Recorded. Result: Limit granted by rule."]
    application = desk.application(sent.path.rpartition("/")[2])
    assert (application.status, application.approved_limit) == ("granted", Decimal("20000.00"))
    rule = application.granted_by_rule or {}
    assert (rule["id"], rule["because"]) == ("small_and_safe", "small_and_safe")
    assert desk.decisions(application) == []
    assert [limit.amount for limit in desk.limits(application)] == [Decimal("20000.00")]
    kinds = [event["kind"] for event in desk.events(application)]
    assert kinds.count("task_completed") == 1  # the rep's own entry; nobody decided
    assert whom(desk.mails()) == [("Sara Lind", "application_granted")]
    shown = desk.get(desk.cast.sara, sent.path).text
    assert "granted by rule" in shown.lower()
    return application


def test_a_stale_rating_or_a_larger_sum_is_decided_by_people(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    complete_file(desk, customer)
    assert desk.enter(customer, "25 001").status == "under_investigation"
    other = desk.customer("Südwind AG")
    complete_file(desk, other, rated_days_ago=181)
    assert desk.enter(other, "20 000").status == "under_investigation"
    third = desk.customer("Westwind AG")
    complete_file(desk, third)
    third.status = "in_default"
    desk.session.commit()
    assert desk.enter(third, "20 000").status == "under_investigation"


def complete_file(desk: Desk, customer: Customer, rated_days_ago: int = 10) -> None:
    """All that the file owes, and a confirmed rating of low risk."""
    customer.registration_number = f"HRB {customer.id}"
    make_complete_file(desk.session, customer)
    make_rating(
        desk.session,
        customer,
        "AA",
        score=Decimal(85),
        rated_by=desk.cast.alma.id,
        rated_at=NOW - timedelta(days=rated_days_ago),
        valid_until=TODAY + timedelta(days=365),
    )
    desk.session.commit()
