"""Signing contracts through the screens: levels by value and deviations, sent back, refused, and the other side."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from credit_app.models import Customer, CustomerDocument
from credit_app.models.contract import Contract, ContractDocument
from credit_app.models.contract_review import ContractReview, ContractSignature
from tests.factories import TODAY, make_customer
from tests.screens.desk import Desk
from tests.screens.drawn_up import contract_with, under_review
from tests.screens.flows import covers
from tests.screens.pages import File, Page

PDF = File("signed.pdf", b"%PDF-1.4\n%%EOF\n")


def buyer(desk: Desk) -> Customer:
    return make_customer(
        desk.session, "Late & Sons", branch_id=desk.cast.north.id, sales_rep_id=desk.cast.sara.id
    )


def to_sign(desk: Desk, **values: Any) -> ContractReview:
    return under_review(desk, "contract_signature", "signing", contract_with(desk, buyer(desk)), **values)


def decide(
    desk: Desk, review: ContractReview, person: Any, choice: str, note: str = "", **values: str
) -> Page:
    (number,) = desk.task_ids(review, "sign_contract")  # type: ignore[arg-type]
    form = desk.get(person, f"/tasks/{number}").form(f"/tasks/{number}")
    return form.fill(choice=choice, note=note, **values).send()


def copy(desk: Desk, review: ContractReview, choice: str, file: File | None = PDF, **values: str) -> Page:
    (number,) = desk.task_ids(review, "record_countersignature")  # type: ignore[arg-type]
    form = desk.get(desk.cast.sara, f"/tasks/{number}").form(f"/tasks/{number}").fill(choice=choice, **values)
    return (form.attach("file", file) if file else form).send()


def again(desk: Desk, review: ContractReview) -> ContractReview:
    desk.fresh()
    return desk.session.get_one(ContractReview, review.id)


@covers(
    "contract_signature/level_left", "contract_signature/signed", "contract_signature/no_level_left",
    "contract_signature/to_remind_drafter", "contract_signature/countersigned",
)  # fmt: skip
def test_levels_sign_by_value_and_deviations_then_the_other_side(desk: Desk) -> ContractReview:
    cast, review = desk.cast, to_sign(desk, states=("present", "deviating"))
    assert not desk.task_ids(review, "record_countersignature")  # type: ignore[arg-type]
    # A small value, but a clause deviates: the finance director signs after the head of sales.
    assert "departs from policy" in desk.open_task(cast.mona, review).text  # type: ignore[arg-type]
    assert decide(desk, review, cast.mona, "sign").status == 200
    assert again(desk, review).status == "signing"
    assert "fingerprint" in desk.open_task(cast.felix, review).text  # type: ignore[arg-type]
    assert decide(desk, review, cast.felix, "sign").status == 200
    assert again(desk, review).status == "countersigning"
    rows = desk.session.query(ContractSignature).all()
    assert [(row.level, row.signer.name) for row in rows] == [
        ("sales_manager", cast.mona.name), ("finance_director", cast.felix.name),
    ]  # fmt: skip
    assert len({row.sha256 for row in rows}) == 1
    assert desk.timers(30) == 1
    assert "contract_copy_missing" in [mail.template for mail in desk.mails()]
    day = TODAY.isoformat()
    assert "Hand in the copy" in copy(desk, review, "signed", None, signed_on=day).error_at("file")
    late = (TODAY + timedelta(days=1)).isoformat()
    assert "day of the signature" in copy(desk, review, "signed", signed_on=late).error_at("signed_on")
    assert copy(desk, review, "signed", signed_on=day).status == 200
    found = again(desk, review)
    assert found.contract.signed_on == TODAY
    assert desk.session.query(ContractDocument.kind).all() == [("signed",)]
    assert desk.session.query(CustomerDocument.kind).all() == [("contract",)]
    return found


@covers("contract_signature/sent_back")
def test_a_level_sends_the_contract_back(desk: Desk) -> ContractReview:
    review = to_sign(desk)
    assert "few words" in decide(desk, review, desk.cast.mona, "send_back").error_at("note")
    assert decide(desk, review, desk.cast.mona, "send_back", "Warranty is too long").status == 200
    assert again(desk, review).status == "drafting"
    return review


@covers("contract_signature/refused")
def test_a_level_refuses_and_everybody_is_told_why(desk: Desk) -> ContractReview:
    review = to_sign(desk)
    assert decide(desk, review, desk.cast.mona, "refuse", "We cannot deliver this").status == 200
    found = again(desk, review)
    assert (found.status, found.contract.status) == ("refused", "refused")
    (mail,) = [one for one in desk.mails() if one.template == "contract_refused"]
    assert (mail.to, "We cannot deliver this" in mail.body) == (desk.cast.sara.name, True)
    return found


@covers("contract_signature/other_changes")
def test_the_other_side_asks_for_changes(desk: Desk) -> ContractReview:
    review = to_sign(desk)
    decide(desk, review, desk.cast.mona, "sign")
    assert "what the other side wants" in copy(desk, review, "changes", None).error_at("note")
    assert copy(desk, review, "changes", None, note="Sixty days instead of thirty").status == 200
    assert again(desk, review).status == "drafting"
    return review


@covers("contract_signature/declined")
def test_the_other_side_declines(desk: Desk) -> ContractReview:
    review = to_sign(desk)
    decide(desk, review, desk.cast.mona, "sign")
    assert copy(desk, review, "declined", None, note="They buy elsewhere").status == 200
    assert again(desk, review).outcome_note == "They buy elsewhere"
    return review


def test_nobody_signs_what_they_drafted_or_another_version(desk: Desk) -> None:
    cast = desk.cast
    own = contract_with(desk, buyer(desk), cast.mona)
    review = under_review(desk, "contract_signature", "signing", own)
    # The only head of sales has drafted it: the next level is asked.
    (number,) = desk.task_ids(review)  # type: ignore[arg-type]
    desk.get(cast.mona, f"/tasks/{number}", status=403)
    page = decide(desk, review, cast.felix, "sign", seen="0" * 64)
    assert page.status == 409
    assert "not the one that this page showed" in page.text
    assert decide(desk, review, cast.felix, "sign").status == 200
    assert again(desk, review).status == "countersigning"


@pytest.mark.parametrize(("amount", "last"), [("60000", "felix"), ("300000", "clara"), (None, "clara")])
def test_a_larger_value_asks_for_higher_levels(desk: Desk, amount: str | None, last: str) -> None:
    # What a contract without a value comes to is not known: all levels sign it.
    review = to_sign(desk, amount=Decimal(amount) if amount else None)
    for name in ("mona", "felix", "clara")[: 2 if last == "felix" else 3]:
        assert again(desk, review).status == "signing"
        decide(desk, review, getattr(desk.cast, name), "sign")
    assert again(desk, review).status == "countersigning"
    assert desk.session.query(Contract.status).all() == [("in_review",)]
