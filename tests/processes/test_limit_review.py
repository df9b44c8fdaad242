"""The review of a limit: what starts it, how often, and what becomes of the limit."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from credit_app import reviews
from credit_app.domain.sentences import Sentence
from credit_app.facts.exposure import weigh
from credit_app.facts.people import decision_facts
from credit_app.forms.proposal import ProposalAnswer
from credit_app.forms.rating import Confirmation
from credit_app.forms.review import Measure, Measures, Need
from credit_app.models import CreditApplication, CreditLimit, Customer, Security, open_limit
from tests.factories import NOW, TODAY, make_application, make_invoice, make_rating
from tests.processes.conftest import Desk
from tests.processes.reviewing import Reviewing
from workflows import Actor, Conflict, InvalidAnswer, clock

DAY = timedelta(days=1)


@pytest.fixture
def reviewing(desk: Desk) -> Reviewing:
    return Reviewing(desk)


@pytest.fixture
def customer(desk: Desk) -> Customer:
    """A customer of the north branch that pays on its day, looked after by Sara."""
    return desk.customer("Nordwind", sales_rep_id=desk.cast.sara.id)


def overdue(desk: Desk, customer: Customer, days: int = 40) -> None:
    """An invoice that is so many days past due."""
    make_invoice(desk.session, customer, 3_000, TODAY - timedelta(days=days))
    desk.session.commit()


# --- what starts a review -----------------------------------------------------------------------------------------


def on_review_date(desk: Desk, limit: CreditLimit) -> None:
    limit.review_on = TODAY


def before_its_end(desk: Desk, limit: CreditLimit) -> None:
    limit.valid_to = TODAY + timedelta(days=30)


def when_overdue(desk: Desk, limit: CreditLimit) -> None:
    overdue(desk, limit.customer, 30)


def when_downgraded(desk: Desk, limit: CreditLimit) -> None:
    application = desk.open(limit.customer)
    limit.application_id = application.id
    make_rating(desk.session, limit.customer, "A", application_id=application.id)
    make_rating(desk.session, limit.customer, "BBB", rated_at=NOW + timedelta(minutes=1))


def when_the_score_falls(desk: Desk, limit: CreditLimit) -> None:
    limit.warning_score = Decimal(70)
    make_rating(desk.session, limit.customer, "BBB", score=Decimal("66.00"))


def when_the_grade_falls(desk: Desk, limit: CreditLimit) -> None:
    limit.warning_grade = "A"
    make_rating(desk.session, limit.customer, "BBB")


def when_too_much_is_used(desk: Desk, limit: CreditLimit) -> None:
    limit.warning_utilisation = Decimal("0.8")
    make_invoice(desk.session, limit.customer, 41_000, TODAY + timedelta(days=20), document_date=TODAY)


def when_a_security_expires(desk: Desk, limit: CreditLimit) -> None:
    desk.session.add(
        Security(
            customer_id=limit.customer_id,
            kind="guarantee",
            amount=Decimal(10_000),
            currency="EUR",
            haircut=Decimal("0.1"),
            status="confirmed",
            confirmed_by=desk.cast.anna.id,
            confirmed_at=NOW,
            expires_on=TODAY + timedelta(days=30),
        )
    )


STARTS: list[tuple[Callable[[Desk, CreditLimit], None], str, str]] = [
    (on_review_date, "review_date", "The review was due on 2026-03-10."),
    (before_its_end, "expiry", "The limit ends on 2026-04-09."),
    (when_overdue, "overdue", "The oldest open item is 30 days past due."),
    (when_downgraded, "downgrade", "The grade has fallen to BBB; it was A when the limit was granted."),
    (when_the_score_falls, "warning_line", "The score is 66.00, below the warning line of 70.00."),
    (when_the_grade_falls, "warning_line", "The grade is BBB, below the warning line of A."),
    (when_too_much_is_used, "warning_line", "82 % of the limit is used, more than the warning line of 80 %."),
    (when_a_security_expires, "security", "A security behind the limit expires on 2026-04-09."),
]


@pytest.mark.parametrize(("happens", "trigger", "sentence"), STARTS)
def test_a_review_starts_by_itself_and_says_why(
    desk: Desk,
    reviewing: Reviewing,
    customer: Customer,
    happens: Callable[[Desk, CreditLimit], None],
    trigger: str,
    sentence: str,
) -> None:
    limit = reviewing.limit(customer)
    assert reviewing.job() == []
    happens(desk, limit)
    desk.session.commit()
    [review] = reviewing.job()
    assert (review.kind, review.number, review.status) == ("review", "LR-2026-00001", "under_investigation")
    assert (review.reviewed_limit_id, review.review_trigger) == (limit.id, trigger)
    assert [reason["sentence"]["text"] for reason in review.review_reasons] == [sentence]
    assert review.requested_by == desk.cast.sara.id
    assert desk.mails("review_started") >= {"Sara Lind", "Anna Weiss"}


@pytest.mark.parametrize(("happens", "trigger", "_sentence"), STARTS[:3])
def test_the_day_before_it_does_not_start(
    desk: Desk,
    reviewing: Reviewing,
    customer: Customer,
    happens: Callable[[Desk, CreditLimit], None],
    trigger: str,
    _sentence: str,
) -> None:
    limit = reviewing.limit(customer)
    happens(desk, limit)
    desk.session.commit()
    with clock.at(clock.now() - DAY):
        assert reviewing.job() == []
    assert [review.review_trigger for review in reviewing.job()] == [trigger]


def test_the_job_starts_a_review_once_however_often_it_runs(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    reviewing.limit(customer, review_on=TODAY)
    assert len(reviewing.job()) == 1
    assert reviewing.job() == []
    with clock.at(clock.now() + timedelta(days=5)):
        assert reviewing.job() == []


def test_a_limit_that_another_worker_looks_at_is_skipped(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    first = reviewing.limit(customer, review_on=TODAY)
    other = reviewing.limit(desk.customer("Sudwind"), review_on=TODAY)
    with Session(desk.session.get_bind()) as second:
        second.get(CreditLimit, first.id, with_for_update={"of": CreditLimit})
        assert [review.reviewed_limit_id for review in reviewing.job()] == [other.id]
        second.rollback()
    assert [review.reviewed_limit_id for review in reviewing.job()] == [first.id]


def test_the_database_allows_one_running_review_a_limit(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    limit = reviewing.limit(customer)
    reviews.start_by_hand(desk.session, desk.engine, limit.id, "Bad news in the paper", desk.cast.carla.id)
    desk.session.commit()
    with pytest.raises(Conflict, match="already under way"):
        reviews.start_by_hand(desk.session, desk.engine, limit.id, "Once more", desk.cast.carla.id)
    desk.session.rollback()


def test_an_event_that_a_review_looked_at_rests(desk: Desk, reviewing: Reviewing, customer: Customer) -> None:
    limit = reviewing.limit(customer)
    overdue(desk, customer)
    [review] = reviewing.job()
    desk.engine.send(
        desk.session, review.instance_id or 0, "withdrawn", Actor(desk.cast.carla.id), "test",
        before=lambda action: setattr(review, "outcome_reason", "Paid tomorrow"),
    )  # fmt: skip
    desk.session.commit()
    assert review.status == "withdrawn"
    assert "Sara Lind" in desk.mails("review_cancelled")
    assert reviewing.job() == []
    with clock.at(clock.now() + timedelta(days=30)):
        [again] = reviewing.job()
    assert again.reviewed_limit_id == limit.id


# --- what becomes of the limit --------------------------------------------------------------------------------------


def started(desk: Desk, reviewing: Reviewing, customer: Customer, **values: Any) -> CreditApplication:
    """A review that begins with the rating: an item is overdue."""
    reviewing.limit(customer, **values)
    overdue(desk, customer)
    [review] = reviewing.job()
    return review


def decided(
    desk: Desk, reviewing: Reviewing, review: CreditApplication, decision: str = "approve", **values: Any
) -> Any:
    """Every level that is asked decides so."""
    people = {"credit_analyst": desk.cast.anton, "credit_manager": desk.cast.carla}
    rest = None
    while desk.session.refresh(review) or review.status == "in_approval":
        rest = desk.decide(review, people[desk.task(review).role], decision, **values)
    return rest


def test_a_renewed_limit_is_a_new_row_with_its_own_validity(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    review = started(desk, reviewing, customer)
    reviewing.assess(review, 50_000)
    assert reviewing.node(review) == "propose_action"
    reviewing.propose(review, "renew")
    rest = decided(desk, reviewing, review)
    assert (rest.ended, rest.outcome) == (True, "limit_reviewed")
    before, after = reviewing.limits(customer)
    assert (before.status, before.valid_to) == ("replaced", TODAY - DAY)
    assert (after.status, after.amount, after.application_id) == ("active", 50_000, review.id)
    assert (after.valid_from, after.review_on) > (TODAY - DAY, before.review_on)
    assert (review.status, review.review_action) == ("granted", "renew")
    assert {"Sara Lind", "Anna Weiss"} <= desk.mails("review_applied")


@pytest.mark.parametrize(
    ("proposed", "action", "amount"), [(30_000, "cut", 30_000), (60_000, "change", 60_000)]
)
def test_a_cut_or_changed_limit_has_the_figures_that_were_approved(
    desk: Desk, reviewing: Reviewing, customer: Customer, proposed: int, action: str, amount: int
) -> None:
    review = started(desk, reviewing, customer)
    reviewing.assess(review, proposed)
    reviewing.propose(review, action)
    decided(desk, reviewing, review)
    assert [limit.amount for limit in reviewing.limits(customer)] == [50_000, amount]
    assert review.review_action == action


def test_a_cancelled_limit_holds_no_longer_today(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    review = started(desk, reviewing, customer)
    reviewing.assess(review, 50_000)
    reviewing.propose(review, "cancel", "The customer has moved away")
    decided(desk, reviewing, review)
    [limit] = reviewing.limits(customer)
    assert (limit.status, limit.valid_to) == ("cancelled", TODAY - DAY)
    assert limit.end_reason == "The customer has moved away"
    assert (review.review_action, review.approved_limit) == ("cancel", 0)


def test_a_level_that_changes_the_figure_decides_what_the_review_does(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    review = started(desk, reviewing, customer)
    reviewing.assess(review, 50_000)
    reviewing.propose(review, "renew")
    changed = {"limit": Decimal(20_000), "terms_days": 30, "reason": "Too much for now"}
    desk.decide(review, desk.cast.anton, "approve_with_changes", **changed)
    decided(desk, reviewing, review)
    assert review.review_action == "cut"
    assert reviewing.limits(customer)[-1].amount == 20_000


def test_a_refused_proposal_leaves_the_limit_until_its_last_day(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    review = started(desk, reviewing, customer)
    reviewing.assess(review, 60_000)
    reviewing.propose(review, "change")
    rest = decided(desk, reviewing, review, "refuse", reason="Not before they pay")
    assert rest.outcome == "review_refused"
    assert (review.status, review.outcome_reason) == ("refused", "Not before they pay")
    [limit] = reviewing.limits(customer)
    assert (limit.status, limit.amount) == ("active", 50_000)
    assert "Sara Lind" in desk.mails("review_refused")


@pytest.mark.parametrize(
    ("proposed", "action", "sentence"),
    [
        (
            60_000,
            "cut",
            "A cut is below the present limit of EUR 50,000.00; choose “Change” for another figure.",
        ),
        (50_000, "change", "Nothing is changed here; choose “Renew” to leave the limit as it stands."),
        (50_000, "", "Choose what you propose for the limit."),
    ],
)
def test_a_proposal_that_does_not_fit_its_figures_is_refused(
    desk: Desk, reviewing: Reviewing, customer: Customer, proposed: int, action: str, sentence: str
) -> None:
    review = started(desk, reviewing, customer)
    reviewing.assess(review, proposed)
    with pytest.raises(InvalidAnswer) as refused:
        reviewing.propose(review, action)
    assert str(refused.value) == sentence
    desk.session.rollback()


def test_a_limit_that_changed_meanwhile_goes_back_to_the_proposal(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    review = started(desk, reviewing, customer)
    reviewing.assess(review, 50_000)
    reviewing.propose(review, "renew")
    newer = open_limit(desk.session, make_like(reviewing.limits(customer)[0], 70_000))
    desk.session.commit()
    decided(desk, reviewing, review)
    assert [(limit.amount, limit.status) for limit in reviewing.limits(customer)] == [
        (50_000, "replaced"),
        (70_000, "active"),
    ]
    desk.session.refresh(review)
    assert (review.status, review.reviewed_limit_id, review.round) == ("under_investigation", newer.id, 2)
    assert review.review_reasons[-1]["sentence"]["text"] == (
        "Another decision opened a limit of EUR 70,000.00 while its review ran."
    )
    assert reviewing.node(review) == "set_proposal"
    assert {"Sara Lind", "Anna Weiss"} <= desk.mails("review_limit_changed")


def test_a_limit_that_another_review_is_about_is_left_to_it(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    review = started(desk, reviewing, customer)
    reviewing.assess(review, 50_000)
    reviewing.propose(review, "renew")
    before = review.reviewed_limit_id
    newer = open_limit(desk.session, make_like(reviewing.limits(customer)[0], 70_000))
    newer.review_on = TODAY
    desk.session.commit()
    (other,) = reviewing.job()
    assert other.reviewed_limit_id == newer.id
    decided(desk, reviewing, review)
    desk.session.refresh(review)
    assert (review.status, review.round) == ("under_investigation", 2)
    assert review.reviewed_limit_id == before


def make_like(limit: CreditLimit, amount: int) -> CreditLimit:
    """A limit as another decision would open it today."""
    return CreditLimit(
        customer_id=limit.customer_id,
        amount=Decimal(amount),
        currency="EUR",
        terms_days=30,
        payment_method="open_account",
        valid_from=TODAY,
        valid_to=TODAY + timedelta(days=365),
    )


# --- measures, sending back, cancelling -----------------------------------------------------------------------------


def test_measures_of_a_crossed_warning_line_come_first(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    reviewing.limit(customer, warning_grade="A", warning_measures="- Hold new orders\n- Call the customer\n")
    reviewing.rated(customer, "BBB")
    [review] = reviewing.job()
    assert (reviewing.node(review), review.status) == ("take_measures", "submitted")
    task = desk.task(review)
    assert (task.role, task.scope) == ("credit_analyst", desk.cast.north.id)
    rows = (Measure("rows-0", "taken", "Done at ten"), Measure("rows-1", "left", ""))
    with pytest.raises(InvalidAnswer, match="Say why this measure is not taken"):
        reviewing.answer(review, desk.cast.alma, Measures(rows))
    desk.session.rollback()
    rows = (rows[0], Measure("rows-1", "left", "Nobody answers"))
    reviewing.answer(review, desk.cast.alma, Measures(rows))
    desk.session.refresh(review)
    assert review.interim_measures == [
        {"measure": "Hold new orders", "taken": True, "note": "Done at ten"},
        {"measure": "Call the customer", "taken": False, "note": "Nobody answers"},
    ]
    assert reviewing.node(review) == "confirm_rating"


def test_what_is_missing_is_asked_of_the_sales_rep(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    review = started(desk, reviewing, customer)
    reviewing.answer(review, desk.cast.alma, Confirmation("confirm", version=reviewing.version(review)))
    back = ProposalAnswer("send_back", version=reviewing.version(review), reason="What will they buy?")
    reviewing.answer(review, desk.cast.alma, back)
    task = desk.task(review)
    assert (task.node, task.role, task.claimed_by) == ("state_need", "sales_rep", desk.cast.sara.id)
    need = {"requested_limit": Decimal(60_000), "terms_days": 45, "yearly_purchases": Decimal(500_000)}
    with pytest.raises(InvalidAnswer, match="Answer what was asked for"):
        reviewing.answer(review, desk.cast.sara, Need(reviewing.version(review), **need, purpose="More"))
    desk.session.rollback()
    answer = Need(reviewing.version(review), **need, purpose="They open a second plant in May")
    reviewing.answer(review, desk.cast.sara, answer)
    desk.session.refresh(review)
    assert (review.round, review.requested_limit, review.terms_days) == (2, 60_000, 45)
    assert review.status == "under_investigation"


def test_whoever_starts_a_review_by_hand_does_not_decide_it(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    limit = reviewing.limit(customer)
    overdue(desk, customer)
    carla = desk.cast.carla
    review = reviews.start_by_hand(desk.session, desk.engine, limit.id, "Bad news in the paper", carla.id)
    desk.session.commit()
    assert (review.review_trigger, review.purpose) == ("by_hand", "Bad news in the paper")
    assert [reason["kind"] for reason in review.review_reasons] == ["overdue"]
    assert carla.id in decision_facts(desk.session, review, "credit_manager").requesters


def test_only_an_open_permanent_limit_is_reviewed_by_hand(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    temporary = reviewing.limit(customer, kind="temporary", valid_from=TODAY, valid_to=TODAY + DAY)
    with pytest.raises(reviews.NoReview, match="Only an open, permanent limit"):
        reviews.start_by_hand(desk.session, desk.engine, temporary.id, "To see", desk.cast.carla.id)
    desk.session.rollback()


# --- the end of a limit --------------------------------------------------------------------------------------------


def test_nothing_expires_unnoticed(desk: Desk, reviewing: Reviewing, customer: Customer) -> None:
    limit = reviewing.limit(customer, valid_to=TODAY - DAY, review_on=TODAY - 31 * DAY)
    assert [one.id for one in reviewing.expire()] == [limit.id]
    assert reviewing.expire() == []
    assert limit.status == "expired"
    assert {"Sara Lind", "Anna Weiss"} <= desk.mails("limit_expired")
    [review] = reviewing.job()
    assert review.review_trigger == "expiry"
    assert (
        review.review_reasons[0]["sentence"]["text"] == "The limit has expired; its last day was 2026-03-09."
    )
    assert reviewing.job() == []


def test_a_limit_holds_through_its_last_day(desk: Desk, reviewing: Reviewing, customer: Customer) -> None:
    reviewing.limit(customer, valid_to=TODAY)
    assert reviewing.expire() == []


def test_a_limit_that_expired_during_its_review_is_renewed_all_the_same(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    review = started(desk, reviewing, customer, valid_to=TODAY)
    with clock.at(clock.now() + DAY):
        assert len(reviewing.expire()) == 1
        assert reviewing.job() == []
        reviewing.assess(review, 50_000)
        reviewing.propose(review, "renew")
        decided(desk, reviewing, review)
    assert [limit.status for limit in reviewing.limits(customer)] == ["expired", "active"]


def test_a_year_later_the_worker_reviews_what_it_slept_through(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    reviewing.limit(customer)
    with clock.at(clock.now() + timedelta(days=365)):
        assert len(reviewing.expire()) == 1
        [review] = reviewing.job()
        assert [reason["kind"] for reason in review.review_reasons] == ["expiry", "review_date"]
        assert reviewing.job() == []


def test_the_words_of_a_review_are_sentences_with_their_values(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    review = started(desk, reviewing, customer)
    kept = review.review_reasons[0]["sentence"]
    assert Sentence(kept["code"], kept["template"], kept["values"]).text == kept["text"]


def test_a_named_figure_that_crosses_its_line_starts_a_review(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    reviewing.limit(customer, warning_indicators={"weighted_days_late": "5"})
    assert reviewing.job() == []
    slow = desk.customer("Sudwind", days_late=9)
    reviewing.limit(slow, warning_indicators={"weighted_days_late": "5"})
    [review] = reviewing.job()
    assert (review.customer_id, review.review_trigger) == (slow.id, "warning_line")
    assert "9.00 and has crossed the warning line of 5" in review.review_reasons[0]["sentence"]["text"]


def test_a_limit_under_review_is_not_added_up_with_what_granted_it(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    granted = make_application(
        desk.session, customer, desk.cast.sara, 50_000, status="granted", submitted_at=NOW,
        approved_limit=Decimal(50_000), approved_terms_days=30, decided_at=NOW - timedelta(days=10),
    )  # fmt: skip
    review = started(desk, reviewing, customer, application_id=granted.id)
    reviewing.assess(review, 60_000)
    reviewing.propose(review, "change")
    assert weigh(desk.session, review, TODAY).resulting.total == 60_000
    asked = make_application(
        desk.session, customer, desk.cast.sara, 30_000, status="in_approval", submitted_at=NOW
    )
    make_rating(desk.session, customer, "BBB", application_id=asked.id)
    # 30,000 asked for, 50,000 granted lately, and the 10,000 by which the review raises the limit
    assert weigh(desk.session, asked, TODAY).resulting.total == 90_000


def test_to_cancel_a_limit_departs_from_no_policy(
    desk: Desk, reviewing: Reviewing, customer: Customer
) -> None:
    review = started(desk, reviewing, customer)
    customer.status = "in_default"
    desk.session.commit()
    reviewing.assess(review, 50_000)
    assert [one.kind for one in weigh(desk.session, review, TODAY).exceptions] == ["no_credit_grade"]
    reviewing.propose(review, "cancel")
    assert weigh(desk.session, review, TODAY).exceptions == ()
