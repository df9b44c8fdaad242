"""Completeness, states and numbers of credit applications, and results in a form that can be stored."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain import status
from credit_app.domain.application import ApplicationValues, completeness
from credit_app.domain.default_policy import DEFAULT_POLICY
from credit_app.domain.errors import DomainError
from credit_app.domain.limits import LimitFacts, propose_limits
from credit_app.domain.numbers import (
    CREDIT_APPLICATION,
    DocumentNumber,
    InvalidNumber,
    document_number,
    parse_document_number,
)
from credit_app.domain.payment_behaviour import payment_record
from credit_app.domain.plain import to_json
from credit_app.domain.rating import rate_by_payment_record
from tests.domain.policies import APPLICATION, LIMITS, RATING, STRATEGY

COMPLETE = ApplicationValues(
    customer_id=1,
    requested_limit=Decimal(250_000),
    limit_in_base=Decimal(250_000),
    currency="EUR",
    terms_days=60,
    payment_method="open_account",
    yearly_purchases=Decimal(1_200_000),
    purpose="Spring collection for the new shops",
)
NEWCOMER: Mapping[str, str | None] = {
    "name": "Nordwind GmbH",
    "registration_number": "HRB 1234",
    "country": "DE",
    "industry": "retail",
}


def problems(entered: ApplicationValues) -> dict[str, str]:
    return {problem.field: problem.sentence.code for problem in completeness(entered, APPLICATION)}


def test_a_complete_application_lacks_nothing() -> None:
    assert problems(COMPLETE) == {}
    assert problems(replace(COMPLETE, customer_id=None, new_customer=NEWCOMER)) == {}


def test_an_empty_application_says_everything_that_is_missing_in_the_order_of_the_form() -> None:
    assert list(problems(ApplicationValues())) == [
        "customer_id",
        "requested_limit",
        "currency",
        "terms_days",
        "payment_method",
        "yearly_purchases",
        "purpose",
    ]
    assert all(
        problem.sentence.text.endswith(".") for problem in completeness(ApplicationValues(), APPLICATION)
    )


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("requested_limit", Decimal(0), "limit_not_positive"),
        ("requested_limit", Decimal(-1), "limit_not_positive"),
        ("requested_limit", Decimal("NaN"), "limit_not_positive"),
        ("terms_days", 0, "terms_out_of_range"),
        ("terms_days", 181, "terms_out_of_range"),
        ("currency", "euro", "currency_invalid"),
        ("payment_method", "barter", "payment_method_unknown"),
        ("yearly_purchases", Decimal(0), "purchases_not_positive"),
        ("purpose", "   ", "purpose_missing"),
        ("purpose", "goods", "purpose_too_short"),
    ],
)
def test_a_wrong_field_is_named_with_what_is_accepted(field: str, value: object, code: str) -> None:
    assert problems(replace(COMPLETE, **{field: value})) == {field: f"application.{code}"}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "value"), [("terms_days", 1), ("terms_days", 180), ("purpose", "10 letters")]
)
def test_the_bounds_of_policy_themselves_are_accepted(field: str, value: object) -> None:
    assert problems(replace(COMPLETE, **{field: value})) == {}  # type: ignore[arg-type]


def test_the_highest_limit_is_measured_in_base_currency() -> None:
    too_high = replace(COMPLETE, limit_in_base=Decimal("100000000.01"))
    assert problems(too_high) == {"requested_limit": "application.limit_too_high"}
    assert problems(replace(too_high, limit_in_base=Decimal(100_000_000))) == {}


def test_an_application_has_one_customer() -> None:
    assert problems(replace(COMPLETE, new_customer=NEWCOMER)) == {"customer_id": "application.two_customers"}


@pytest.mark.parametrize("name", ["name", "registration_number", "country", "industry"])
def test_a_new_customer_is_known_well_enough(name: str) -> None:
    entered = replace(COMPLETE, customer_id=None, new_customer={**NEWCOMER, name: " "})
    assert problems(entered) == {f"new_customer.{name}": f"application.new_customer_{name}_missing"}


def test_a_country_is_a_code_of_two_letters() -> None:
    entered = replace(COMPLETE, customer_id=None, new_customer={**NEWCOMER, "country": "Germany"})
    assert problems(entered) == {"new_customer.country": "application.country_invalid"}


@given(
    st.builds(
        ApplicationValues,
        customer_id=st.none() | st.integers(),
        new_customer=st.none() | st.dictionaries(st.sampled_from(sorted(NEWCOMER)), st.none() | st.text()),
        requested_limit=st.none() | st.decimals(),
        currency=st.none() | st.text(max_size=80),
        terms_days=st.none() | st.integers(),
        payment_method=st.none() | st.text(max_size=80),
        yearly_purchases=st.none() | st.decimals(),
        purpose=st.none() | st.text(),
    )
)
def test_whatever_is_entered_gets_sentences_never_an_error(entered: ApplicationValues) -> None:
    assert all(len(problem.sentence.text) < 160 for problem in completeness(entered, APPLICATION))


def test_an_application_goes_its_way_from_draft_to_decision() -> None:
    way = ["draft", "submitted", "in_approval", "sent_back", "submitted", "in_approval", "granted"]
    assert all(status.allowed_transition(old, new) for old, new in pairwise(way))
    assert status.allowed_transition("in_approval", "refused")


@pytest.mark.parametrize("old", ["draft", "submitted", "in_approval", "sent_back"])
def test_an_application_can_be_withdrawn_until_it_is_decided(old: str) -> None:
    assert status.require_transition(old, "withdrawn") == "withdrawn"


@pytest.mark.parametrize("old", sorted(status.DECIDED))
@pytest.mark.parametrize("new", status.STATUSES)
def test_a_decided_application_changes_no_more(old: str, new: str) -> None:
    with pytest.raises(status.TransitionRefused, match=f"“{old}” cannot become “{new}”"):
        status.require_transition(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("draft", "granted"),
        ("sent_back", "granted"),
        ("draft", "draft"),
        ("?", "draft"),
    ],
)
def test_no_state_is_skipped(old: str, new: str) -> None:
    assert not status.allowed_transition(old, new)


def test_every_state_is_either_a_draft_pending_or_decided() -> None:
    kinds = {status.DRAFT} | status.PENDING | status.DECIDED
    assert kinds == set(status.STATUSES)
    assert sorted(status.EDITABLE) == ["draft", "sent_back"]


def test_applications_are_numbered_within_their_year() -> None:
    assert document_number(CREDIT_APPLICATION, 2026, 17) == "CA-2026-00017"
    assert document_number(CREDIT_APPLICATION, 2026, 123456) == "CA-2026-123456"
    assert parse_document_number(" ca-2026-00017 ") == DocumentNumber("CA", 2026, 17)


@pytest.mark.parametrize("given_", ["", "CA-26-1", "CA-2026-17", "CA-2026-00000", "CA-2026-00017'--", "２"])
def test_what_is_no_document_number_is_refused(given_: str) -> None:
    with pytest.raises(InvalidNumber, match="CA-2026-00017"):
        parse_document_number(given_)


@given(st.integers(1, 10**7), st.integers(1000, 9999))
def test_a_number_is_read_back_as_it_was_written(running: int, year: int) -> None:
    parts = DocumentNumber("CA", year, running)
    assert parse_document_number(str(parts)) == parts
    assert document_number("CA", year, running) == str(parts)


def test_a_running_number_starts_at_one() -> None:
    with pytest.raises(InvalidNumber):
        document_number("CA", 2026, 0)


def test_results_are_stored_as_json_with_exact_figures_and_their_sentences() -> None:
    rating = rate_by_payment_record(payment_record([], [], date(2026, 6, 30)), RATING)
    stored = to_json(rating)
    assert isinstance(stored, dict)
    assert (stored["score"], stored["vetoes"]) == ("50", [])
    assert stored["confidence_reasons"][0]["code"] == "rating.unknown"
    proposed = to_json(propose_limits(LimitFacts(Decimal("1E+3"), 30, "A"), LIMITS))
    assert isinstance(proposed, dict)
    assert proposed["amount"] == "1000"
    assert to_json(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00+00:00"
    assert to_json(frozenset({2, 1})) == [1, 2]
    with pytest.raises(TypeError, match="cannot store"):
        to_json(0.1)


def test_every_default_figure_says_where_it_comes_from() -> None:
    assert all(figure.source.endswith(".") for figure in DEFAULT_POLICY.values())
    assert any("(check)" in figure.source for figure in DEFAULT_POLICY.values())
    stored = {key: to_json(figure.value) for key, figure in DEFAULT_POLICY.items()}
    assert stored == {key: figure.value for key, figure in DEFAULT_POLICY.items()}


def test_the_payment_methods_of_every_grade_are_those_of_the_application() -> None:
    for methods in (allowed.payment_methods for allowed in STRATEGY.values()):
        assert set(methods) <= set(APPLICATION.payment_methods)


def test_every_refusal_is_one_translatable_sentence() -> None:
    def kinds(root: type[DomainError]) -> list[type[DomainError]]:
        return [root, *(kind for child in root.__subclasses__() for kind in kinds(child))]

    codes = [kind.code for kind in kinds(DomainError)]
    assert len(codes) == len(set(codes))
    assert all(kind.template.endswith(".") for kind in kinds(DomainError))


@pytest.mark.parametrize("number", ["---", " . ", "#/-"])
def test_a_registration_number_holds_letters_or_digits(number: str) -> None:
    entered = replace(COMPLETE, customer_id=None, new_customer={**NEWCOMER, "registration_number": number})
    assert problems(entered) == {"new_customer.registration_number": "application.registration_invalid"}
