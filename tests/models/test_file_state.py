"""Whether a customer's file on the database is complete and fresh on a day."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import event
from sqlalchemy.orm import Session

from credit_app.facts.customer_file_state import file_state
from credit_app.models import CreditReport, Customer, InformationItem, policy_values
from tests.factories import TODAY, Cast, make_complete_file, make_customer, make_rating

YEAR = timedelta(days=365)


def missing(session: Session, customer: Customer) -> set[str]:
    return {gap.part for gap in file_state(session, customer, TODAY).missing}


def test_file_with_everything_is_complete_and_fresh_and_goes_stale_by_itself(
    session: Session, cast: Cast
) -> None:
    customer = make_complete_file(session, make_customer(session))
    make_rating(session, customer, "AA", valid_until=TODAY + YEAR)
    state = file_state(session, customer, TODAY)
    assert (state.complete, state.fresh) == (True, True), state.sentences
    later = file_state(session, customer, TODAY + 3 * YEAR)
    assert later.complete
    assert {gap.part for gap in later.stale} == {"item:business_activity", "investigation", "rating"}


def test_bare_customer_misses_what_the_policy_asks_of_it(session: Session, cast: Cast) -> None:
    customer = make_customer(session)
    assert {"contacts", "statements", "rating", "investigation"} <= missing(session, customer)
    make_rating(session, customer, "AAA")
    assert "statements" not in missing(session, customer), "a customer of low risk owes none"
    assert "country" not in missing(session, customer)


def test_recorded_reason_stands_for_statements_while_it_holds(session: Session, cast: Cast) -> None:
    customer = make_customer(session)
    reason = {"kind": "history", "name": "no_statements", "value": "Founded this year", "source": "Letter"}
    session.add(
        InformationItem(
            **reason, customer_id=customer.id, as_of=TODAY - YEAR, valid_until=TODAY, confidence=Decimal(1)
        )
    )
    session.flush()
    assert "statements" not in missing(session, customer)
    state = file_state(session, customer, TODAY + timedelta(days=1))
    assert "statements" in {gap.part for gap in state.stale}


def test_only_the_newest_information_of_a_name_counts(session: Session, cast: Cast) -> None:
    customer = make_complete_file(session, make_customer(session))
    old = {"kind": "basic", "name": "business_activity", "value": "Trade", "source": "Web site"}
    session.add(
        InformationItem(**old, customer_id=customer.id, as_of=TODAY, valid_until=TODAY, confidence=Decimal(1))
    )
    session.flush()
    state = file_state(session, customer, TODAY + timedelta(days=1))
    assert "item:business_activity" in {gap.part for gap in state.stale}


def test_report_only_ordered_is_still_missing(session: Session, cast: Cast) -> None:
    customer = make_customer(session, is_new=True)
    session.add(CreditReport(customer_id=customer.id, status="ordered", provider="Agency", ordered_on=TODAY))
    session.flush()
    assert "report" in missing(session, customer)


def test_state_is_read_in_three_statements_however_much_there_is(session: Session, cast: Cast) -> None:
    customer = make_complete_file(session, make_customer(session))
    session.flush()
    policy_values(session, TODAY)  # known to the program from its first question on
    seen: list[str] = []
    event.listen(
        session.get_bind(), "before_cursor_execute", lambda _c, _k, statement, *_: seen.append(statement)
    )
    file_state(session, customer, TODAY)
    assert len(seen) <= 3, seen
