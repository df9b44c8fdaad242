"""Who is on the blacklist on which day: by customer, registration number and name."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from credit_app.domain.temporary_limit import why_not
from credit_app.facts.blacklist import blacklisted
from credit_app.facts.exposure import weigh
from credit_app.facts.temporary import customer_today
from credit_app.models import BlacklistEntry
from tests.factories import (
    NOW,
    TODAY,
    Cast,
    make_application,
    make_customer,
    make_limit,
    make_rating,
)

DAY = timedelta(days=1)


def entry(session: Session, cast: Cast, **values: Any) -> BlacklistEntry:
    given = {
        "ground": "Paid with forged bills",
        "source": "Court file",
        "valid_from": TODAY,
        "added_by": cast.carla.id,
    }
    row = BlacklistEntry(**given | values)
    session.add(row)
    session.flush()
    return row


def test_customer_on_the_list_is_found_by_its_row_whatever_it_is_called_now(
    session: Session, cast: Cast
) -> None:
    customer = make_customer(session, "Nordwind GmbH")
    assert blacklisted(session, TODAY, customer=customer) is None
    made = entry(session, cast, customer_id=customer.id)
    customer.name = "Südwind GmbH"
    session.flush()
    assert blacklisted(session, TODAY, customer=customer) == made
    assert blacklisted(session, TODAY, customer=make_customer(session, "Somebody Else AG")) is None


def test_term_holds_on_its_first_and_last_day_only(session: Session, cast: Cast) -> None:
    customer = make_customer(session)
    made = entry(session, cast, customer_id=customer.id, valid_from=TODAY, valid_to=TODAY + 10 * DAY)
    found = [blacklisted(session, TODAY + days * DAY, customer=customer) for days in (-1, 0, 10, 11)]
    assert found == [None, made, made, None]


def test_lifted_entry_holds_no_more(session: Session, cast: Cast) -> None:
    customer = make_customer(session)
    made = entry(session, cast, customer_id=customer.id)
    made.lifted_at, made.lifted_by, made.lift_reason = NOW, cast.carla.id, "Paid in full"
    session.flush()
    assert blacklisted(session, TODAY, customer=customer) is None


def test_registration_number_is_found_as_anybody_writes_it(session: Session, cast: Cast) -> None:
    made = entry(session, cast, name="Forger Ltd", registration_number="HRB 12-345", country="DE")
    assert blacklisted(session, TODAY, registration_number="hrb12345", country="de") == made
    assert blacklisted(session, TODAY, registration_number="hrb12345", country="AT") is None
    assert blacklisted(session, TODAY, registration_number=" - ", country="DE") is None
    anywhere = entry(session, cast, registration_number="X 99")
    assert blacklisted(session, TODAY, registration_number="x99", country="FR") == anywhere


def test_name_is_found_unless_two_registration_numbers_tell_two_companies(
    session: Session, cast: Cast
) -> None:
    made = entry(session, cast, name="Forger Ltd", registration_number="HRB 1", country="DE")
    assert blacklisted(session, TODAY, name="  forger   LTD ") == made
    assert blacklisted(session, TODAY, name="Forger Ltd", registration_number="HRB 2", country="DE") is None
    assert blacklisted(session, TODAY, name="Forger") is None
    assert blacklisted(session, TODAY) is None
    nameless_number = entry(session, cast, name="Plain Cheat AG")
    assert blacklisted(session, TODAY, name="Plain Cheat AG", registration_number="HRB 3") == nameless_number


def test_customer_already_on_file_is_found_by_an_entry_that_only_names_it(
    session: Session, cast: Cast
) -> None:
    made = entry(session, cast, name="Nordwind GmbH")
    assert blacklisted(session, TODAY, customer=make_customer(session, "Nordwind GmbH")) == made


def test_an_entry_made_after_the_rating_leaves_no_credit_to_decide_on(session: Session, cast: Cast) -> None:
    customer = make_customer(session, "Nordwind GmbH")
    application = make_application(session, customer, cast.sara)
    make_rating(session, customer, "A", application_id=application.id)
    assert weigh(session, application, TODAY).exceptions == ()
    made = entry(session, cast, customer_id=customer.id)
    weight = weigh(session, application, TODAY)
    assert weight.grade == "D"
    assert [one.kind for one in weight.exceptions] == ["no_credit_grade"]
    made.lifted_by, made.lifted_at, made.lift_reason = cast.carla.id, NOW, "Paid"
    session.flush()
    assert weigh(session, application, TODAY).exceptions == ()


def test_a_blacklisted_customer_gets_no_temporary_limit(session: Session, cast: Cast) -> None:
    customer = make_customer(session, "Nordwind GmbH")
    make_limit(session, customer)
    make_rating(session, customer, "A", rated_by=cast.anna.id)
    assert why_not(customer_today(session, customer.id, TODAY, "EUR"), TODAY) is None
    entry(session, cast, name="nordwind gmbh")
    refusal = why_not(customer_today(session, customer.id, TODAY, "EUR"), TODAY)
    assert refusal is not None
    assert "blacklist" in refusal.text
