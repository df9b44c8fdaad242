"""The review of a contract through the screens: drafted, checked, reviewed side by side, answered, decided."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text

from credit_app.facts.contracts import draft_version, record_need
from credit_app.models import Customer, Person, next_case_number
from credit_app.models.contract import Contract, ContractTemplate, ContractVersion
from credit_app.models.contract_review import ContractComment, ContractReview
from credit_app.models.party import Party
from tests.factories import NOW, TODAY, make_customer, make_person
from tests.screens.desk import Desk
from tests.screens.flows import covers
from tests.screens.pages import File, Page
from tests.screens.test_holds import PDF
from workflows import Actor, Conflict, NotAllowed, inbox

TERMS = {
    "goods": "Twelve pumps, type K", "amount": "90 000", "currency": "EUR", "payment_days": "60",
    "payment_method": "open_account", "payment_terms": "40%@30, 60%@90", "retention_share": "5",
    "starts_on": "2026-04-01", "ends_on": "2027-03-31", "governing_law": "de", "warranty_months": "24",
    "delivery_terms": "DAP", "delivery_on": "2026-06-15", "liability_cap": "90 000", "forum": "Hamburg",
}  # fmt: skip
AREAS = ("credit", "finance", "legal", "delivery")


def negotiation(
    desk: Desk, customer: Customer | Party | None = None, *, kind: str = "new", contract: Contract | None = None,
    by: Person | None = None, side: str = "sales",
) -> ContractReview:  # fmt: skip
    """A review whose draft waits in the drafter's inbox; in a company with somebody who delivers."""
    session, by = desk.session, by or desk.cast.sara
    if contract is None:
        other = customer or make_customer(session, "Nordwind AG", branch_id=desk.cast.north.id)
        contract = record_need(
            session, other, by.id, TODAY, side=side, kind="goods", title="Pumps for the new plant",
            need="Twelve pumps by summer", why_us="We know their plant",
        )  # fmt: skip
    row = ContractReview(
        number=next_case_number(session, "contract_review", TODAY.year), contract_id=contract.id,
        customer_id=contract.customer_id, party_id=contract.party_id, kind=kind, status="drafting", made_by=by.id,
        created_at=NOW,
        changes="" if kind == "new" else "Longer terms of payment",
    )  # fmt: skip
    session.add(row)
    session.flush()
    rest = desk.app.extensions["engine"].start(
        session, "contract_negotiation", row.id, {"review_id": row.id}, Actor(by.id), "test"
    )
    row.instance_id = rest.instance_id
    session.commit()
    return row


def deliverer(desk: Desk) -> Person:
    """Dora delivers in the north."""
    found = desk.session.scalar(select(Person).where(Person.name == "Dora Lang"))
    if found is None:
        found = make_person(desk.session, "delivery", name="Dora Lang", branch=desk.cast.north)
        desk.session.commit()
    desk.names[found.id] = found.name
    return found


def reviewer(desk: Desk, area: str) -> Person:
    cast = desk.cast
    return {"credit": cast.anna, "finance": cast.felix, "legal": cast.lena, "delivery": deliverer(desk)}[area]


def task(desk: Desk, person: Person, review: ContractReview, node: str) -> Page:
    (number,) = desk.task_ids(review, node)  # type: ignore[arg-type]
    return desk.get(person, f"/tasks/{number}")


def nodes(desk: Desk, review: ContractReview) -> list[str]:
    """What is open of the review."""
    desk.fresh()
    return sorted(row.node for row in inbox.of_instance(desk.session, review.instance_id or 0))


def draft(
    desk: Desk, review: ContractReview, by: Person | None = None, file: File | None = None, **values: Any
) -> Page:
    form = task(desk, by or desk.cast.sara, review, "draft_contract").form_named("draft")
    given = {"source": "template", "template": "sale_of_goods:en"} | TERMS | values
    form.fill(**{name: value for name, value in given.items() if value is not None})
    return (form.attach("file", file) if file else form).send()


def check(desk: Desk, review: ContractReview, by: Person | None = None, **values: str) -> Page:
    """The checklist as it is suggested, but for these rows."""
    return (
        task(desk, by or desk.cast.sara, review, "check_clauses")
        .form_named("checklist")
        .fill(**values)
        .send()
    )


def opine(
    desk: Desk,
    review: ContractReview,
    area: str,
    verdict: str = "agree",
    by: Person | None = None,
    **values: str,
) -> Page:
    form = task(desk, by or reviewer(desk, area), review, f"review_{area}").form_named("opinion")
    return form.fill(verdict=verdict, **values).send()


def point(number: int, kind: str, body: str, clause: str = "", wording: str = "") -> dict[str, str]:
    row = {"kind": kind, "body": body, "clause": clause, "wording": wording}
    return {f"points-{number}-{name}": value for name, value in row.items()}


def all_agree(desk: Desk, review: ContractReview, *areas: str) -> None:
    for area in areas or AREAS:
        assert opine(desk, review, area).status == 200


def under_review(desk: Desk, **values: Any) -> ContractReview:
    review = negotiation(desk)
    deliverer(desk)
    assert draft(desk, review, **values).status == 200
    assert check(desk, review).status == 200
    return review


def again(desk: Desk, review: ContractReview) -> ContractReview:
    desk.fresh()
    return desk.session.get_one(ContractReview, review.id)


def answer(desk: Desk, review: ContractReview, *choices: tuple[str, str], by: Person | None = None) -> Page:
    form = task(desk, by or desk.cast.sara, review, "answer_comments").form_named("answers")
    for place, (choice, note) in enumerate(choices):
        form.fill(**{f"rows-{place}-choice": choice, f"rows-{place}-note": note})
    return form.send()


def states(desk: Desk, review: ContractReview) -> list[tuple[str, str]]:
    desk.fresh()
    rows = select(ContractComment).where(ContractComment.review_id == review.id).order_by(ContractComment.id)
    return [(row.body, row.state) for row in desk.session.scalars(rows)]


@covers(
    "contract_opinions/ask_credit", "contract_opinions/ask_finance", "contract_opinions/ask_legal",
    "contract_opinions/ask_delivery", "contract_negotiation/nothing_open",
)  # fmt: skip
def test_a_draft_is_checked_and_agreed_by_all_four_side_by_side(desk: Desk) -> ContractReview:
    cast, review = desk.cast, negotiation(desk)
    dora = deliverer(desk)
    assert desk.sees(cast.sara, review) is not None  # type: ignore[arg-type]
    page = draft(desk, review)
    assert page.messages == ["Recorded. Next: Check clauses, Sales rep."]
    review = again(desk, review)
    version = review.reviewed
    assert version is not None
    assert (version.no, version.amount, version.retention_share, version.governing_law) == (
        1,
        90_000,
        Decimal("0.05"),
        "DE",
    )
    assert "The seller sells and the buyer buys: Twelve pumps, type K." in version.text
    assert "Payment within 60 days of the invoice; payment method: Open account." in version.text
    assert (review.status, review.amount, review.contract.status) == ("checking", 90_000, "draft")
    form = task(desk, cast.sara, review, "check_clauses").form_named("checklist")
    assert (form.value("rows-0-clause"), form.value("rows-0-state")) == ("specification", "present")
    quoted = (form.value("rows-0-quoted") or "").splitlines()
    assert quoted[0] == "1. Goods and specification"
    assert quoted[1].startswith("The seller sells")  # a heading alone says nothing
    sent = form.fill(
        **{"rows-5-state": "deviating", "rows-5-reason": "The customer asks for three years"}
    ).send()
    assert sent.status == 200
    assert nodes(desk, review) == sorted(f"review_{area}" for area in AREAS)
    asked = {mail.to for mail in desk.mails() if mail.template == "contract_opinion_wanted"}
    assert {"Anna Weiss", "Felix Brandt", "Lena Hoffmann", dora.name} <= asked
    review = again(desk, review)
    assert (review.status, review.round, review.areas) == ("in_review", 1, "credit finance legal delivery")
    assert review.contract.status == "in_review"
    assert review.reviewed is not None
    assert review.reviewed.frozen_at is not None
    page = task(desk, cast.anna, review, "review_credit")
    assert "Exposure by component" in page.text
    assert "The customer asks for three years" in page.text
    assert "Exposure by component" not in task(desk, cast.lena, review, "review_legal").text
    for area in ("credit", "finance", "legal"):
        assert opine(desk, review, area).status == 200
    assert opine(desk, review, "delivery", **point(0, "remark", "Ask for the crane early")).messages == [
        "Recorded. Result: Version agreed."
    ]
    assert states(desk, review) == [("Ask for the crane early", "noted")]
    shown = desk.get(cast.otto, f"/contracts/reviews/{review.number}")
    assert shown.text.count("agrees") == 4
    assert "Ask for the crane early" in shown.text
    for language in ("en", "zh_Hans_CN"):
        address = f"/contracts/reviews/{review.number}/sheet.{language}.pdf"
        pdf = desk.browser(cast.otto).client.get(address)
        assert (pdf.status_code, pdf.data[:4]) == (200, b"%PDF")
    desk.get(cast.otto, f"/contracts/reviews/{review.number}/sheet.fr.pdf", 404)
    desk.get(cast.samir, f"/contracts/reviews/{review.number}", 404)  # sells in the south
    return review


@covers(
    "contract_negotiation/something_open", "contract_negotiation/rework",
)  # fmt: skip
def test_what_is_asked_is_taken_up_in_a_new_version_or_insisted_on_until_it_is_taken_back(
    desk: Desk,
) -> ContractReview:
    cast, review = desk.cast, under_review(desk, special="Crane <script>alert(1)</script> on site")
    opine(desk, review, "finance")
    opine(desk, review, "delivery")
    refused = opine(desk, review, "legal", "agree", **point(0, "object", "The cap is missing", "liability"))
    assert "Whoever agrees asks for nothing" in refused.error_at("verdict")
    refused = opine(desk, review, "legal", "object", **point(0, "remark", "Looks fine to me"))
    assert "at least one objection" in refused.error_at("verdict")
    refused = opine(desk, review, "legal", "conditions")
    assert "at least one condition" in refused.error_at("verdict")
    refused = opine(desk, review, "legal", "object", **point(0, "wording", "A shorter warranty"))
    assert "Write the wording" in refused.error_at("points-0-wording")
    refused = opine(desk, review, "legal", "object", **point(0, "object", "No"))
    assert "few words" in refused.error_at("points-0-body")
    form = task(desk, cast.lena, review, "review_legal").form_named("opinion").fill(verdict="object")
    stale = form.fill(**point(0, "object", "The cap is missing", "liability")).forge(seen="0").send()
    assert stale.status == 409
    assert "Version 1 is under review now" in stale.problems[0]
    sent = opine(
        desk, review, "legal", "object", **point(0, "wording", "Twelve months suffice", "warranty", "12 months <b>"),
    )  # fmt: skip
    assert sent.status == 200
    assert (
        opine(
            desk, review, "credit", "conditions", **point(0, "condition", "A guarantee of the parent")
        ).status
        == 200
    )
    review = again(desk, review)
    assert (review.status, nodes(desk, review)) == ("answering", ["answer_comments"])
    assert [(mail.to, mail.template) for mail in desk.mails()][-1] == ("Sara Lind", "contract_points_open")
    page = task(desk, cast.sara, review, "answer_comments")
    assert page.text.count("Accept the condition") == 1  # offered for conditions only
    refused = answer(desk, review, ("insist", ""), ("take_up", ""))
    assert "why the text stays" in refused.error_at("rows-0-note")
    assert "what becomes of each point" in answer(desk, review, ("insist", "No parent"), ("", "")).error_at(
        "rows-1-choice"
    )
    assert answer(desk, review, ("insist", "There is no parent company"), ("take_up", "Agreed")).status == 200
    review = again(desk, review)
    assert (review.status, nodes(desk, review)) == ("drafting", ["draft_contract"])
    page = task(desk, cast.sara, review, "draft_contract")
    assert "12 months <b>" in page.text
    assert "There is no parent company" in page.text
    assert page.form_named("draft").value("warranty_months") == "24"
    same = {"special": "Crane <script>alert(1)</script> on site", "note": "Nothing really"}
    assert "the same as version 1" in draft(desk, review, **same).error_at("note")
    assert "what changed" in draft(desk, review, **same | {"note": "", "warranty_months": "12"}).error_at(
        "note"
    )
    assert draft(desk, review, **same | {"note": "Shorter warranty", "warranty_months": "12"}).status == 200
    assert check(desk, review).status == 200
    page = task(desk, cast.anna, review, "review_credit")
    assert "There is no parent company" in page.text
    assert "<script>" not in page.raw.decode().partition("<main")[2].partition("</main")[0].replace(
        "<script src", ""
    )
    refused = opine(desk, review, "credit", "agree")
    assert "keep it or take it back" in refused.error_at("own-0-choice")
    assert "Whoever agrees" in opine(desk, review, "credit", "agree", **{"own-0-choice": "keep"}).error_at(
        "verdict"
    )
    assert opine(desk, review, "credit", "agree", **{"own-0-choice": "take_back"}).status == 200
    all_agree(desk, review, "finance", "legal")
    assert opine(desk, review, "delivery").messages == ["Recorded. Result: Version agreed."]
    assert states(desk, review) == [
        ("Twelve months suffice", "taken_up"),
        ("A guarantee of the parent", "taken_back"),
    ]
    page = desk.get(cast.otto, f"/contracts/reviews/{review.number}")
    shown = page.form_named("compare").send()
    assert "Warranty, months" in shown.text
    assert [one.text_content() for one in shown.all("//del")] == ["24"]
    assert [one.text_content() for one in shown.all("//ins")] == ["12"]
    desk.get(cast.otto, f"/contracts/reviews/{review.number}/difference?from=1&to=7", 404)
    assert "alert(1)" in desk.get(cast.otto, f"/contracts/reviews/{review.number}/versions/1/text").text
    return review


def insisted(desk: Desk, review: ContractReview) -> ContractReview:
    """Felix objects, and a condition of Anna's is accepted; Sara insists against Felix."""
    opine(desk, review, "finance", "object", **point(0, "object", "Sixty days are too long", "payment"))
    opine(desk, review, "credit", "conditions", **point(0, "condition", "Deliver in two parts"))
    all_agree(desk, review, "legal", "delivery")
    assert (
        answer(desk, review, ("accept", ""), ("insist", "Everybody in the trade gives sixty")).status == 200
    )
    return again(desk, review)


def decide(desk: Desk, review: ContractReview, person: Person, choice: str, reason: str = "The customer is sound",
           **press: str) -> Page:  # fmt: skip
    form = task(desk, person, review, "decide_objections").form_named("decision")
    return form.fill(choice=choice, reason=reason).forge(**press).send()


@covers("contract_negotiation/insist", "contract_negotiation/uphold", "contract_negotiation/overrule")
def test_what_stays_open_is_decided_by_a_level_that_neither_drafted_nor_objected(
    desk: Desk,
) -> ContractReview:
    cast, review = desk.cast, insisted(desk, under_review(desk, amount="900 000"))
    (number,) = desk.task_ids(review, "decide_objections")  # type: ignore[arg-type]
    assert inbox.tasks(desk.session, [number])[0].role == "finance_director"  # by the value
    for refused in (cast.felix, cast.carla):
        desk.get(refused, f"/tasks/{number}", 403)
    page = desk.get(cast.fatima, f"/tasks/{number}")
    assert "Everybody in the trade gives sixty" in page.text
    assert "Deliver in two parts" not in page.form_named("decision").element.text_content()  # settled already
    assert "at least one point" in decide(desk, review, cast.fatima, "uphold").error_at("upheld")
    assert "why" in decide(desk, review, cast.fatima, "overrule", "No").error_at("reason")
    objection = desk.session.scalars(select(ContractComment).where(ContractComment.kind == "object")).one()
    assert (
        decide(desk, review, cast.fatima, "uphold", "Forty-five at most", upheld=str(objection.id)).status
        == 200
    )
    desk.fresh()
    objection = desk.session.get_one(ContractComment, objection.id)
    assert (objection.state, objection.level, objection.decided_by) == (
        "upheld",
        "finance_director",
        cast.fatima.id,
    )
    assert "Forty-five at most" in task(desk, cast.sara, review, "draft_contract").text
    assert draft(desk, review, amount="100 000", note="Fifty days", payment_days="50").status == 200
    assert check(desk, review).status == 200
    opine(desk, review, "legal", "object", **point(0, "object", "No forum is named", "law_and_forum"))
    all_agree(desk, review, "credit", "finance", "delivery")
    assert answer(desk, review, ("insist", "The law names one")).status == 200
    (number,) = desk.task_ids(review, "decide_objections")  # type: ignore[arg-type]
    assert inbox.tasks(desk.session, [number])[0].role == "credit_manager"
    assert decide(desk, review, cast.carla, "overrule").messages == ["Recorded. Result: Version agreed."]
    assert [state for _body, state in states(desk, review)] == ["upheld", "accepted", "overruled"]
    return review


@covers("contract_negotiation/settled")
def test_accepted_conditions_settle_a_version(desk: Desk) -> ContractReview:
    review = under_review(desk)
    opine(desk, review, "credit", "conditions", **point(0, "condition", "Deliver in two parts"))
    all_agree(desk, review, "finance", "legal", "delivery")
    forged = answer(desk, review, ("accept", ""))
    assert forged.messages == ["Recorded. Result: Version agreed."]
    return review


@covers("contract_negotiation/refuse")
def test_a_refusal_ends_the_review_and_tells_everybody_who_took_part(desk: Desk) -> ContractReview:
    review = insisted(desk, under_review(desk))
    desk.mails()
    done = decide(desk, review, desk.cast.carla, "refuse", "Not with this customer")
    assert done.messages == ["Recorded. Result: Version refused."]
    review = again(desk, review)
    assert (review.status, review.contract.status, review.outcome_note) == (
        "refused",
        "refused",
        "Not with this customer",
    )
    told = {mail.to for mail in desk.mails() if mail.template == "contract_refused"}
    assert told == {"Sara Lind", "Anna Weiss", "Felix Brandt", "Lena Hoffmann", "Dora Lang"}
    return review


def in_force(desk: Desk, **terms: Any) -> Contract:
    """A contract in force, with these terms besides."""
    customer = make_customer(desk.session, "Nordwind AG", branch_id=desk.cast.north.id)
    contract = record_need(
        desk.session, customer, desk.cast.sara.id, TODAY, side="sales", kind="goods", title="Pumps for the new plant",
        need="Twelve pumps by summer",
    )  # fmt: skip
    given = {
        "goods": "Pumps",
        "amount": Decimal(50_000),
        "currency": "EUR",
        "payment_days": 30,
        "renewal": "none",
    }
    version = draft_version(
        desk.session,
        contract,
        given | terms,
        TODAY,
        desk.cast.sara.id,
        text="Delivery in May.\nPayment in 30 days.",
    )
    version.frozen_at = NOW
    desk.session.flush()
    contract.status, contract.filed_on, contract.signed_on = "active", TODAY, TODAY
    desk.session.commit()
    return contract


KEEP = dict.fromkeys(TERMS) | {"template": None, "source": "keep"}


@covers(
    "contract_opinions/ask_credit", "contract_opinions/ask_finance", "contract_opinions/skip_legal",
    "contract_opinions/skip_delivery",
)  # fmt: skip
def test_a_change_is_reviewed_by_those_whom_the_changed_terms_concern(desk: Desk) -> ContractReview:
    deliverer(desk)
    review = negotiation(desk, contract=in_force(desk), kind="change")
    same = draft(desk, review, **KEEP | {"note": "As it was before"})
    assert "the same as version 1" in same.error_at("note")
    assert draft(desk, review, **KEEP | {"note": "Longer terms", "payment_days": "60"}).status == 200
    review = again(desk, review)
    assert (review.contract.status, review.contract.amount, review.reviewed and review.reviewed.no) == (
        "active",
        50_000,
        2,
    )
    assert review.contract.current is not None
    assert review.contract.current.no == 1
    assert check(desk, review, **missing(desk, review)).status == 200
    assert again(desk, review).areas == "credit finance"
    page = task(desk, desk.cast.anna, review, "review_credit")
    assert "Payment, days 60 30" in page.text
    opine(desk, review, "credit")
    assert opine(desk, review, "finance").messages == ["Recorded. Result: Version agreed."]
    return review


@covers("contract_opinions/skip_credit", "contract_opinions/skip_finance", "contract_opinions/ask_legal")
def test_a_change_of_the_text_goes_to_counsel(desk: Desk) -> ContractReview:
    deliverer(desk)
    review = negotiation(desk, contract=in_force(desk), kind="change")
    typed = {"source": "typed", "text": "Delivery in June.\nPayment in 30 days.", "note": "A month later"}
    assert draft(desk, review, **KEEP | typed).status == 200
    assert check(desk, review, **missing(desk, review)).status == 200
    assert again(desk, review).areas == "legal"
    page = task(desk, desk.cast.lena, review, "review_legal")
    assert ([one.text_content() for one in page.all("//del")], [one.text_content() for one in page.all("//ins")]) == (
        ["May"], ["June"],
    )  # fmt: skip
    assert opine(desk, review, "legal").messages == ["Recorded. Result: Version agreed."]
    return review


def missing(desk: Desk, review: ContractReview) -> dict[str, str]:
    """A reason in every row of the checklist."""
    form = task(desk, desk.cast.sara, review, "check_clauses").form_named("checklist")
    names = [name for name in form.element.fields if name.endswith("-reason")]
    return dict.fromkeys(names, "A short contract")


def test_nobody_reviews_what_they_drafted(desk: Desk) -> None:
    cast, dora = desk.cast, deliverer(desk)
    supplier = Party(
        number="P-1", kind="supplier", name="Steel Works", branch_id=cast.north.id, created_at=NOW
    )
    desk.session.add(supplier)
    other = make_person(desk.session, "delivery", name="Dan Moor", branch=cast.north)
    desk.session.commit()
    desk.names[other.id] = other.name
    review = negotiation(desk, supplier, by=dora, side="purchase")
    assert draft(desk, review, by=dora, template="purchase_of_goods:en").status == 200
    assert check(desk, review, by=dora).status == 200
    assert (
        "Exposure by component" not in task(desk, cast.anna, review, "review_credit").text
    )  # it is no customer
    (number,) = desk.task_ids(review, "review_delivery")  # type: ignore[arg-type]
    desk.get(dora, f"/tasks/{number}", 403)
    told = [mail.to for mail in desk.mails() if mail.template == "contract_opinion_wanted"]
    assert (dora.name in told, other.name in told) == (False, True)
    # Even where the inbox lets her: her part in the draft is looked up again, on the page and for the answer.
    desk.session.execute(text("UPDATE open_task SET excluded = '{}' WHERE id = :id"), {"id": number})
    desk.session.commit()
    desk.get(dora, f"/tasks/{number}", 403)
    with pytest.raises(NotAllowed, match="drafted the contract"):
        desk.app.extensions["engine"].complete(
            desk.session, number, Actor(dora.id), "test", lambda _action: {"delivery_verdict": "agree"}
        )
    desk.session.rollback()
    assert opine(desk, review, "delivery", by=other).status == 200


def test_what_only_the_drafter_delivers_is_looked_at_in_another_branch(desk: Desk) -> None:
    dora = deliverer(desk)
    other = make_person(desk.session, "delivery", name="Dirk Lang", branch=desk.cast.south)
    desk.session.commit()
    desk.names[other.id] = other.name
    review = negotiation(desk, by=dora)
    draft(desk, review, by=dora)
    assert check(desk, review, by=dora).status == 200
    assert other.name in {mail.to for mail in desk.mails() if mail.template == "contract_opinion_wanted"}
    (number,) = desk.task_ids(review, "review_delivery")  # type: ignore[arg-type]
    desk.get(dora, f"/tasks/{number}", 403)
    assert (
        "Terms of delivery: DAP." in desk.get(other, f"/tasks/{number}").text
    )  # not by the page of the contract
    assert opine(desk, review, "delivery", by=other).status == 200


def test_a_gap_in_the_text_is_no_clause(desk: Desk) -> None:
    review = negotiation(desk)
    draft(desk, review, forum="", liability_cap="", breach_liability="")
    form = task(desk, desk.cast.sara, review, "check_clauses").form_named("checklist")
    states = {form.value(f"rows-{place}-clause"): form.value(f"rows-{place}-state") for place in range(11)}
    assert (states["law_and_forum"], states["liability"], states["warranty"]) == ("", "missing", "present")
    place = list(states).index("law_and_forum")
    cap = {f"rows-{list(states).index('liability')}-reason": "As the law has it"}
    refused = form.fill(**cap | {f"rows-{place}-state": "present"}).send()
    assert "leaves a gap" in refused.error_at(f"rows-{place}-state")
    departing = {
        f"rows-{place}-state": "deviating",
        f"rows-{place}-reason": "Their courts are not settled yet",
    }
    assert check(desk, review, **cap | departing).status == 200


def test_a_draft_that_cannot_be_is_refused_at_its_field(desk: Desk) -> None:
    review = negotiation(desk)

    def problem(field: str, **values: Any) -> str:
        return draft(desk, review, **values).error_at(field)

    assert "before it begins" in problem("ends_on", ends_on="2026-03-31")
    assert "2000 and 2100" in problem("ends_on", ends_on="9999-12-31")
    assert "2000 and 2100" in problem("delivery_on", delivery_on="0001-01-01")
    assert "rate" in problem("currency", currency="CHF")
    assert "Give an amount from 0 to" in problem("amount", amount="2 000 000 000")
    assert "Choose the currency" in problem("currency", currency="")
    assert "are no payment terms" in problem("payment_terms", payment_terms="half now")
    assert "not to 100" in problem("payment_terms", payment_terms="40%@30, 50%@90")
    assert "two letters" in problem("governing_law", governing_law="QQ")
    assert "what is delivered" in problem("goods", goods="")
    assert "above zero" in problem("quantity", quantity="0")
    assert "Choose a template" in problem("template", template="")
    assert "Choose the document" in problem("file", source="upload", language="en")
    hostile = File("contract.pdf", b"MZ\x90\x00 not a contract")
    assert "is not a PDF" in draft(desk, review, file=hostile, source="upload", language="en").error_at(
        "file"
    )
    desk.session.add(
        ContractTemplate(
            code="sale_of_goods", side="sales", language="en", version=1, title="Ours", body="To {somebody}: {goods}",
            created_at=NOW,
        )
    )  # fmt: skip
    desk.session.commit()
    assert "“somebody” is no field" in problem("template")
    assert (again(desk, review).status, desk.session.scalars(select(ContractVersion)).all()) == (
        "drafting",
        [],
    )


def test_a_version_is_refused_while_another_is_under_review(desk: Desk) -> None:
    review = negotiation(desk)
    deliverer(desk)
    page = task(desk, desk.cast.sara, review, "draft_contract")
    scan = File("scan.pdf", PDF)
    assert draft(desk, review, file=scan, source="upload", language="en").status == 200
    late = page.form_named("draft").fill(source="typed", text="Another text", **TERMS).send()
    assert late.status == 409
    form = task(desk, desk.cast.sara, review, "check_clauses").form_named("checklist")
    assert form.value("rows-0-state") == ""  # a scan has no text
    rows = {name: "present" for name in form.element.fields if name.endswith("-state")}
    refused = form.fill(**rows | {"rows-5-state": "missing"}).send()
    assert "Warranty: say in a few words why" in refused.error_at("rows-5-reason")
    assert (
        refused.form_named("checklist").fill(**{"rows-5-reason": "Agreed by telephone"}).send().status == 200
    )
    contract = again(desk, review).contract
    with pytest.raises(Conflict, match=f"in {review.number} already"):
        draft_version(desk.session, contract, {"goods": "Other"}, TODAY, desk.cast.sara.id)
    desk.session.rollback()
    assert [row.no for row in desk.session.scalars(select(ContractVersion))] == [1]
    assert "scan.pdf" in desk.get(desk.cast.anna, f"/contracts/reviews/{review.number}").text
    client = desk.browser(desk.cast.anna).client
    answered = client.get(f"/contracts/reviews/{review.number}/versions/1/document")
    assert (answered.status_code, answered.data) == (200, PDF)
    assert answered.headers["Content-Disposition"].startswith("attachment")
    desk.get(desk.cast.anna, f"/contracts/reviews/{review.number}/versions/2/document", 404)


def test_the_checklist_asks_for_quotes_and_reasons(desk: Desk) -> None:
    review = negotiation(desk)
    assert (
        draft(
            desk, review, source="typed", language="en", text="Delivery in May.\nPayment in 30 days."
        ).status
        == 200
    )

    def problem(row: int, field: str, **values: str) -> str:
        given = {f"rows-{row}-{name}": value for name, value in values.items()}
        return check(desk, review, **given).error_at(f"rows-{row}-{field}")

    form = task(desk, desk.cast.sara, review, "check_clauses").form_named("checklist")
    assert [form.value(f"rows-{row}-state") for row in (0, 1, 2)] == ["missing", "present", "present"]
    assert form.value("rows-1-quoted") == "Delivery in May."
    assert "say in a few words why" in problem(0, "reason")
    given = missing(desk, review)

    def second(**values: str) -> Page:
        return check(desk, review, **given | values)

    assert "quote it word by word" in second(**{"rows-1-quoted": "Delivery in June"}).error_at(
        "rows-1-quoted"
    )
    assert "quote where" in second(**{"rows-1-quoted": ""}).error_at("rows-1-quoted")
    assert "say in a few words why" in second(**{"rows-2-state": "deviating", "rows-2-reason": ""}).error_at(
        "rows-2-reason"
    )
    assert "choose what the text says" in second(**{"rows-2-state": ""}).error_at("rows-2-state")
    deliverer(desk)
    assert second(**{"rows-7-reason": ""}).status == 200  # confidentiality is not required


def test_administrators_are_told_where_nobody_may_give_an_opinion(desk: Desk) -> None:
    dora = deliverer(desk)  # the only one in the company
    review = negotiation(desk, by=dora)
    draft(desk, review, by=dora)
    assert check(desk, review, by=dora).status == 200
    (told,) = [mail for mail in desk.mails() if mail.template == "contract_no_reviewer"]
    assert told.to == "Ada Larsen"
    assert "Give the role Delivery to somebody who did not draft the contract" in told.body
    # Whoever gets the role finds the task.
    other = make_person(desk.session, "delivery", name="Dan Moor", branch=desk.cast.north)
    desk.session.commit()
    desk.names[other.id], desk.emails[other.id] = other.name, other.email
    assert opine(desk, review, "delivery", by=other).status == 200
