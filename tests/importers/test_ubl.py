"""UBL 2.1 documents: read, judged as every import, written again; hostile XML and archives refused."""

import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.importers import FileRefused, ImportReport, import_file, ubl
from credit_app.importers.ubl_reading import LARGEST_DOCUMENT, read_document
from credit_app.models import Customer, ReceivableItem
from credit_app.reports.ubl import ubl_of
from tests.factories import make_customer

SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd:"
DUE = "<cbc:DueDate>2026-04-01</cbc:DueDate>"
TEN_DAYS = "<cbc:DurationMeasure unitCode='DAY'>10</cbc:DurationMeasure>"
PARTY = "<cac:PartyIdentification><cbc:ID>K1</cbc:ID></cac:PartyIdentification>"


def document(
    number: str = "R1",
    kind: str = "Invoice",
    *,
    due: str = DUE,
    party: str = PARTY,
    amount: str = "480.00",
    after: str = "",
    version: str = "2.1",
    head: str = "",
    schema: str = SCHEMA,
) -> bytes:
    return f"""{head}<{kind} xmlns="{schema}{kind}-2" xmlns:cac="{SCHEMA}CommonAggregateComponents-2"
 xmlns:cbc="{SCHEMA}CommonBasicComponents-2"><!-- a remark --><cbc:UBLVersionID>{version}</cbc:UBLVersionID>
 <cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-03-02Z</cbc:IssueDate>{due}
 <cac:OrderReference><cbc:ID>PO-78</cbc:ID></cac:OrderReference>
 <cac:AccountingCustomerParty><cac:Party>{party}</cac:Party></cac:AccountingCustomerParty>{after}
 <cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="EUR">{amount}</cbc:PayableAmount></cac:LegalMonetaryTotal>
</{kind}>""".encode()


def means(*days: str) -> str:
    return "".join(
        f"<cac:PaymentMeans><cbc:ID>{n}</cbc:ID><cbc:PaymentDueDate>{day}</cbc:PaymentDueDate></cac:PaymentMeans>"
        for n, day in enumerate(days, 1)
    )


def terms(inner: str) -> str:
    return f"<cac:PaymentTerms>{inner}</cac:PaymentTerms>"


def packed(*documents: bytes, names: tuple[str, ...] = ()) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, data in enumerate(documents):
            archive.writestr(names[place] if names else f"in/{place + 1}.xml", data)
    return file.getvalue()


Take = Callable[..., ImportReport]


@pytest.fixture
def take(session: Session, company: None) -> Take:
    make_customer(session, "Nordwind", external_id="K1", registration_number="HRB 4711")

    def import_it(data: bytes, **options: str) -> ImportReport:
        return import_file(session, "ubl", "file.xml", io.BytesIO(data), "ubl", **options)

    return import_it


def items(session: Session) -> list[ReceivableItem]:
    return list(session.scalars(select(ReceivableItem).order_by(ReceivableItem.id)))


def test_a_document_becomes_an_item_once(session: Session, take: Take) -> None:
    assert take(document()).rows_new == 1
    assert (take(document()).rows_same, len(items(session))) == (1, 1)
    [item] = items(session)
    assert (item.source, item.external_id, item.number, item.kind, item.reference) == (
        "ubl",
        "R1",
        "R1",
        "invoice",
        "PO-78",
    )
    assert (item.document_date.isoformat(), item.due_date.isoformat(), item.amount) == (
        "2026-03-02",
        "2026-04-01",
        Decimal("480.00"),
    )
    changed = take(document(amount="481.00"))
    assert [(p.row, p.column, p.value) for p in changed.problems] == [(1, "cbc:PayableAmount", "481.00")]
    assert take(document("G1", "CreditNote", due="")).rows_new == 1
    note = items(session)[1]
    assert (note.kind, note.due_date) == ("credit_note", note.document_date)
    take(document("R2", amount="-5.00"))
    assert (items(session)[2].kind, items(session)[2].amount) == ("credit_note", Decimal("5.00"))


@pytest.mark.parametrize(
    ("due", "after", "day"),
    [
        (DUE, means("2026-04-11"), "2026-04-11"),
        ("", means("2026-04-11", "2026-04-11"), "2026-04-11"),
        ("", terms("<cbc:PaymentDueDate>2026-05-01</cbc:PaymentDueDate>"), "2026-05-01"),
        ("", terms("<cbc:Note>net 30</cbc:Note>"), "2026-04-01"),
        ("", terms(f"<cac:SettlementPeriod>{TEN_DAYS}</cac:SettlementPeriod>"), "2026-03-12"),
    ],
)  # fmt: skip
def test_the_due_date_is_found_where_it_stands(
    session: Session, take: Take, due: str, after: str, day: str
) -> None:
    take(document(due=due, after=after))
    assert [item.due_date.isoformat() for item in items(session)] == [day]


@pytest.mark.parametrize(
    "after",
    [
        terms("<cbc:Amount>200.00</cbc:Amount><cbc:InstallmentDueDate>2026-04-01</cbc:InstallmentDueDate>")
        + terms("<cbc:Amount>280.00</cbc:Amount><cbc:InstallmentDueDate>2026-05-01</cbc:InstallmentDueDate>"),
        means("2026-04-01", "2026-05-01")
        + terms("<cbc:PaymentMeansID>1</cbc:PaymentMeansID><cbc:PaymentPercent>41.6667</cbc:PaymentPercent>")
        + terms("<cbc:PaymentMeansID>2</cbc:PaymentMeansID><cbc:PaymentPercent>58.3333</cbc:PaymentPercent>"),
    ],
)
def test_instalments_become_items_and_are_written_as_they_were(
    session: Session, take: Take, after: str
) -> None:
    assert take(document(due="", after=after)).rows_new == 1
    parts = items(session)
    assert [(p.external_id, p.amount, p.due_date.isoformat()) for p in parts] == [
        ("R1#1", Decimal("200.00"), "2026-04-01"),
        ("R1#2", Decimal("280.00"), "2026-05-01"),
    ]
    written = ubl_of(session, parts[1])
    assert take(written).rows_same == 1


def test_what_is_written_is_read_as_the_same(session: Session, take: Take) -> None:
    by_hand = make_customer(session, "Müller & Söhne <AG>", city="Köln", address="Am Deich 1\x02")
    take(document())
    take(document("G1", "CreditNote", due="", after=means("2026-03-20")))
    party = f"<cac:PartyIdentification><cbc:ID>{by_hand.number}</cbc:ID></cac:PartyIdentification>"
    take(document("R3", party=party))
    for item in items(session):
        written = ubl_of(session, item)
        assert take(written).rows_same == 1
        root = etree.fromstring(written)
        order = [etree.QName(child).localname for child in root]
        wanted = [
            "UBLVersionID",
            "ID",
            "IssueDate",
            "DueDate",
            "InvoiceTypeCode",
            "CreditNoteTypeCode",
            "DocumentCurrencyCode",
            "OrderReference",
            "AccountingSupplierParty",
            "AccountingCustomerParty",
            "PaymentMeans",
            "PaymentTerms",
            "LegalMonetaryTotal",
            "InvoiceLine",
            "CreditNoteLine",
        ]
        assert order == [name for name in wanted if name in order]
        assert {"ID", "IssueDate", "AccountingSupplierParty", "LegalMonetaryTotal"} <= set(order)
    assert items(session)[2].customer_id == by_hand.id


@pytest.mark.parametrize(
    ("party", "found"),
    [
        ("<cac:PartyLegalEntity><cbc:CompanyID>hrb4711</cbc:CompanyID></cac:PartyLegalEntity>", False),
        (
            "<cac:PostalAddress><cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country>"
            "</cac:PostalAddress><cac:PartyLegalEntity><cbc:CompanyID>hrb-4711</cbc:CompanyID></cac:PartyLegalEntity>",
            True,
        ),
        ("<cac:PartyTaxScheme><cbc:CompanyID>K1</cbc:CompanyID></cac:PartyTaxScheme>", True),
        (PARTY + "<cac:PartyLegalEntity><cbc:CompanyID>K2</cbc:CompanyID></cac:PartyLegalEntity>", False),
        (
            PARTY
            + "<cac:PartyLegalEntity><cbc:CompanyID>none of ours</cbc:CompanyID></cac:PartyLegalEntity>",
            True,
        ),
        ("", False),
    ],
)
def test_the_customer_is_the_one_that_is_named(session: Session, take: Take, party: str, found: bool) -> None:
    make_customer(session, "Other", external_id="K2")
    report = take(document(party=party))
    assert (report.rows_new, report.rows_bad) == ((1, 0) if found else (0, 1))
    if found:
        known = session.scalars(select(Customer).where(Customer.external_id == "K1")).one()
        assert items(session)[0].customer_id == known.id
    else:
        assert report.problems[0].column == "cac:AccountingCustomerParty"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (document(after=means("2026-04-01", "2026-05-01")), "PaymentTerms have to say the amount of each"),
        (document(after=terms("<cbc:Note>a</cbc:Note>") * 2), "each needs a due date, and an Amount"),
        (
            document(
                after=means("2026-04-01")
                + terms("<cbc:PaymentMeansID>1</cbc:PaymentMeansID><cbc:PaymentPercent>60</cbc:PaymentPercent>") * 2
            ),
            "do not come to 100",
        ),
        (
            document(
                after=means("2026-04-01")
                + terms("<cbc:PaymentMeansID>1</cbc:PaymentMeansID><cbc:PaymentPercent>1e99999</cbc:PaymentPercent>")
                * 2
            ),
            "is no share|do not come to 100",
        ),
        (document(version="2.0"), "is of UBL version 2.0; version 2.1 is accepted"),
        (document(version="3"), "is of UBL version 3;"),
        (document(schema="urn:example:"), "is “Invoice” of “urn:example:Invoice-2”; an Invoice or CreditNote"),
        (document(kind="Order"), "is “Order” of"),
        (b"<Invoice/>", "is “Invoice” of “”"),
        (b"<html></html>", "is “html”"),
        (document()[:-30], "not XML that can be read"),
        (b"invoice_number,amount\nR1,5", "not XML that can be read"),
        (b"", "is empty"),
        (b"\x00" * 100, "not XML that can be read"),
        (
            document().replace(b"<cbc:ID>R1", b"<cbc:DocumentCurrencyCode>USD</cbc:DocumentCurrencyCode><cbc:ID>R1"),
            "is in USD, but its PayableAmount in EUR",
        ),
        (b" " * (LARGEST_DOCUMENT + 1), "larger than 5 MB"),
        (document(head='<!DOCTYPE Invoice SYSTEM "file:///etc/passwd">'), "declares a DOCTYPE"),
        (
            document(number="&x;", head='<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/hostname">]>'),
            "declares a DOCTYPE",
        ),
        (
            document(
                number="&c;",
                head='<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
            ),
            "declares a DOCTYPE",
        ),
        (
            document(head='<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE Invoice>').decode().encode("utf-16"),
            "declares a DOCTYPE",
        ),
        (
            document(head='<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE Invoice+AD4-'),
            "declares a DOCTYPE|not XML that can be read",
        ),
        (document(after="<x>" * 5000 + "</x>" * 5000), "not XML that can be read"),
    ],
)  # fmt: skip
def test_what_is_no_plain_ubl_is_refused_in_a_sentence(
    session: Session, take: Take, data: bytes, reason: str
) -> None:
    with pytest.raises(FileRefused, match=reason):
        take(data)
    assert items(session) == []


@pytest.mark.parametrize(
    ("data", "column", "reason"),
    [
        (document(amount="1,5"), "cbc:PayableAmount", "is not an amount"),
        (document(amount=""), "cbc:PayableAmount", "is empty"),
        (document("G1", "CreditNote", due="", amount="-5"), "cbc:PayableAmount", "is negative"),
        (document(due=""), "cbc:DueDate", "is empty"),
        (document(due="", after=terms("<cbc:Note>soon</cbc:Note>")), "cac:PaymentTerms", "are no payment terms"),
        (document(due="<cbc:DueDate>2026-03-01</cbc:DueDate>"), "cbc:DueDate", "is before the document date"),
        (document(due="<cbc:DueDate>1 April</cbc:DueDate>"), "cbc:DueDate", "is not a date written"),
        (document(number=""), "cbc:ID", "is empty"),
        (
            document(
                due="",
                after="".join(
                    terms(f"<cbc:Amount>{a}</cbc:Amount><cbc:InstallmentDueDate>2026-04-01</cbc:InstallmentDueDate>")
                    for a in ("200.00", "279.99")
                ),
            ),
            "cac:PaymentTerms",
            "has instalments of 479.99, which is not the PayableAmount 480.00",
        ),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_taken_is_named_by_its_element(
    session: Session, take: Take, data: bytes, column: str, reason: str
) -> None:
    report = take(data)
    assert report.status == "refused"
    assert (report.problems[0].column, reason in report.problems[0].reason) == (column, True)
    assert items(session) == []


def test_an_archive_is_taken_whole_or_without_its_bad_documents(session: Session, take: Take) -> None:
    bad = packed(document("R1"), b"<no/>", document("R3", amount="x"), document("R4"))
    refused = take(bad)
    assert (refused.status, refused.rows_total, refused.rows_bad) == ("refused", 4, 2)
    assert [(p.row, p.column) for p in refused.problems] == [(2, "2.xml"), (3, "cbc:PayableAmount")]
    taken = take(bad, mode="skip_bad_rows")
    assert (taken.rows_new, taken.rows_bad, taken.encoding) == (2, 2, "zip")
    assert [item.number for item in items(session)] == ["R1", "R4"]


def test_archives_that_would_unpack_into_too_much_are_refused(
    session: Session, take: Take, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(FileRefused, match="unpack into too much"):
        take(packed(b"\0" * (50 << 20)))
    lying = bytearray(packed(b" " * (LARGEST_DOCUMENT + 10), document()))
    where = lying.rindex(b"PK\x01\x02")
    first = lying.index(b"PK\x01\x02")
    assert first < where
    lying[first + 24 : first + 28] = (10).to_bytes(4, "little")  # says it is ten bytes
    with pytest.raises(FileRefused, match="damaged, cut off or encrypted"):
        take(bytes(lying))
    monkeypatch.setattr(ubl, "MOST_DOCUMENTS", 2)
    with pytest.raises(FileRefused, match="unpack into too much"):
        take(packed(document("1"), document("2"), document("3")))
    with pytest.raises(FileRefused, match="holds no documents"):
        take(packed(b"x", names=("__MACOSX/x",)))
    with pytest.raises(FileRefused, match="damaged, cut off"):
        take(packed(document())[:-40])
    path = tmp_path / "a.zip"
    path.write_bytes(packed(document("../../etc/passwd", due=DUE), names=("../../../evil.xml",)))
    report = import_file(session, "ubl", path.name, path, "ubl")
    assert (report.rows_new, items(session)[0].external_id) == (1, "../../etc/passwd")


def test_no_file_is_read_for_an_entity(tmp_path: Path) -> None:
    """Even a document whose declaration nobody saw resolves nothing: its entity stays unread."""
    secret = tmp_path / "secret"
    secret.write_text("TOP-SECRET")
    head = f'<?xml version="1.0" encoding="UTF-16LE"?><!DOCTYPE Invoice [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    for encoding in ("utf-16-le", "utf-16-be", "utf-32"):
        with pytest.raises(FileRefused) as refused:
            read_document(document(number="&x;", head=head).decode().encode(encoding))
        assert "TOP-SECRET" not in str(refused.value)
