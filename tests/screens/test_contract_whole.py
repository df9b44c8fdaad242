"""A contract from the need to the file, and its change, each by the one process that leads through all of it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from credit_app import jobs
from credit_app.facts.contracts import record_need
from credit_app.models import CreditApplication, Customer
from credit_app.models.contract import Contract
from credit_app.models.contract_review import ContractReview
from credit_app.models.performance import ContractMilestone
from tests.factories import TODAY, make_customer, make_limit
from tests.screens.desk import Desk
from tests.screens.flows import covers
from tests.screens.shelf import kept
from tests.screens.test_contract_review import (
    again,
    all_agree,
    answer,
    check,
    deliverer,
    draft,
    opine,
    point,
    task,
)
from tests.screens.test_contract_review import decide as decide_objections
from tests.screens.test_contract_signing import copy, decide

SMALL = {"amount": "40 000", "payment_days": "30", "payment_method": "open_account", "payment_terms": ""}


def buyer(desk: Desk, terms_days: int = 30) -> Customer:
    customer = make_customer(
        desk.session, "Nordwind AG", branch_id=desk.cast.north.id, sales_rep_id=desk.cast.sara.id
    )
    make_limit(desk.session, customer, 50_000, terms_days=terms_days)
    return customer


def needed(desk: Desk, terms_days: int = 30) -> Contract:
    row = record_need(
        desk.session, buyer(desk, terms_days), desk.cast.sara.id, TODAY, side="sales", kind="goods",
        title="Pumps for the new plant", need="Twelve pumps by summer",
    )  # fmt: skip
    deliverer(desk)
    desk.session.commit()
    return row


def newest(desk: Desk) -> ContractReview:
    desk.fresh()
    return desk.session.scalars(select(ContractReview).order_by(ContractReview.id.desc())).first()  # type: ignore[return-value]


def begin(desk: Desk, contract: Contract, kind: str = "new") -> ContractReview:
    """Sara begins the review, or the change, on the contract's page."""
    page = desk.get(desk.cast.sara, f"/contracts/{contract.number}")
    if kind == "new":
        assert page.form("/review").send().messages == ["The review has begun; the draft is in your inbox."]
    else:
        sent = page.form("/change").fill(changes="Sixty more pumps, as the plant grows").send()
        assert sent.messages == ["The change has begun; the draft is in your inbox."]
    return newest(desk)


def agree(desk: Desk, review: ContractReview, **values: str) -> None:
    """The version is drafted, checked and agreed on by everybody who is asked."""
    given: dict[str, str] = SMALL | values
    if review.kind != "new":
        given |= {"note": "More pumps"}
    assert draft(desk, review, **given).status == 200
    assert check(desk, review).status == 200
    desk.fresh()
    asked = again(desk, review).areas.split()
    all_agree(desk, review, *asked)


def signed(desk: Desk, review: ContractReview) -> None:
    while again(desk, review).status == "signing":
        row = desk.session.execute(
            select(ContractReview.number).where(ContractReview.id == review.id)
        ).scalar_one()
        assert row
        level = next(
            one for one in (desk.cast.mona, desk.cast.felix, desk.cast.clara)
            if desk.sees(one, review) is not None  # type: ignore[arg-type]
        )  # fmt: skip
        assert decide(desk, review, level, "sign").status == 200
    assert copy(desk, review, "signed", signed_on=TODAY.isoformat()).status == 200


@kept
def in_force(desk: Desk) -> Contract:
    contract = needed(desk)
    review = begin(desk, contract)
    agree(desk, review)
    signed(desk, review)
    desk.fresh()
    return desk.session.get_one(Contract, contract.id)


@covers("contract_review/agreed", "contract_review/granted", "contract_review/signed")
def test_a_contract_is_drafted_reviewed_signed_and_filed(desk: Desk) -> ContractReview:
    contract = in_force(desk)
    review = newest(desk)
    assert (review.status, contract.status, contract.filed_on) == ("filed", "active", TODAY)
    kinds = desk.session.scalars(select(ContractMilestone.kind)).all()
    assert "expiry" in kinds
    told = {mail.to for mail in desk.mails() if mail.template == "contract_filed"}
    assert {desk.cast.sara.name, desk.cast.anna.name, desk.cast.lena.name} <= told
    assert "filed" in desk.get(desk.cast.otto, f"/contracts/reviews/{review.number}").text
    return review


@covers("contract_change/agreed", "contract_change/granted", "contract_change/signed")
def test_a_change_takes_the_place_of_the_version_in_force(desk: Desk) -> ContractReview:
    contract = in_force(desk)
    before = contract.version_id
    review = begin(desk, contract, "change")
    agree(desk, review, amount="45 000")
    desk.fresh()
    assert desk.session.get_one(Contract, contract.id).version_id == before
    signed(desk, review)
    desk.fresh()
    found = desk.session.get_one(Contract, contract.id)
    assert (found.status, found.amount, found.version_id != before) == ("active", 45_000, True)
    return newest(desk)


def _sent_back(desk: Desk, contract: Contract, kind: str) -> ContractReview:
    review = begin(desk, contract, kind)
    agree(desk, review, **({"amount": "45 000"} if kind == "change" else {}))
    assert decide(desk, review, desk.cast.mona, "send_back", "The warranty is too long").status == 200
    assert "Sent back by Mona" in task(desk, desk.cast.sara, review, "draft_contract").text
    return again(desk, review)


def test_the_drafter_reads_which_changes_the_other_side_asks_for(desk: Desk) -> None:
    review = begin(desk, needed(desk))
    agree(desk, review)
    page = task(desk, desk.cast.mona, review, "sign_contract")
    assert "Open account" in page.text  # the terms stand on the page of whoever signs them
    assert page.links(f"/contracts/reviews/{review.number}/versions/1/text")
    assert decide(desk, review, desk.cast.mona, "sign").status == 200
    assert copy(desk, review, "changes", None, note="Delivery in February").status == 200
    asked = task(desk, desk.cast.sara, review, "draft_contract")
    assert "Nordwind AG asks for changes: Delivery in February" in asked.text
    shown = desk.get(desk.cast.sara, f"/contracts/{again(desk, review).contract.number}").text
    assert "Signed for us" in shown
    assert "The other side asks for changes" in shown


@covers("contract_review/sent_back")
def test_a_level_sends_a_contract_back_to_its_draft(desk: Desk) -> ContractReview:
    return _sent_back(desk, needed(desk), "new")


@covers("contract_change/sent_back")
def test_a_level_sends_a_change_back_to_its_draft(desk: Desk) -> ContractReview:
    return _sent_back(desk, in_force(desk), "change")


def _not_signed(desk: Desk, contract: Contract, kind: str) -> ContractReview:
    review = begin(desk, contract, kind)
    agree(desk, review, **({"amount": "45 000"} if kind == "change" else {}))
    assert decide(desk, review, desk.cast.mona, "refuse", "We do not want this").status == 200
    return again(desk, review)


@covers("contract_review/refused")
def test_a_contract_that_nobody_signs_is_refused(desk: Desk) -> ContractReview:
    review = _not_signed(desk, needed(desk), "new")
    assert (review.status, review.contract.status) == ("refused", "refused")
    return review


@covers("contract_change/refused")
def test_a_change_that_nobody_signs_leaves_the_contract_as_it_was(desk: Desk) -> ContractReview:
    review = _not_signed(desk, in_force(desk), "change")
    assert (review.status, review.contract.status, review.contract.amount) == ("refused", "active", 40_000)
    return review


def _text_refused(desk: Desk, contract: Contract, kind: str) -> ContractReview:
    review = begin(desk, contract, kind)
    given: dict[str, str] = SMALL | ({"amount": "45 000", "note": "More pumps"} if kind == "change" else {})
    draft(desk, review, **given)
    check(desk, review)
    areas = again(desk, review).areas.split()
    opine(desk, review, areas[0], "object", **point(0, "object", "This is no business for us"))
    for area in areas[1:]:
        opine(desk, review, area)
    assert answer(desk, review, ("insist", "They will not sign anything else")).status == 200
    assert decide_objections(desk, review, desk.cast.carla, "refuse", "We keep out of this").status == 200
    return again(desk, review)


@covers("contract_review/not_agreed")
def test_a_text_that_is_refused_ends_the_review(desk: Desk) -> ContractReview:
    review = _text_refused(desk, needed(desk), "new")
    assert (review.status, review.contract.status) == ("refused", "refused")
    return review


@covers("contract_change/not_agreed")
def test_a_text_that_is_refused_ends_the_change(desk: Desk) -> ContractReview:
    review = _text_refused(desk, in_force(desk), "change")
    assert (review.status, review.contract.status) == ("refused", "active")
    return review


def _no_credit(desk: Desk, contract: Contract, kind: str) -> ContractReview:
    review = begin(desk, contract, kind)
    agree(desk, review, payment_days="60")
    assert again(desk, review).status == "awaiting_credit"
    desk.mails()
    desk.mails()
    application = desk.session.get_one(CreditApplication, again(desk, review).application_id)
    desk.withdraw(desk.cast.sara, application, "They pay within thirty days")
    assert jobs.tell_contract_reviews(desk.app) == 1
    page = task(desk, desk.cast.sara, review, "draft_contract")
    assert f"The credit was not granted ({application.number}). The contract asks for EUR" in page.text
    return again(desk, review)


@covers("contract_review/not_granted")
def test_without_the_credit_a_contract_is_drafted_again(desk: Desk) -> ContractReview:
    return _no_credit(desk, needed(desk), "new")


@covers("contract_change/not_granted")
def test_without_the_credit_a_change_is_drafted_again(desk: Desk) -> ContractReview:
    return _no_credit(desk, in_force(desk), "change")


def _to_negotiation(desk: Desk, review: ContractReview) -> None:
    assert again(desk, review).status == "drafting"


def _to_credit(desk: Desk, review: ContractReview) -> None:
    agree(desk, review, payment_days="60")


def _to_signature(desk: Desk, review: ContractReview) -> None:
    agree(desk, review, **({"amount": "45 000"} if review.kind == "change" else {}))


def _withdrawn(desk: Desk, kind: str, until: Callable[[Desk, ContractReview], Any]) -> ContractReview:
    contract = needed(desk) if kind == "new" else in_force(desk)
    review = begin(desk, contract, kind)
    until(desk, review)
    page = desk.get(desk.cast.sara, f"/contracts/reviews/{review.number}")
    assert page.form("/withdraw").fill(reason="no").send().status == 422
    page.form("/withdraw").fill(reason="The customer buys elsewhere").send()
    found = again(desk, review)
    assert (found.status, found.contract.status) == ("withdrawn", "withdrawn" if kind == "new" else "active")
    assert desk.task_ids(review) == set()  # type: ignore[arg-type]
    if kind == "change" and until is _to_signature:
        # What was to change was not agreed: the next change begins with what is in force.
        anew = begin(desk, found.contract, "change")
        assert (
            task(desk, desk.cast.sara, anew, "draft_contract").form_named("draft").value("amount") == "40 000"
        )
    return found


@covers("contract_review/negotiation_withdrawn")
def test_a_contract_is_withdrawn_while_it_is_drafted(desk: Desk) -> ContractReview:
    return _withdrawn(desk, "new", _to_negotiation)


@covers("contract_review/credit_withdrawn")
def test_a_contract_is_withdrawn_while_it_waits_for_credit(desk: Desk) -> ContractReview:
    return _withdrawn(desk, "new", _to_credit)


@covers("contract_review/signature_withdrawn")
def test_a_contract_is_withdrawn_while_it_is_signed(desk: Desk) -> ContractReview:
    return _withdrawn(desk, "new", _to_signature)


@covers("contract_change/negotiation_withdrawn")
def test_a_change_is_withdrawn_while_it_is_drafted(desk: Desk) -> ContractReview:
    return _withdrawn(desk, "change", _to_negotiation)


@covers("contract_change/credit_withdrawn")
def test_a_change_is_withdrawn_while_it_waits_for_credit(desk: Desk) -> ContractReview:
    return _withdrawn(desk, "change", _to_credit)


@covers("contract_change/signature_withdrawn")
def test_a_change_is_withdrawn_while_it_is_signed(desk: Desk) -> ContractReview:
    return _withdrawn(desk, "change", _to_signature)


@pytest.mark.parametrize("twice", ["review", "change"])
def test_two_reviews_of_one_contract_do_not_run_side_by_side(desk: Desk, twice: str) -> None:
    contract = needed(desk) if twice == "review" else in_force(desk)
    page = desk.get(desk.cast.sara, f"/contracts/{contract.number}")
    begin(desk, contract, "new" if twice == "review" else "change")
    form = page.form(f"/{twice}")
    again_sent = (form if twice == "review" else form.fill(changes="The same once more")).send()
    assert again_sent.status == 409
    assert "under way already" in again_sent.text
