"""A temporary limit: what it needs, what it replaces, and how it ends by itself."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from credit_app.facts.exposure_parts import exposure_of
from credit_app.facts.people import decision_facts
from credit_app.forms.temporary_limit import Wanted
from credit_app.models import CreditApplication, Customer, Rating, active_limit, next_application_number
from credit_app.steps.approval.decide_limit import Decision
from credit_app.steps.temporary_limit.enter_temporary import Incomplete
from tests.factories import NOW, TODAY, make_limit
from tests.processes.conftest import Desk
from tests.processes.reviewing import Reviewing
from workflows import Actor, clock

DAY = timedelta(days=1)
LAST = TODAY + timedelta(days=20)


@pytest.fixture
def reviewing(desk: Desk) -> Reviewing:
    return Reviewing(desk)


@pytest.fixture
def customer(desk: Desk, reviewing: Reviewing) -> Customer:
    """A rated customer of the north branch with an open limit of 30,000."""
    made = desk.customer("Nordwind", sales_rep_id=desk.cast.sara.id)
    reviewing.limit(made, 30_000)
    reviewing.rated(made, "A", score=Decimal(75), valid_until=TODAY + timedelta(days=100))
    return made


def opened(desk: Desk, customer: Customer | None) -> CreditApplication:
    """Sara's empty request."""
    application = CreditApplication(
        kind="temporary",
        number=next_application_number(desk.session, TODAY.year, "temporary"),
        requested_by=desk.cast.sara.id,
        branch_id=desk.cast.north.id,
        customer_id=customer.id if customer else None,
        created_at=NOW,
    )
    desk.session.add(application)
    desk.session.flush()
    rest = desk.engine.start(
        desk.session, "temporary_limit", application.id, {"application_id": application.id},
        Actor(desk.cast.sara.id), "test",
    )  # fmt: skip
    application.instance_id = rest.instance_id
    desk.session.commit()
    return application


def submit(desk: Desk, application: CreditApplication, customer: Customer, **values: Any) -> Any:
    """Sara submits it with these values."""
    given = {
        "customer_id": customer.id,
        "requested_limit": Decimal(45_000),
        "temporary_until": LAST,
        "purpose": "The season's peak in March",
    }
    desk.session.refresh(application)
    entered = Wanted(application.version, **given | values)
    return desk.complete(application, Actor(desk.cast.sara.id), entered)


def approved(desk: Desk, application: CreditApplication) -> Any:
    return desk.decide(application, desk.cast.anna, "approve")


def test_it_replaces_the_permanent_limit_in_every_figure_and_ends_by_itself(
    desk: Desk, customer: Customer
) -> None:
    application = opened(desk, customer)
    assert application.number == "TL-2026-00001"
    submit(desk, application, customer)
    assert (application.status, application.currency, application.terms_days) == ("in_approval", "EUR", 30)
    rest = approved(desk, application)
    assert (rest.ended, application.status) == (False, "granted")
    assert desk.mails("temporary_opened") == {"Sara Lind"}
    for day, amount in ((TODAY, 45_000), (LAST, 45_000), (LAST + DAY, 30_000)):
        found = active_limit(desk.session, customer.id, day)
        assert found is not None
        assert found.amount == amount
    assert exposure_of(desk.session, customer, TODAY).available == 45_000
    assert desk.pass_time(20) == 0
    assert desk.pass_time(21) == 1
    [temporary] = [one for one in Reviewing(desk).limits(customer) if one.kind == "temporary"]
    assert (temporary.status, temporary.valid_to) == ("expired", LAST)
    assert {"Sara Lind", "Anna Weiss"} <= desk.mails("limit_expired")
    assert desk.kinds(application)[-1].startswith(
        "service_run expire_temporary"
    ) or "expire_temporary" in str(desk.kinds(application))


def test_the_timer_and_the_job_end_it_once(desk: Desk, reviewing: Reviewing, customer: Customer) -> None:
    application = opened(desk, customer)
    submit(desk, application, customer)
    approved(desk, application)
    with clock.at(clock.now() + timedelta(days=21)):
        assert [limit.kind for limit in reviewing.expire()] == ["temporary"]
    told = len(desk.mails("limit_expired"))
    assert desk.pass_time(21) == 1
    assert len(desk.mails("limit_expired")) == told


def test_taken_back_and_approved_again_it_still_ends(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    application = opened(desk, customer)
    submit(desk, application, customer)
    task = desk.task(application)
    step = desk.engine.handlers.step(task.process, task.node)
    answer = Decision(version=application.version, decision="approve")
    desk.engine.complete(
        desk.session, task.id, Actor(desk.cast.anna.id), "test", lambda action: step.complete(action, answer),
        hold=timedelta(minutes=15),
    )  # fmt: skip
    desk.session.commit()
    desk.engine.take_back(desk.session, application.instance_id or 0, Actor(desk.cast.anna.id), "test")
    desk.session.commit()
    desk.session.refresh(application)
    approved(desk, application)
    assert desk.pass_time(21) == 1
    found = [limit.status for limit in reviewing.limits(customer) if limit.kind == "temporary"]
    assert sorted(found) == ["expired", "retracted"]
    assert desk.nodes(application) == set()


def test_a_discount_of_a_round_that_was_sent_back_is_not_the_next_ones(
    desk: Desk, customer: Customer
) -> None:
    application = opened(desk, customer)
    submit(desk, application, customer)
    application.discount = Decimal("0.05")
    desk.session.commit()
    desk.decide(application, desk.cast.anna, "send_back", reason="Until when exactly?")
    submit(desk, application, customer)
    desk.session.refresh(application)
    assert (application.round, application.discount) == (2, None)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"temporary_until": TODAY - DAY}, "The last day of the temporary limit lies before today."),
        (
            {"temporary_until": TODAY + 91 * DAY},
            "A temporary limit runs for at most 90 days; its last day is 8 Jun 2026 at the latest.",
        ),
        ({"temporary_until": None}, "Enter the last day of the temporary limit."),
        ({"requested_limit": None}, "Enter the temporary limit that is asked for."),
        (
            {"requested_limit": Decimal(30_000)},
            "This is the limit that the customer has already; enter another amount.",
        ),
        ({"purpose": "Season"}, "Say in at least 10 characters why the customer needs a temporary limit."),
        ({"customer_id": None}, "Choose the customer."),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    desk: Desk, customer: Customer, values: dict[str, Any], sentence: str
) -> None:
    application = opened(desk, customer)
    with pytest.raises(Incomplete) as refused:
        submit(desk, application, customer, **values)
    assert str(refused.value) == f"This was not submitted. {sentence}"
    desk.session.rollback()


def rating_of(desk: Desk, customer: Customer) -> Rating:
    return desk.session.scalars(select(Rating).where(Rating.customer_id == customer.id)).one()


def no_limit(desk: Desk, customer: Customer) -> None:
    Reviewing(desk).limits(customer)[0].status = "expired"


def no_rating(desk: Desk, customer: Customer) -> None:
    rating_of(desk, customer).rated_by = None


def old_rating(desk: Desk, customer: Customer) -> None:
    rating_of(desk, customer).valid_until = TODAY - DAY


def another(desk: Desk, customer: Customer) -> None:
    make_limit(desk.session, customer, 1, kind="temporary", valid_from=TODAY, valid_to=TODAY + DAY)


@pytest.mark.parametrize(
    ("happened", "sentence"),
    [
        (
            no_limit,
            "The customer has no open limit that a temporary one could replace; apply for a limit first.",
        ),
        (no_rating, "The customer has no rating; apply for a limit first, so that it is rated."),
        (
            old_rating,
            "The customer's rating was valid until 9 Mar 2026 only; its limit has to be reviewed first.",
        ),
        (another, "The customer has a temporary limit until 11 Mar 2026 already."),
    ],
)
def test_without_what_it_needs_it_says_why_not(
    desk: Desk, customer: Customer, happened: Any, sentence: str
) -> None:
    application = opened(desk, customer)
    happened(desk, customer)
    desk.session.commit()
    with pytest.raises(Incomplete) as refused:
        submit(desk, application, customer)
    assert sentence in str(refused.value)
    desk.session.rollback()


def test_approved_after_its_last_day_nothing_opens(desk: Desk, customer: Customer) -> None:
    application = opened(desk, customer)
    submit(desk, application, customer, temporary_until=TODAY)
    with clock.at(clock.now() + DAY):
        rest = approved(desk, application)
    assert rest.outcome == "credit_refused"
    assert application.status == "refused"
    assert application.outcome_reason == "Its last day, 2026-03-10, had passed before everybody had decided."
    assert [limit.kind for limit in Reviewing(desk).limits(customer)] == ["permanent"]
    assert desk.mails("application_refused") == {"Sara Lind"}


def test_a_request_sent_back_is_reworked_and_submitted_again(desk: Desk, customer: Customer) -> None:
    application = opened(desk, customer)
    submit(desk, application, customer)
    desk.decide(application, desk.cast.anna, "send_back", reason="Shorter, please")
    assert application.status == "sent_back"
    submit(desk, application, customer, temporary_until=TODAY + 5 * DAY)
    assert (application.round, application.status) == (2, "in_approval")
    approved(desk, application)
    assert Reviewing(desk).limits(customer)[-1].valid_to == date(2026, 3, 15)


def test_whoever_entered_it_in_the_place_of_the_rep_does_not_decide(desk: Desk, customer: Customer) -> None:
    application = opened(desk, customer)
    submit(desk, application, customer)
    assert desk.cast.sara.id in decision_facts(desk.session, application, "credit_analyst").requesters
