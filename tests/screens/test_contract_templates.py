"""Templates of contracts: written as drafts, tried on a contract, published in versions, and taken out of use."""

from sqlalchemy import select

from credit_app.models.contract import ContractTemplate, ContractTemplateDraft, ContractVersion
from tests.factories import make_customer, make_person
from tests.screens.desk import Desk
from tests.screens.pages import Page
from tests.screens.test_contract_review import TERMS as CONTRACT
from tests.screens.test_contract_review import draft, negotiation, task

ADDRESS = "/contracts/templates/sale_of_goods/en"
BODY = "Contract {number} with {other_side}.\n\nDelivered is: {goods} for {amount}."


def write(page: Page, button: str, **values: str) -> Page:
    return page.form_named("template").fill(**values).send(**{button: "1"})


def test_counsel_writes_publishes_and_withdraws_a_template(desk: Desk) -> None:
    cast, session = desk.cast, desk.session
    other = make_person(session, "counsel", name="Leo Winter")
    nordwind = make_customer(session, "<b>Nordwind {goods}</b>", branch_id=cast.north.id)
    session.commit()
    desk.names[other.id] = other.name
    # Who drafts reads them, and writes none.
    assert "Sale of goods" in desk.get(cast.sara, "/contracts/templates").text
    page = desk.get(cast.sara, ADDRESS)
    assert not page.has_form(ADDRESS)
    assert "customer number {other_side_number}" in page.text
    forged = desk.browser(cast.sara)
    token = forged.get("/account").all("//input[@name='csrf_token']/@value")[0]
    for address in (ADDRESS, f"{ADDRESS}/withdraw", f"{ADDRESS}/discard", "/contracts/templates/new"):
        assert forged.send(address, {"csrf_token": token, "body": BODY, "publish": "1"}).status_code == 403
    # What cannot be filled, or cannot be seen, is refused with what was typed kept.
    page, stale = desk.get(cast.lena, ADDRESS), desk.get(other, ADDRESS)
    wrong = write(page, "save", body=BODY + " {iban}")
    assert wrong.error_at("body").startswith("“iban” is no field of a template; the fields are amount, ")
    assert wrong.form_named("template").value("body").endswith("{iban}")
    assert "A brace stands alone near" in write(page, "publish", body=BODY + " {").error_at("body")
    assert "(U+202E) near" in write(page, "preview", body=BODY + "\u202e").error_at("body")
    assert "no braces" in write(desk.get(cast.lena, ADDRESS), "save", title="Sale to {other_side}").error_at(
        "title"
    )
    assert session.scalars(select(ContractTemplateDraft)).all() == []
    # Tried on a contract of the register, or on one that is made up; what is put in is text.
    review = negotiation(desk, nordwind)
    shown = write(page, "preview", body=BODY + "<script>", contract=review.contract.number)
    assert f"Contract {review.contract.number} with <b>Nordwind {{goods}}</b>." in shown.text
    assert "Delivered is: ____ for ____.<script>" in shown.text
    assert not shown.all("//script[not(@src or @type or @nonce)]")
    assert "not yours to see" in write(page, "preview", contract="CTR-1999-1").error_at("contract")
    shown = write(page, "preview", body=BODY, contract="")
    assert "Delivered is: Twelve pumps, type K for EUR 120,000.00." in shown.text
    # A draft rules nothing, and two do not write over each other.
    saved = write(shown, "save", title="Sale of machines", note="Shorter")
    assert saved.messages == ["The draft is saved; nobody drafts from it before it is published."]
    assert "a draft of Lena Hoffmann" in desk.get(cast.lena, "/contracts/templates").text
    assert "a draft of" not in desk.get(cast.sara, "/contracts/templates").text
    late = write(stale, "save", body="Another text")
    assert (late.status, "saved or ended the draft" in late.text) == (422, True)
    draft(desk, review)
    desk.fresh()
    assert session.scalars(select(ContractVersion.template_version)).all() == [0]
    # Published, it is what the next draft is filled with, and the draft says so.
    assert "what changed" in write(saved, "publish", note="").error_at("note")
    done = write(saved, "publish", note="Shorter")
    assert done.messages == ["Version 1 is in force for every draft from now on."]
    assert "Nothing is changed" in write(done, "publish", note="Once more").error_at("body")
    late = write(stale, "publish", body="Another text", note="I was late")
    assert "published a newer version" in late.text
    second = negotiation(desk, nordwind)
    assert draft(desk, second).status == 200
    desk.fresh()
    made = session.scalars(select(ContractVersion).order_by(ContractVersion.id.desc())).first()
    assert made is not None
    assert (made.template, made.template_version) == ("sale_of_goods:en", 1)
    assert made.text.endswith("Delivered is: Twelve pumps, type K for EUR 90,000.00.")
    seen = desk.get(cast.sara, f"/contracts/{second.contract.number}")
    assert "begun from the template “Sale of machines”, version 1" in seen.text
    assert "4. Retention of title" in desk.get(cast.sara, f"{ADDRESS}/versions/1").text  # as what went out
    assert "4. Retention of title" in desk.get(cast.sara, f"{ADDRESS}/versions/0").text
    desk.get(cast.sara, f"{ADDRESS}/versions/2", 404)
    # Out of use: no draft begins from it; a newer version brings it back.
    ended = desk.get(cast.lena, ADDRESS).form_named("withdraw")
    assert "Please fill in" in ended.send().error_at("reason")
    third = negotiation(desk, nordwind)
    opened = task(desk, cast.sara, third, "draft_contract").form_named("draft")
    gone = ended.fill(reason="The law has changed").send()
    assert gone.messages == ["The template is withdrawn; no draft begins from it any more."]
    offered = task(desk, cast.sara, third, "draft_contract").all("//select[@id='template']/option/@value")
    assert "sale_of_goods:en" not in offered
    assert "sale_of_goods:zh" in offered
    late = opened.fill(source="template", template="sale_of_goods:en", **CONTRACT).send()
    assert "not in use; choose another" in late.error_at("template")
    assert write(gone, "publish", note="In force again").messages[0].startswith("Version 3 is in force")
    assert session.scalars(select(ContractTemplate.withdrawn).order_by(ContractTemplate.version)).all() == [
        False,
        True,
        False,
    ]
    assert draft(desk, third).status == 200


def test_a_template_begins_as_a_draft(desk: Desk) -> None:
    cast = desk.cast
    given = {"code": "lease", "side": "sales", "language": "en", "title": "Lease", "body": BODY}

    def begin(**values: str) -> Page:
        page = desk.get(cast.lena, "/contracts/templates/new")
        return page.form_named("template").fill(**given | values).send()

    assert "small Latin letters" in begin(code="Lease 1").error_at("code")
    assert "in this language" in begin(code="sale_of_goods").error_at("code")
    assert "no field of a template" in begin(body="{who}").error_at("body")
    assert begin().status == 200
    assert "other language" in begin(language="zh", side="purchase").error_at("side")
    assert "Lease" not in desk.get(cast.sara, "/contracts/templates").text
    desk.get(cast.sara, "/contracts/templates/lease/en", 404)
    page = desk.get(cast.lena, "/contracts/templates/lease/en")
    thrown = page.form_named("discard").send()
    assert thrown.messages == ["The draft is thrown away."]
    desk.get(cast.lena, "/contracts/templates/lease/en", 404)
    assert begin(language="zh").status == 200
    page = desk.get(cast.lena, "/contracts/templates/lease/zh")
    assert "EUR 120,000.00" in write(page, "preview").text
    done = write(page, "publish", note="For machines that are let")
    assert done.messages == ["Version 1 is in force for every draft from now on."]
