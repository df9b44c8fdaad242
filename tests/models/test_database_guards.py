"""States that the database itself refuses, whatever the program does."""

import hashlib
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from credit_app.models import (
    Allocation,
    ApprovalDecision,
    Attachment,
    Company,
    CreditApplication,
    CreditLimit,
    Customer,
    LimitProposal,
    Person,
    PersonRole,
    Policy,
    Receipt,
    ReceivableItem,
    active_limit,
    open_limit,
)
from tests.factories import (
    NOW,
    TODAY,
    Cast,
    allocate,
    make_application,
    make_branch,
    make_company,
    make_customer,
    make_invoice,
    make_limit,
    make_person,
    make_rate,
    make_receipt,
    make_substitution,
)


@pytest.fixture
def customer(session: Session, cast: Cast) -> Customer:
    return make_customer(session, "Nordwind GmbH", registration_number="HRB 12345")


@pytest.mark.parametrize("model", [ReceivableItem, Receipt, Allocation, Policy])
@pytest.mark.parametrize("change", ["update", "delete"])
def test_books_and_policy_are_only_added_to(
    session: Session, customer: Customer, model: Any, change: str
) -> None:
    make_invoice(session, customer, paid_on=TODAY)
    statement = delete(model) if change == "delete" else update(model).values(id=model.id)
    with pytest.raises(DBAPIError, match="only added"):
        session.execute(statement)


def test_an_item_is_not_paid_beyond_its_amount(session: Session, customer: Customer) -> None:
    item = make_invoice(session, customer, "100.00")
    receipt = make_receipt(session, customer, "500.00")
    allocate(session, receipt, item, "60.00")
    with pytest.raises(IntegrityError, match="exceed"):
        allocate(session, receipt, item, "40.01")


def test_a_receipt_is_not_spent_twice(session: Session, customer: Customer) -> None:
    receipt = make_receipt(session, customer, "100.00")
    allocate(session, receipt, make_invoice(session, customer, "80.00"))
    with pytest.raises(IntegrityError, match="exceed"):
        allocate(session, receipt, make_invoice(session, customer, "80.00"), "20.01")


def test_money_of_one_customer_does_not_pay_for_another(session: Session, customer: Customer) -> None:
    other = make_customer(session)
    with pytest.raises(IntegrityError, match="another customer"):
        allocate(session, make_receipt(session, other, "100.00"), make_invoice(session, customer, "100.00"))


def test_a_receipt_pays_only_items_of_its_currency(session: Session, customer: Customer) -> None:
    with pytest.raises(IntegrityError, match="currency"):
        allocate(
            session,
            make_receipt(session, customer, "100.00", currency="USD"),
            make_invoice(session, customer, "100.00"),
        )


def test_a_customer_has_one_active_limit(session: Session, customer: Customer) -> None:
    make_limit(session, customer)
    with pytest.raises(IntegrityError, match="uq_credit_limit_active"):
        make_limit(session, customer)


def test_opening_a_limit_replaces_the_one_before(session: Session, customer: Customer) -> None:
    before = make_limit(session, customer, valid_from=TODAY - timedelta(days=90))
    new = CreditLimit(
        customer_id=customer.id,
        amount=Decimal(80_000),
        currency="EUR",
        terms_days=30,
        payment_method="open_account",
        valid_from=TODAY,
        valid_to=TODAY + timedelta(days=30),
    )
    open_limit(session, new)
    assert (before.status, new.status) == ("replaced", "active")
    assert before.valid_to == TODAY - timedelta(days=1)
    days = [TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=31)]
    assert [active_limit(session, customer.id, day) for day in days] == [before, new, None]


def test_a_submitted_application_is_complete(session: Session, cast: Cast, customer: Customer) -> None:
    make_application(session, None, cast.sara, terms_days=None)
    with pytest.raises(IntegrityError, match="complete_when_submitted"):
        make_application(session, None, cast.sara, status="submitted", submitted_at=NOW)


@pytest.mark.parametrize(
    ("values", "guard"),
    [
        ({"status": "granted", "decided_at": NOW}, "granted_with_limit"),
        ({"status": "refused", "decided_at": NOW, "outcome_reason": "  "}, "refused_with_reason"),
        ({"status": "approved"}, "status_known"),
        ({"requested_limit": 0}, "limit_positive"),
        ({"terms_days": -1}, "terms_in_range"),
        ({"payment_method": "DROP TABLE"}, "payment_method_word"),
    ],
)
def test_an_application_cannot_be_in_a_state_that_does_not_exist(
    session: Session, cast: Cast, customer: Customer, values: dict[str, Any], guard: str
) -> None:
    with pytest.raises(IntegrityError, match=guard):
        make_application(session, customer, cast.sara, **{"submitted_at": NOW} | values)


@pytest.mark.parametrize(
    ("values", "guard"),
    [
        ({"decision": "refuse", "reason": " "}, "reason_where_owed"),
        ({"decision": "send_back", "reason": None}, "reason_where_owed"),
        ({"decision": "approve", "limit_after": None}, "approved_with_limit"),
        ({"decision": "approve", "person_id": None}, "decided_by_somebody"),
        ({"decision": "maybe"}, "decision_known"),
    ],
)
def test_a_decision_says_who_what_and_why(
    session: Session, cast: Cast, customer: Customer, values: dict[str, Any], guard: str
) -> None:
    application = make_application(session, customer, cast.sara)
    given = {"application_id": application.id, "round": 1, "level": "credit_analyst", "limit_after": 1000}
    session.add(ApprovalDecision(**given | {"terms_after": 30, "person_id": cast.anna.id} | values))
    with pytest.raises(IntegrityError, match=guard):
        session.flush()


def test_one_task_is_decided_once(session: Session, cast: Cast, customer: Customer) -> None:
    application = make_application(session, customer, cast.sara)
    for _time in range(2):
        session.add(
            ApprovalDecision(
                application_id=application.id,
                round=1,
                level="credit_analyst",
                decision="refuse",
                reason="no",
                person_id=cast.anna.id,
                task_id=7,
            )
        )
    with pytest.raises(IntegrityError, match="task_id"):
        session.flush()


def test_two_people_editing_an_application_do_not_overwrite_each_other(
    session: Session, cast: Cast, customer: Customer
) -> None:
    application = make_application(session, customer, cast.sara)
    table: Any = CreditApplication.__table__
    session.execute(table.update().values(version=table.c.version + 1))
    application.purpose = "mine"
    with pytest.raises(StaleDataError):
        session.flush()


def test_the_same_company_is_not_entered_twice(session: Session, customer: Customer) -> None:
    with pytest.raises(IntegrityError, match="uq_customer_registration"):
        make_customer(session, "Nordwind", registration_number="hrb-123 45")


def test_an_attachment_is_what_it_says(session: Session, cast: Cast, customer: Customer) -> None:
    application = make_application(session, customer, cast.sara)
    sha256 = hashlib.sha256(b"abc").hexdigest()
    given = {"application": application, "filename": "a.pdf", "content_type": "application/pdf"}
    session.add(Attachment(**given, size=4, sha256=sha256, content=b"abc"))
    with pytest.raises(IntegrityError, match="size_true"):
        session.flush()


def test_an_applicable_proposal_has_an_amount(session: Session, cast: Cast, customer: Customer) -> None:
    application = make_application(session, customer, cast.sara)
    given = {"application_id": application.id, "round": 1, "method": "need", "currency": "EUR", "inputs": {}}
    session.add(LimitProposal(**given, applicable=True))
    with pytest.raises(IntegrityError, match="applicable_with_amount"):
        session.flush()


def test_there_is_one_company(session: Session, cast: Cast) -> None:
    session.add(Company(id=2, name="Second", base_currency="EUR", time_zone="UTC"))
    with pytest.raises(IntegrityError, match="only_one"):
        session.flush()


def test_an_email_belongs_to_one_person_whatever_its_case(session: Session, cast: Cast) -> None:
    assert make_person(session, email=" New.One@Test.Example ").email == "new.one@test.example"
    with pytest.raises(IntegrityError, match="email"):
        make_person(session, email="SARA.LIND@test.example")


def test_a_role_is_held_once_per_branch(session: Session, cast: Cast) -> None:
    cast.carla.roles.append(PersonRole(role="credit_manager"))
    with pytest.raises(IntegrityError, match="uq_person_role"):
        session.flush()


@pytest.mark.parametrize(
    "make",
    [
        lambda s, c: make_substitution(s, c.sara, c.sara),
        lambda s, c: make_substitution(s, c.sara, c.stefan, TODAY, TODAY - timedelta(days=1)),
        lambda s, c: make_rate(s, "EUR", "EUR", "1"),
        lambda s, c: make_rate(s, "EUR", "USD", "0"),
        lambda s, c: make_customer(s, "X", country="de"),
        lambda s, c: make_customer(s, "  "),
        lambda s, c: make_invoice(s, make_customer(s), "0"),
        lambda s, c: make_invoice(s, make_customer(s), document_date=TODAY + timedelta(days=1)),
        lambda s, c: make_branch(s, "N"),
    ],
)
def test_rows_that_contradict_themselves_are_refused(session: Session, cast: Cast, make: Any) -> None:
    with pytest.raises(IntegrityError):
        make(session, cast)


def test_a_session_ends_when_its_epoch_passes(session: Session) -> None:
    make_company(session)
    person: Person = make_person(session, "admin")
    before = person.get_id()
    person.session_epoch += 1
    assert person.get_id() != before
    assert person.is_active


def test_a_change_of_the_books_is_an_error_of_the_database_not_of_a_row(
    session: Session, customer: Customer
) -> None:
    with pytest.raises((InternalError, IntegrityError)):
        session.execute(delete(ReceivableItem))


def test_the_parameters_of_a_failed_statement_stay_out_of_its_message(session: Session) -> None:
    session.add(Person(name="Sara Lind", email="no address", title="SECRET"))
    with pytest.raises(IntegrityError) as failed:
        session.flush()
    assert "[SQL parameters hidden" in str(failed.value)
