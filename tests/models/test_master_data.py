"""Groups, policy, currencies, numbers, limits and passwords."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from credit_app.db import make_engine
from credit_app.domain.default_policy import DEFAULT_POLICY
from credit_app.models import (
    Customer,
    MissingPolicy,
    MissingRate,
    UnknownCurrency,
    active_limit,
    active_limits,
    convert,
    convert_all,
    customer_by_registration,
    group_members,
    hash_password,
    holidays,
    known_currency,
    next_application_number,
    next_customer_number,
    password_matches,
    policy_value,
    policy_values,
    the_company,
)
from credit_app.seeds import seed
from tests.factories import (
    TODAY,
    make_company,
    make_customer,
    make_holiday,
    make_limit,
    make_policy,
    make_rate,
)
from workflows import NotFound

DAY = timedelta(days=1)


def test_a_group_is_everyone_under_the_topmost_parent(session: Session) -> None:
    top = make_customer(session)
    left, right = make_customer(session, parent=top), make_customer(session, parent=top)
    leaf = make_customer(session, parent=left)
    lonely = make_customer(session)
    everyone = sorted(c.id for c in (top, left, right, leaf))
    assert group_members(session, leaf.id) == group_members(session, top.id) == everyone
    assert group_members(session, lonely.id) == [lonely.id]


def test_a_circle_of_parents_ends(session: Session) -> None:
    first, second = make_customer(session), make_customer(session)
    first.parent, second.parent = second, None
    session.flush()
    second.parent = first
    session.flush()
    assert group_members(session, first.id) == sorted([first.id, second.id])


def test_the_newest_policy_up_to_the_day_rules(session: Session) -> None:
    make_company(session)
    make_policy(session, "limit.vat_rate", "0.19", TODAY)
    make_policy(session, "limit.vat_rate", "0.21", TODAY + 10 * DAY)
    make_policy(session, "limit.vat_rate", "0.22", TODAY + 10 * DAY)  # corrected the same day
    found = [policy_value(session, "limit.vat_rate", TODAY + days * DAY) for days in (-1, 0, 9, 10)]
    assert found == ["0.20", "0.19", "0.19", "0.22"]
    assert policy_values(session, TODAY)["limit.vat_rate"] == "0.19"
    with pytest.raises(MissingPolicy, match=r"“no\.such” has no value"):
        policy_value(session, "no.such", TODAY)


def test_seeding_twice_adds_nothing_and_keeps_what_was_changed(session: Session) -> None:
    make_company(session)
    make_policy(session, "limit.vat_rate", "0.19")
    seed(session)
    values = policy_values(session, TODAY)
    assert values["limit.vat_rate"] == "0.19"
    assert set(values) == set(DEFAULT_POLICY)


def test_amounts_are_converted_with_the_newest_rate_not_after_the_day(session: Session) -> None:
    make_company(session)
    make_rate(session, "EUR", "USD", "1.10", TODAY - 5 * DAY)
    make_rate(session, "EUR", "USD", "1.20", TODAY + DAY)
    make_rate(session, "EUR", "GBP", "0.80", TODAY - 2 * DAY)
    assert convert(session, Decimal("100.00"), "EUR", "USD", TODAY) == Decimal("110.00")
    assert convert(session, Decimal("110.00"), "USD", "EUR", TODAY) == Decimal("100.00")
    assert convert(session, Decimal("110.00"), "USD", "GBP", TODAY) == Decimal("80.00")
    assert convert(session, Decimal("7.00"), "CHF", "CHF", TODAY) == Decimal("7.00")
    mixed = [(Decimal("110"), "USD"), (Decimal("5"), "EUR"), (Decimal("8"), "GBP")]
    assert convert_all(session, mixed, "EUR", TODAY) == [Decimal("100.00"), Decimal("5"), Decimal("10.00")]


def test_an_old_or_missing_rate_is_never_one_to_one(session: Session) -> None:
    make_company(session)
    make_rate(session, "EUR", "USD", "1.10", TODAY - 8 * DAY)
    with pytest.raises(MissingRate, match="USD to EUR for 2026-03-10: the newest is of 2026-03-02"):
        convert(session, Decimal(1), "USD", "EUR", TODAY)
    with pytest.raises(MissingRate, match="CNY to EUR for 2026-03-10"):
        convert(session, Decimal(1), "CNY", "EUR", TODAY)
    with pytest.raises(UnknownCurrency, match="XXX"):
        known_currency(session, "XXX")


def test_numbers_run_per_year(session: Session) -> None:
    assert [next_application_number(session, year) for year in (2026, 2026, 2027)] == [
        "CA-2026-00001",
        "CA-2026-00002",
        "CA-2027-00001",
    ]
    assert next_customer_number(session) == "C-000001"


def test_two_people_at_once_get_different_numbers(database_app_url: str) -> None:
    engine = make_engine(database_app_url, pooled=False)

    def take(_n: int) -> str:
        with Session(engine) as own:
            number = next_application_number(own, 2026)
            own.commit()
            return number

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(take, range(20)))) == 20
    engine.dispose()


def test_a_registration_number_is_found_however_it_is_written(session: Session) -> None:
    known: Customer = make_customer(session, registration_number="HRB 12.345/B")
    assert customer_by_registration(session, "de", "hrb12345 b") is known
    assert customer_by_registration(session, "AT", "hrb12345b") is None


def test_the_limit_of_a_day_is_the_one_that_covers_it(session: Session) -> None:
    customer = make_customer(session)
    old = make_limit(session, customer, status="replaced", valid_from=TODAY - 400 * DAY, valid_to=TODAY - DAY)
    new = make_limit(session, customer, valid_from=TODAY, valid_to=TODAY + 9 * DAY)
    days = [TODAY - 401 * DAY, TODAY - DAY, TODAY, TODAY + 9 * DAY, TODAY + 10 * DAY]
    assert [active_limit(session, customer.id, day) for day in days] == [None, old, new, new, None]
    assert active_limits(session, [customer.id], TODAY) == {customer.id: new}


def test_passwords_are_kept_as_argon2id() -> None:
    kept = hash_password("secret")
    assert kept.startswith("$argon2id$")
    assert password_matches(kept, "secret")
    assert not password_matches(kept, "Secret")
    assert not password_matches(None, "secret")
    assert not password_matches("no hash", "secret")


def test_the_company_must_be_set_up(session: Session) -> None:
    with pytest.raises(NotFound, match="credit init"):
        the_company(session)
    assert the_company_is(session) == "Nordlicht GmbH"


def the_company_is(session: Session) -> str:
    make_company(session)
    return the_company(session).name


def test_holidays_are_listed_for_the_calendar(session: Session) -> None:
    make_holiday(session, date(2026, 12, 25))
    make_holiday(session, date(2026, 1, 1))
    assert holidays(session) == [date(2026, 1, 1), date(2026, 12, 25)]
