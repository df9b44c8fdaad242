"""The parts of a customer's file: information, what was found out, statements, ratings, securities, documents."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from credit_app.models import (
    AccessLog,
    CreditReport,
    Customer,
    CustomerDocument,
    FinancialStatement,
    Finding,
    InformationItem,
    Investigation,
    LegalRecord,
    Owner,
    Security,
)
from tests.factories import NOW, TODAY, make_person, make_rating
from tests.screens.desk import Desk, File, Page

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63000100000500"
    "010d0a2db40000000049454e44ae426082"
)


def tab(desk: Desk, person: Any, customer: Customer, name: str, more: str = "") -> Page:
    return desk.get(person, f"/customers/{customer.number}?tab={name}{more}")


def prefixed(prefix: str, **values: str) -> dict[str, str]:
    return {f"{prefix}-{name}": value for name, value in values.items()}


def inform(page: Page, **changes: str) -> Page:
    values = {
        "name": "business_activity", "value": "Wind turbines", "source": "Register", "as_of": TODAY.isoformat(),
        "confidence": "90",
    }  # fmt: skip
    return page.form("/information").fill(**prefixed("information", **values | changes)).send()


def test_newest_information_is_shown_and_what_was_known_before_stays(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    page = tab(desk, desk.cast.anna, customer, "information")
    assert "Missing: business activity." in page.text
    inform(page, value="Trade", as_of=(TODAY - timedelta(days=900)).isoformat())
    page = tab(desk, desk.cast.anna, customer, "information")
    assert "Out of date: business activity" in page.text
    page = inform(page)
    assert page.messages == ["The information is added."]
    rows = [row.text_content() for row in page.all("//tbody/tr") if "business activity" in row.text_content()]
    assert "Wind turbines" in rows[0].split("1 earlier entry")[0]
    assert "Trade" in rows[0].split("1 earlier entry")[1]
    assert "Out of date: business activity" not in page.text
    item = desk.session.scalars(select(InformationItem).order_by(InformationItem.id.desc())).first()
    assert item is not None
    assert (item.kind, item.confidence, item.recorded_by) == ("basic", Decimal("0.90"), desk.cast.anna.id)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("as_of", "2999-01-01", "lies in the future"),
        ("valid_until", "2020-01-01", "before the day that the information is of"),
        ("confidence", "101", "at most 100"),
        ("source", " ", "Please fill in"),
        ("name", "other", "Say in a few words"),
    ],
)
def test_information_without_source_day_or_sense_is_refused(
    desk: Desk, field: str, value: str, said: str
) -> None:
    page = inform(tab(desk, desk.cast.anna, desk.customer("Nordwind AG"), "information"), **{field: value})
    assert page.status == 422
    assert said in " ".join(page.problems)
    assert desk.session.scalars(select(InformationItem)).all() == []


def test_information_in_own_words_has_a_kind(desk: Desk) -> None:
    page = tab(desk, desk.cast.sara, desk.customer("Nordwind AG"), "information")
    page = inform(page, name="other", other_name="Fleet", kind="operation", value="12 lorries")
    assert page.messages == ["The information is added."]
    assert "Fleet 12 lorries" in page.text


def test_legal_record_owner_and_report_are_added_outside_a_process(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    page = tab(desk, desk.cast.anna, customer, "investigations")
    day = TODAY.isoformat()
    page = page.form("/legal-records").fill(**prefixed(
        "legal", kind="litigation", subject="Unpaid deliveries", opened_on=day, amount="12 000", currency="EUR",
        source="Court file",
    )).send()  # fmt: skip
    assert page.messages == ["The legal record is added."]
    values = prefixed("owner", kind="company", name="Holding AG", share="33,5", as_of=day, source="Register")
    page = page.form("/owners").fill(**values).send()
    assert page.messages == ["The owner is added."]
    form = page.form("/reports").fill(**prefixed("report", provider="Agency", reported_on=day, note="Sound"))
    page = form.attach("report-file", File("report.pdf", PDF)).send()
    assert page.messages == ["The report is added."]
    record, owner, report = (
        desk.session.scalars(select(one)).one() for one in (LegalRecord, Owner, CreditReport)
    )
    assert (record.amount, owner.share, report.status) == (Decimal("12000.00"), Decimal("0.3350"), "received")
    document = desk.session.scalars(select(CustomerDocument)).one()
    assert (report.document_id, document.kind) == (document.id, "report")
    for words in ("Litigation: Unpaid deliveries", "Holding AG", "33.50 %", "report.pdf"):
        assert words in page.text


def test_refused_record_keeps_what_was_typed(desk: Desk) -> None:
    page = tab(desk, desk.cast.anna, desk.customer("Nordwind AG"), "investigations")
    page = page.form("/legal-records").fill(**prefixed("legal", subject="Unpaid", amount="5")).send()
    assert page.status == 422
    assert page.form("/legal-records").value("legal-subject") == "Unpaid"
    assert "An amount needs its currency" in page.error_at("legal-currency")
    share = prefixed("owner", kind="person", name="X", share="101", as_of="2026-01-01", source="R")
    page = page.form("/owners").fill(**share).send()
    assert "at most at 100" in page.error_at("owner-share")


def test_rep_and_receivables_enter_no_findings(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    for one in (desk.cast.sara, desk.cast.rita, desk.cast.otto):
        page = tab(desk, one, customer, "investigations")
        assert not page.has_form("/legal-records")
        token = str(page.all("//meta[@name='csrf-token']/@content")[0])
        for path in ("legal-records", "owners", "reports"):
            sent = page.browser.post(f"/customers/{customer.number}/{path}", {"csrf_token": token})
            assert sent.status == 403


def test_investigation_is_shown_with_each_finding_and_its_document(desk: Desk) -> None:
    customer, session = desk.customer("Nordwind AG"), desk.session
    document = CustomerDocument(
        customer_id=customer.id, filename="visit.png", content_type="image/png", size=len(PNG), sha256="0" * 64,
        content=PNG,
    )  # fmt: skip
    one = Investigation(
        customer_id=customer.id, template="existing_customer", summary="A sound company", done_at=NOW,
        done_by=desk.cast.anna.id,
    )  # fmt: skip
    finding = Finding(
        channel="site_visit", source="Visit", found_on=TODAY, finding="Halls are full", assessment="positive"
    )
    finding.document = document
    one.findings.append(finding)
    session.add_all([document, one])
    session.commit()
    page = tab(desk, desk.cast.carla, customer, "investigations")
    for words in ("A sound company", "Site visit", "Halls are full", "positive", "visit.png", "Anna Weiss"):
        assert words in page.text


def statement(session: Any, customer: Customer, year: int, sales: int, **values: Any) -> FinancialStatement:
    figures = {
        "cash": "100", "receivables": "200", "inventory": "100", "current_assets": "400",
        "total_assets": "1000", "current_liabilities": "200", "total_liabilities": "600", "equity": "400",
        "sales": str(sales), "operating_profit": "100", "interest_expense": "10", "net_profit": "60",
    }  # fmt: skip
    row = FinancialStatement(
        customer_id=customer.id, period_end=TODAY.replace(year=year, month=12, day=31), currency="EUR",
        source="Annual report", figures=figures | values,
    )  # fmt: skip
    session.add(row)
    return row


def test_statements_show_ratios_with_trend_and_a_missing_year_as_missing(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    statement(desk.session, customer, 2023, 900)
    statement(desk.session, customer, 2025, 1_800, equity="300", total_liabilities="700")
    desk.session.commit()
    page = tab(desk, desk.cast.anna, customer, "statements")
    heads = [one.text_content().strip() for one in page.all("//section[1]//thead//th")]
    assert heads == ["Ratio", "2023", "2024", "2025", "Trend"]
    row = next(one for one in page.all("//tbody/tr") if "Equity ratio" in one.text_content())
    cells = [" ".join(cell.text_content().split()) for cell in row]
    assert cells[1:] == ["40.0 %", "no statement", "30.0 %", "worse"]
    assert "2024: there is no statement of this year." in page.text
    assert page.all("//svg[@class='cd-spark']") != []


def test_statement_that_does_not_balance_is_said(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    statement(desk.session, customer, 2025, 900, equity="350")
    desk.session.commit()
    assert "does not balance" in tab(desk, desk.cast.anna, customer, "statements").text


def test_ratings_say_who_overrode_them_and_why(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    make_rating(desk.session, customer, "BBB", rated_at=NOW - timedelta(days=400))
    make_rating(
        desk.session, customer, "BB", computed_grade="BBB", override_reason="New owner is not known",
        rated_by=desk.cast.anna.id,
    )  # fmt: skip
    desk.session.commit()
    page = tab(desk, desk.cast.carla, customer, "ratings")
    assert "overridden by Anna Weiss" in page.text
    assert "New owner is not known" in page.text
    assert "System" in page.text


def security(desk: Desk, customer: Customer, **values: Any) -> Security:
    given = {
        "customer_id": customer.id, "kind": "guarantee", "amount": Decimal(50_000), "currency": "EUR",
        "haircut": Decimal("0.1"), "provider": "Hausbank", "status": "confirmed", "confirmed_at": NOW,
        "confirmed_by": desk.cast.anna.id,
    }  # fmt: skip
    row = Security(**given | values)
    desk.session.add(row)
    desk.session.commit()
    return row


def test_security_is_released_by_the_credit_manager_with_a_reason(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    row = security(desk, customer)
    assert not tab(desk, desk.cast.anna, customer, "limits").has_form("/release")
    page = tab(desk, desk.cast.carla, customer, "limits")
    refused = page.form("/release").fill(**{"release-reason": " "}).send()
    assert (refused.status, row.status) == (422, "confirmed")
    page = page.form("/release").fill(**{"release-reason": "Limit was cut"}).send()
    assert page.messages == ["The security is released: Guarantee."]
    desk.fresh()
    assert (row.status, row.release_reason, row.released_by) == (
        "released",
        "Limit was cut",
        desk.cast.carla.id,
    )
    assert "released: Limit was cut" in page.text
    sent = refused.form("/release").fill(**{"release-reason": "Again"}).send()
    assert (sent.status, "Only a confirmed security" in sent.text) == (409, True)


def test_expired_security_is_said_to_be_expired_and_covers_nothing(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    security(desk, customer, expires_on=TODAY - timedelta(days=1))
    page = tab(desk, desk.cast.anna, customer, "limits")
    row = next(one for one in page.all("//section[@id='securities']//tbody/tr"))
    assert "expired" in row.text_content()


def test_document_is_filed_looked_at_and_downloaded_and_each_is_logged(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    page = tab(desk, desk.cast.anna, customer, "documents")
    form = page.form("/documents").fill(**{"document-kind": "registration"})
    page = form.attach("document-files", File("extract.pdf", PDF), File("seal.png", PNG)).send()
    assert page.messages == ["2 documents are filed."]
    rows = desk.session.scalars(select(CustomerDocument).order_by(CustomerDocument.id)).all()
    page = tab(desk, desk.cast.anna, customer, "documents", f"&document={rows[0].id}")
    assert page.all("//iframe/@src") == [f"/customers/{customer.number}/documents/{rows[0].id}"]
    client = page.browser.client
    shown = client.get(f"/customers/{customer.number}/documents/{rows[0].id}")
    assert (shown.data, shown.mimetype) == (PDF, "application/pdf")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    saved = client.get(f"/customers/{customer.number}/documents/{rows[1].id}?download=1")
    assert saved.mimetype == "application/octet-stream"
    assert saved.headers["Content-Disposition"].startswith("attachment")
    desk.fresh()
    log = desk.session.scalars(select(AccessLog).where(AccessLog.details != {}).order_by(AccessLog.id)).all()
    assert [(row.kind, row.details["document"]) for row in log] == [
        ("change", [None, "extract.pdf, seal.png"]),
        ("view", "extract.pdf"),
        ("export", "seal.png"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("page.html", b"<html><script>alert(1)</script>", "is not a PDF, PNG, JPEG, Word or Excel file"),
        ("trick.pdf", b"MZ\x90\x00 a program", "is not a PDF, PNG, JPEG, Word or Excel file"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "is not a PDF"),
        ("empty.pdf", b"", "is empty"),
        ("large.pdf", PDF + b" " * (10 * 1024 * 1024), "is larger than 10 MB"),
    ],
)
def test_hostile_file_is_refused_by_its_content(desk: Desk, name: str, content: bytes, said: str) -> None:
    customer = desk.customer("Nordwind AG")
    form = tab(desk, desk.cast.anna, customer, "documents").form("/documents")
    page = form.fill(**{"document-kind": "other"}).attach("document-files", File(name, content)).send()
    assert page.status == 422
    assert said in " ".join(page.problems)
    assert desk.session.scalars(select(CustomerDocument)).all() == []


def test_hostile_file_name_becomes_harmless(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    form = tab(desk, desk.cast.anna, customer, "documents").form("/documents")
    form.fill(**{"document-kind": "other"}).attach("document-files", File('../../<b>"x\n.exe', PDF)).send()
    row = desk.session.scalars(select(CustomerDocument)).one()
    assert not set(row.filename) & set('<>"/\n')
    assert row.filename.endswith(".pdf")


def test_document_of_another_customer_is_not_handed_out_through_this_file(desk: Desk) -> None:
    customer, other = desk.customer("Nordwind AG"), desk.customer("Other AG")
    form = tab(desk, desk.cast.anna, other, "documents").form("/documents")
    form.fill(**{"document-kind": "other"}).attach("document-files", File("theirs.pdf", PDF)).send()
    row = desk.session.scalars(select(CustomerDocument)).one()
    desk.get(desk.cast.anna, f"/customers/{customer.number}/documents/{row.id}", 404)
    desk.get(desk.cast.samir, f"/customers/{other.number}/documents/{row.id}", 404)


def test_those_who_deliver_see_neither_ratings_nor_findings(desk: Desk) -> None:
    dora = make_person(desk.session, "delivery", name="Dora Gruber", branch=desk.cast.north)
    desk.session.commit()
    customer = desk.customer("Nordwind AG")
    desk.get(dora, f"/customers/{customer.number}")
    for name in (
        "information",
        "investigations",
        "statements",
        "ratings",
        "documents",
        "applications",
        "access",
    ):
        desk.get(dora, f"/customers/{customer.number}?tab={name}", 403)
