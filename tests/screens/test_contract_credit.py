"""The credit that a contract needs: enough, asked for, chased, granted, refused, or not needed at all."""

from decimal import Decimal
from typing import Any

from credit_app import jobs
from credit_app.domain.status import DRAFT
from credit_app.models import CreditApplication, Customer
from credit_app.models.contract_review import ContractReview
from credit_app.models.party import Party
from tests.factories import make_customer, make_limit
from tests.screens.desk import Desk
from tests.screens.drawn_up import contract_with, under_review
from tests.screens.flows import covers


def buyer(desk: Desk, limit: int = 0, terms_days: int = 30) -> Customer:
    customer = make_customer(
        desk.session, "Late & Sons", branch_id=desk.cast.north.id, sales_rep_id=desk.cast.stefan.id
    )
    if limit:
        make_limit(desk.session, customer, limit, terms_days=terms_days)
    return customer


def checked(desk: Desk, customer: Customer | Party, **values: Any) -> ContractReview:
    side = "purchase" if isinstance(customer, Party) else "sales"
    contract = contract_with(desk, customer, side=side)
    return under_review(desk, "contract_credit", "signing", contract, **values)


def again(desk: Desk, review: ContractReview) -> ContractReview:
    desk.fresh()
    return desk.session.get_one(ContractReview, review.id)


def ended_at(desk: Desk, review: ContractReview) -> str:
    return desk.way(review)[-1]  # type: ignore[arg-type]


@covers("contract_credit/enough")
def test_limit_and_terms_granted_are_enough(desk: Desk) -> ContractReview:
    review = checked(desk, buyer(desk, 40000))
    assert ended_at(desk, review) == "contract_credit/credit_granted"
    assert desk.session.query(CreditApplication).count() == 0
    return review


def test_a_purchase_and_a_prepayment_need_no_credit(desk: Desk) -> None:
    supplier = Party(number="P-1", kind="supplier", name="Steel AG", branch_id=desk.cast.north.id)
    desk.session.add(supplier)
    desk.session.flush()
    assert ended_at(desk, checked(desk, supplier)) == "contract_credit/credit_granted"
    paid_first = checked(desk, buyer(desk), payment_method="prepayment")
    assert ended_at(desk, paid_first) == "contract_credit/credit_granted"


def test_the_latest_instalment_is_within_the_terms_or_credit_is_asked_for(desk: Desk) -> None:
    customer = buyer(desk, 40000, terms_days=30)
    review = checked(desk, customer, payment_days=None, payment_terms="50%@30, 50%@180")
    assert again(desk, review).status == "awaiting_credit"
    desk.mails()
    desk.mails()
    waited = desk.session.get_one(CreditApplication, again(desk, review).application_id)
    assert waited.terms_days == 180


@covers("contract_credit/not_enough", "contract_credit/wanted", "contract_credit/refused")
def test_beyond_the_terms_an_application_is_started_and_waited_for(desk: Desk) -> ContractReview:
    customer = buyer(desk, 40000, terms_days=20)
    review = checked(desk, customer)
    assert again(desk, review).status == "awaiting_credit"
    desk.mails()  # the worker starts what was asked for
    desk.mails()
    found = again(desk, review)
    application = desk.session.get_one(CreditApplication, found.application_id)
    assert (application.status, application.customer_id) == (DRAFT, customer.id)
    assert (application.requested_by, application.terms_days) == (desk.cast.stefan.id, 30)
    assert application.requested_limit == Decimal(40000)
    assert desk.sees(desk.cast.stefan, application) is not None
    for path in (f"/contracts/reviews/{found.number}", f"/contracts/{found.contract.number}"):
        page = desk.get(desk.cast.sara, path)
        assert f"The contract waits for credit: application {application.number}." in page.text
        assert f"{desk.cast.stefan.name} completes and submits it." in page.text
        assert "at 30 days; free is EUR 40,000.00 at 20 days." in page.text
        assert page.links(f"/applications/{application.number}")
    assert desk.session.query(CreditApplication).count() == 1
    # Nobody decides in time: the drafter and the rep are reminded, and again after that.
    assert [desk.timers(days) for days in (10, 20)] == [1, 1]
    chased = [mail.to for mail in desk.mails() if mail.template == "contract_credit_late"]
    assert sorted(chased) == sorted([desk.cast.sara.name, desk.cast.stefan.name] * 2)
    assert jobs.tell_contract_reviews(desk.app) == 0
    desk.withdraw(desk.cast.stefan, application, "They pay in advance")
    assert jobs.tell_contract_reviews(desk.app) == 1
    found = again(desk, review)
    assert (found.status, found.application_id) == ("drafting", None)
    return found


def test_an_application_under_way_is_the_one_that_is_waited_for(desk: Desk) -> None:
    customer = buyer(desk)
    desk.session.commit()
    known = desk.enter(customer, "50 000", rep=desk.cast.stefan)
    review = checked(desk, customer)
    desk.mails()
    assert again(desk, review).application_id == known.id
    # Once the limit is there and enough, the contract goes on.
    make_limit(desk.session, desk.session.get_one(Customer, customer.id), 50000)
    desk.session.commit()
    desk.withdraw(desk.cast.stefan, known, "Granted by another way")
    assert jobs.tell_contract_reviews(desk.app) == 1
    assert ended_at(desk, review) == "contract_credit/credit_granted"
