"""Reviews of limits and temporary limits on their screens: every outcome that the diagrams draw."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from credit_app import jobs
from credit_app.models import CreditApplication, CreditLimit, Customer, open_limit
from tests.factories import TODAY, make_invoice, make_limit, make_rating
from tests.screens.desk import Desk, Page, number_on
from tests.screens.flows import covers
from tests.screens.shelf import kept
from workflows import clock

DAY = timedelta(days=1)


def with_limit(desk: Desk, name: str = "Nordwind", **values: Any) -> Customer:
    """A customer that Sara looks after, rated A by Alma, with an open limit of 50,000."""
    customer = desk.customer(name, sales_rep_id=desk.cast.sara.id)
    make_limit(desk.session, customer, 50_000, **values)
    make_rating(
        desk.session, customer, "A", score=Decimal(75), rated_by=desk.cast.alma.id,
        valid_until=TODAY + timedelta(days=200),
    )  # fmt: skip
    desk.session.commit()
    return customer


def reviewed(desk: Desk) -> CreditApplication:
    """The one review that the worker's job starts."""
    assert jobs.start_reviews(desk.app) == 1
    assert jobs.start_reviews(desk.app) == 0
    desk.fresh()
    query = select(CreditApplication).where(CreditApplication.kind == "review")
    return desk.session.scalars(query.order_by(CreditApplication.id.desc())).first()  # type: ignore[return-value]


@kept
def overdue_review(desk: Desk, **values: Any) -> CreditApplication:
    """A review that begins with the rating, for an item is long overdue."""
    customer = with_limit(desk, **values)
    make_invoice(desk.session, customer, 3_000, TODAY - timedelta(days=40))
    desk.session.commit()
    return reviewed(desk)


def propose(desk: Desk, review: CreditApplication, action: str, limit: str = "50 000", **values: Any) -> Page:
    """Alma assesses and proposes what becomes of the limit."""
    desk.assess(review, limit=limit, **values)
    page = desk.open_task(desk.cast.alma, review, "propose_action")
    return desk.went_well(page.form("/tasks/").fill(action=action, reason="As assessed today").send())


def approve(desk: Desk, review: CreditApplication) -> None:
    """Every level that is asked approves."""
    for person in (desk.cast.anna, desk.cast.carla, desk.cast.felix):
        if desk.sees(person, review, "decide_limit"):
            desk.went_well(desk.decide(person, review, "approve"))


# --- the review ----------------------------------------------------------------------------------------------------


@covers(
    "limit_review/no_measures",
    "review_decision/assessed",
    "limit_decision/approved",
    "limit_decision/conditions_confirmed",
    "review_decision/approved",
    "limit_review/review_approved",
    "limit_review/review_applied",
)
def test_a_review_that_started_by_itself_cuts_the_limit(desk: Desk) -> CreditApplication:
    review = overdue_review(desk)
    page = desk.get(desk.cast.alma, f"/applications/{review.number}")
    assert "The oldest open item is 40 days past due." in page.text
    propose(desk, review, "cut", "20 000")
    approve(desk, review)
    review = desk.again(review)
    assert (review.status, review.review_action) == ("granted", "cut")
    assert [limit.amount for limit in desk.limits(review)] == [50_000, 20_000]
    mail = next(mail for mail in desk.mails() if mail.template == "review_applied" and mail.to == "Sara Lind")
    assert mail.subject == f"Reviewed: {review.number}, Nordwind"
    assert "The limit is cut." in mail.body
    assert "It is EUR 20,000.00" in mail.body
    page = desk.get(desk.cast.sara, f"/applications/{review.number}")
    assert "The limit is cut." in page.text
    return review


@pytest.mark.parametrize("action", ["renew", "cancel"])
def test_the_question_to_the_level_says_what_becomes_of_the_limit(desk: Desk, action: str) -> None:
    review = overdue_review(desk)
    propose(desk, review, action)
    page = desk.open_task(desk.cast.anna, review, "decide_limit")
    asked = {
        "renew": "Renew the limit of EUR 50,000 for Nordwind?",
        "cancel": "Cancel the limit of EUR 50,000 for Nordwind?",
    }
    assert asked[action] in page.text
    assert "As assessed today" in page.text
    assert "The oldest open item is 40 days past due." in page.text
    approve(desk, review)
    status = {"renew": ["replaced", "active"], "cancel": ["cancelled"]}
    assert [limit.status for limit in desk.limits(review)] == status[action]


@covers("limit_decision/refused_or_sent_back", "review_decision/refused", "limit_review/review_not_approved")
def test_a_refused_review_leaves_the_limit(desk: Desk) -> CreditApplication:
    review = overdue_review(desk)
    propose(desk, review, "renew")
    desk.went_well(desk.decide(desk.cast.anna, review, "refuse", reason="Not before they pay"))
    review = desk.again(review)
    assert (review.status, review.outcome_reason) == ("refused", "Not before they pay")
    assert [limit.status for limit in desk.limits(review)] == ["active"]
    assert "Sara Lind" in {mail.to for mail in desk.mails() if mail.template == "review_refused"}
    return review


@covers("review_decision/not_assessed", "review_decision/back_to_sales")
def test_the_analyst_asks_the_sales_rep(desk: Desk) -> CreditApplication:
    review = overdue_review(desk)
    page = desk.open_task(desk.cast.alma, review, "confirm_rating")
    desk.went_well(page.form("/tasks/").fill(choice="confirm").send())
    page = desk.open_task(desk.cast.alma, review, "set_proposal")
    desk.went_well(page.form("/tasks/").fill(choice="send_back", reason="What will they buy?").send())
    page = desk.open_task(desk.cast.sara, review, "state_need")
    assert "What will they buy?" in page.text
    need = {"requested_limit": "60 000", "terms_days": "45", "yearly_purchases": "500 000"}
    refused = page.form("/tasks/").fill(**need, purpose="More").send()
    assert refused.status == 422
    assert "Answer what was asked for." in refused.text
    answer = refused.form("/tasks/").fill(purpose="They open a second plant in May")
    desk.went_well(answer.send())
    assert desk.sees(desk.cast.alma, review, "record_report") is not None
    return desk.again(review)


@covers("review_decision/sent_back", "review_decision/back_to_assessment")
def test_a_level_sends_the_review_back_to_the_rating(desk: Desk) -> CreditApplication:
    review = overdue_review(desk)
    propose(desk, review, "renew")
    page = desk.open_task(desk.cast.anna, review, "decide_limit")
    form = page.form("/tasks/").fill(decision="send_back", reason="Look at the figures again")
    desk.went_well(form.fill(rework_to="rating").send())
    assert desk.sees(desk.cast.alma, review, "confirm_rating") is not None
    return desk.again(review)


@covers("limit_decision/conditions_failed")
def test_a_security_that_is_not_given_refuses_the_review(desk: Desk) -> CreditApplication:
    review = overdue_review(desk)
    asked = {"securities-0-kind": "guarantee", "securities-0-amount": "20 000"}
    propose(desk, review, "renew", **asked)
    approve(desk, review)
    page = desk.open_task(desk.cast.alma, review, "confirm_conditions")
    form = page.form("/tasks/").fill(**{"rows-0-result": "not_given", "rows-0-note": "The bank declined"})
    desk.went_well(form.send())
    review = desk.again(review)
    assert (review.status, review.outcome_reason) == ("refused", "The bank declined")
    return review


@covers("limit_review/limit_changed")
def test_a_limit_that_changed_meanwhile_is_looked_at_again(desk: Desk) -> CreditApplication:
    review = overdue_review(desk)
    propose(desk, review, "renew")
    newer = CreditLimit(
        customer_id=review.customer_id,
        amount=Decimal(70_000),
        currency="EUR",
        terms_days=30,
        payment_method="open_account",
        valid_from=TODAY,
        valid_to=TODAY + timedelta(days=365),
    )
    open_limit(desk.session, newer)
    desk.session.commit()
    approve(desk, review)
    page = desk.open_task(desk.cast.alma, review, "set_proposal")
    assert page.status == 200
    page = desk.get(desk.cast.alma, f"/applications/{review.number}")
    assert "Another decision opened a limit of EUR 70,000.00 while its review ran." in page.text
    assert "review_limit_changed" in {mail.template for mail in desk.mails()}
    return desk.again(review)


def crossed(desk: Desk) -> CreditApplication:
    """A review that measures come first in: the grade fell below the warning line."""
    customer = with_limit(desk, warning_grade="A", warning_measures="Hold new orders\nCall the customer")
    make_rating(desk.session, customer, "BBB", rated_at=clock.now() + timedelta(minutes=1))
    desk.session.commit()
    return reviewed(desk)


@covers("limit_review/measures_needed")
def test_the_measures_of_a_crossed_warning_line_are_recorded_first(desk: Desk) -> CreditApplication:
    review = crossed(desk)
    page = desk.open_task(desk.cast.alma, review, "take_measures")
    assert "The grade is BBB, below the warning line of A." in page.text
    assert "Hold new orders" in page.text
    refused = page.form("/tasks/").fill(**{"rows-0-result": "taken", "rows-1-result": "left"}).send()
    assert refused.status == 422
    assert "Say why this measure is not taken." in refused.text
    assert "Call the customer" in refused.text
    desk.went_well(refused.form("/tasks/").fill(**{"rows-1-note": "Nobody answers"}).send())
    page = desk.get(desk.cast.alma, f"/applications/{review.number}")
    assert "Nobody answers" in page.text
    return desk.again(review)


@covers("limit_review/measures_withdrawn")
def test_the_credit_manager_cancels_a_review_during_its_measures(desk: Desk) -> CreditApplication:
    review = crossed(desk)
    desk.went_well(desk.withdraw(desk.cast.carla, review, "A data error"))
    assert desk.again(review).status == "withdrawn"
    return desk.again(review)


@covers("limit_review/review_withdrawn")
def test_only_a_credit_manager_cancels_a_review_and_says_why(desk: Desk) -> CreditApplication:
    review = overdue_review(desk)
    path = f"/applications/{review.number}"
    assert not desk.get(desk.cast.sara, path).has_form("/withdraw")
    refused = desk.get(desk.cast.carla, path).form("/withdraw").fill(reason="").send()
    assert refused.status == 422
    desk.went_well(desk.withdraw(desk.cast.carla, review, "They have paid"))
    review = desk.again(review)
    assert (review.status, review.outcome_reason) == ("withdrawn", "They have paid")
    assert [limit.status for limit in desk.limits(review)] == ["active"]
    mail = next(mail for mail in desk.mails() if mail.template == "review_cancelled")
    assert "They have paid" in mail.body
    return review


def test_the_credit_people_start_a_review_by_hand(desk: Desk) -> None:
    customer = with_limit(desk)
    path = f"/customers/{customer.number}?tab=limits"
    page = desk.get(desk.cast.anna, path)
    started = page.form("/review").fill(reason="Bad news in the paper").send()
    assert started.status == 200
    number = number_on(started)
    assert number.startswith("LR-")
    assert "Bad news in the paper" in started.text
    again = desk.get(desk.cast.anna, path)
    assert number in again.text
    assert not again.has_form("/review")
    assert not desk.get(desk.cast.sara, path).has_form("/review")


def test_who_may_not_starts_no_review_by_hand(desk: Desk) -> None:
    customer = with_limit(desk)
    page = desk.get(desk.cast.anna, f"/customers/{customer.number}?tab=limits")
    address = str(page.form("/review").element.get("action"))
    sara = desk.get(desk.cast.sara, f"/customers/{customer.number}?tab=limits")
    token = {"csrf_token": str(sara.form("/temporary-limits/new").value("csrf_token")), "reason": "Because"}
    assert desk.browser(desk.cast.sara).post(address, token).status == 403
    assert desk.count("credit_application") == 0


def test_the_start_page_counts_limits_under_review(desk: Desk) -> None:
    overdue_review(desk)
    page = desk.get(desk.cast.anna, "/")
    assert "Limits under review" in page.text
    listed = desk.get(desk.cast.anna, "/applications?kind=review")
    assert "limit review" in listed.text


# --- the temporary limit -------------------------------------------------------------------------------------------


def requested(desk: Desk, customer: Customer, **values: str) -> CreditApplication:
    """Sara asks for a temporary limit from the customer's page."""
    page = (
        desk.get(desk.cast.sara, f"/customers/{customer.number}")
        .form("/temporary-limits/new")
        .send(customer=customer.number)
    )
    application = desk.application(number_on(page))
    given = {
        "requested_limit": "70 000",
        "temporary_until": (TODAY + timedelta(days=20)).isoformat(),
        "purpose": "The season's peak in March",
    }
    desk.went_well(page.form("/tasks/").fill(**given | values).send())
    return desk.again(application)


@covers("temporary_limit/approved", "temporary_limit/limit_opened")
def test_a_temporary_limit_opens_replaces_and_expires_by_itself(desk: Desk) -> CreditApplication:
    customer = with_limit(desk)
    application = requested(desk, customer)
    assert application.number.startswith("TL-")
    approve(desk, application)
    assert desk.again(application).status == "granted"
    page = desk.get(desk.cast.sara, f"/customers/{customer.number}?tab=limits")
    assert "temporary" in page.text
    assert desk.timers(20) == 0
    assert desk.timers(21) == 1
    assert [limit.status for limit in desk.limits(application)] == ["active", "expired"]
    with desk.later(21):
        mails = desk.mails()
    mail = next(one for one in mails if one.template == "limit_expired" and one.to == "Sara Lind")
    assert mail.subject == "Limit expired: Nordwind"
    assert "the permanent one holds again" in mail.body
    return application


@covers("temporary_limit/refused")
def test_a_temporary_limit_is_refused(desk: Desk) -> CreditApplication:
    application = requested(desk, with_limit(desk))
    level = desk.cast.anna if desk.sees(desk.cast.anna, application) else desk.cast.carla
    desk.went_well(desk.decide(level, application, "refuse", reason="Season is over"))
    assert desk.again(application).outcome_reason == "Season is over"
    return desk.again(application)


@covers("temporary_limit/sent_back")
def test_a_temporary_limit_is_sent_back_and_reworked(desk: Desk) -> CreditApplication:
    application = requested(desk, with_limit(desk))
    level = desk.cast.anna if desk.sees(desk.cast.anna, application) else desk.cast.carla
    desk.went_well(desk.decide(level, application, "send_back", reason="Shorter, please"))
    page = desk.open_task(desk.cast.sara, application, "enter_temporary")
    assert "Shorter, please" in page.text
    until = (TODAY + timedelta(days=5)).isoformat()
    desk.went_well(page.form("/tasks/").fill(temporary_until=until).send())
    assert desk.again(application).round == 2
    return application


@covers("temporary_limit/limit_not_opened")
def test_a_temporary_limit_approved_too_late_does_not_open(desk: Desk) -> CreditApplication:
    application = requested(desk, with_limit(desk), temporary_until=TODAY.isoformat())
    with desk.later(1):
        approve(desk, application)
    application = desk.again(application)
    assert application.status == "refused"
    assert "had passed before everybody had decided" in (application.outcome_reason or "")
    return application


@covers("temporary_limit/entry_withdrawn")
def test_a_temporary_limit_is_withdrawn_as_a_draft(desk: Desk) -> CreditApplication:
    desk.get(desk.cast.sara, "/").form("/temporary-limits/new").send()
    application = desk.session.scalars(select(CreditApplication)).one()
    desk.went_well(desk.withdraw(desk.cast.sara, application))
    assert desk.again(application).status == "withdrawn"
    return application


@covers("temporary_limit/decision_withdrawn")
def test_a_temporary_limit_is_withdrawn_in_approval(desk: Desk) -> CreditApplication:
    application = requested(desk, with_limit(desk))
    desk.went_well(desk.withdraw(desk.cast.sara, application))
    assert desk.again(application).status == "withdrawn"
    assert "application_withdrawn" in {mail.template for mail in desk.mails()}
    return application


def test_a_request_that_lacks_something_says_what_at_the_field(desk: Desk) -> None:
    customer = with_limit(desk)
    page = (
        desk.get(desk.cast.sara, f"/customers/{customer.number}")
        .form("/temporary-limits/new")
        .send(customer=customer.number)
    )
    given = {
        "requested_limit": "70 000",
        "temporary_until": (TODAY - DAY).isoformat(),
        "purpose": "Season's peak",
    }
    refused = page.form("/tasks/").fill(**given).send()
    assert refused.status == 422
    assert refused.problems == ["The last day of the temporary limit lies before today."]
    assert refused.form("/tasks/").value("requested_limit") == "70 000"


def test_a_customer_without_a_limit_gets_no_temporary_one(desk: Desk) -> None:
    customer = desk.customer("Sudwind")
    page = (
        desk.get(desk.cast.sara, f"/customers/{customer.number}")
        .form("/temporary-limits/new")
        .send(customer=customer.number)
    )
    given = {
        "requested_limit": "70 000",
        "temporary_until": TODAY.isoformat(),
        "purpose": "The season's peak in March",
    }
    refused = page.form("/tasks/").fill(**given).send()
    assert refused.status == 422
    assert "The customer has no open limit that a temporary one could replace" in refused.text


def test_an_applied_review_can_be_taken_back_and_the_limit_is_as_before(desk: Desk) -> None:
    review = overdue_review(desk)
    propose(desk, review, "cut", "20 000")
    desk.went_well(desk.decide(desk.cast.anna, review, "approve"))
    assert [(limit.amount, limit.status) for limit in desk.limits(review)] == [
        (50_000, "replaced"),
        (20_000, "active"),
    ]
    page = desk.get(desk.cast.anna, f"/applications/{review.number}")
    desk.went_well(page.form("/take-back").send())
    assert [(limit.amount, limit.status) for limit in desk.limits(review)] == [
        (50_000, "active"),
        (20_000, "retracted"),
    ]
    review = desk.again(review)
    assert (review.status, review.decided_at) == ("in_approval", None)
    assert desk.sees(desk.cast.anna, review, "decide_limit") is not None
