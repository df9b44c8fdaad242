"""The analyst around a rating: confirm, judge in points, override, and set a warning line, through the screen."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from credit_app.models import CreditApplication, Rating
from tests.screens.desk import Desk, Page
from tests.screens.shelf import kept

REASON = "The order book for next year is full."


@kept
def at_rating(desk: Desk) -> CreditApplication:
    application = desk.enter(desk.customer("Nordwind AG"))
    desk.gather(application)
    return application


def rating_of(desk: Desk, application: CreditApplication) -> Rating:
    desk.fresh()
    return desk.session.scalars(select(Rating).where(Rating.application_id == application.id)).one()


def answer(desk: Desk, application: CreditApplication, **values: str) -> Page:
    return desk.open_task(desk.cast.alma, application, "confirm_rating").form("/tasks/").fill(**values).send()


def test_the_page_shows_the_rating_with_its_methods_and_what_policy_allows(desk: Desk) -> None:
    application = at_rating(desk)
    page = desk.open_task(desk.cast.alma, application, "confirm_rating")
    for text in ("Scorecard", "Experience", "Industry comparison", "Points by dimension", "Policy allows: "):
        assert text in page.text
    assert "There are no financial statements." in page.text


def test_override_by_a_step_with_a_reason_is_kept_with_the_computed_grade(desk: Desk) -> None:
    application = at_rating(desk)
    computed = rating_of(desk, application).grade
    assert computed == "AA"
    desk.went_well(answer(desk, application, choice="override", grade="A", reason=REASON))
    rating = rating_of(desk, application)
    assert (rating.grade, rating.computed_grade, rating.override_reason) == ("A", "AA", REASON)
    assert rating.rated_by == desk.cast.alma.id


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"grade": "BBB", "reason": REASON}, "grade", "From AA to BBB are 2 steps; the policy allows 1."),
        ({"grade": "A", "reason": "weaker"}, "grade", "needs a reason of at least 20 characters"),
        ({"grade": "D", "reason": REASON}, "grade", "is not set or lifted by judgement"),
        ({"reason": REASON}, "grade", "Choose another grade, or enter points"),
        ({"points": "11", "reason": REASON}, "points", "at most 10 points up or down"),
        ({"points": "-5", "reason": "weaker"}, "points", "with a reason of at least 20 characters"),
        ({"points": "many", "reason": REASON}, "points", "Enter a number with at most two decimals"),
    ],
)
def test_an_override_or_judgement_beyond_policy_is_one_sentence_at_its_field(
    desk: Desk, values: dict[str, str], field: str, said: str
) -> None:
    application = at_rating(desk)
    before = rating_of(desk, application)
    page = answer(desk, application, choice="override", **values)
    assert said in page.error_at(field)
    after = rating_of(desk, application)
    assert (after.grade, after.rated_by, after.score) == (before.grade, None, before.score)


def test_a_judgement_in_points_moves_score_and_grade_and_is_shown(desk: Desk) -> None:
    application = at_rating(desk)
    before = rating_of(desk, application).score or Decimal(0)
    desk.went_well(answer(desk, application, choice="override", points="-7,5", reason=REASON))
    rating = rating_of(desk, application)
    assert (rating.score, rating.grade, rating.override_reason) == (before - Decimal("7.5"), "A", None)
    assert rating.inputs["rating"]["judgement"]["reason"] == REASON


def test_a_warning_line_with_figures_is_kept_and_becomes_the_limits(desk: Desk) -> None:
    application = desk.enter(desk.customer("Nordwind AG"))
    watched = {"watched-0-figure": "share_late", "watched-0-bound": "12,5"}
    watched |= {"watched-1-figure": "current_ratio", "watched-1-bound": "1.1"}
    line = {"warning_score": "60", "warning_measures": "Call the customer"}
    application = desk.assess(application, **watched, **line)
    assert application.warning_indicators == {"share_late": "0.125", "current_ratio": "1.1"}
    desk.decide(desk.cast.anna, application, "approve")
    (limit,) = desk.limits(desk.again(application))
    assert limit.warning_indicators == {"share_late": "0.125", "current_ratio": "1.1"}
    assert (limit.warning_score, limit.warning_measures) == (60, "Call the customer")


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"warning_score": "60"}, "warning_measures", "Say what is done"),
        ({"warning_score": "99", "warning_measures": "Call"}, "warning_score", "crossed already"),
        ({"warning_grade": "D", "warning_measures": "Call"}, "warning_grade", "is no grade"),
        ({"watched-0-figure": "share_late"}, "watched-0-bound", "needs its line"),
        ({"watched-0-bound": "5"}, "watched-0-bound", "needs its figure"),
    ],
)
def test_a_warning_line_that_cannot_stand_is_one_sentence_at_its_field(
    desk: Desk, values: dict[str, str], field: str, said: str
) -> None:
    application = at_rating(desk)
    desk.went_well(answer(desk, application, choice="confirm"))
    page = desk.open_task(desk.cast.alma, application, "set_proposal")
    given = {"choice": "propose", "limit": "40 000", "terms_days": "30", "reason": "As the customer needs it"}
    assert said in page.form("/tasks/").fill(**given, **values).send().error_at(field)
    assert desk.again(application).status == "under_investigation"
