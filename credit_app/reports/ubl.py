"""Writes an item of the ledger as a UBL 2.1 Invoice or CreditNote, all parts of one in instalments together."""

import re
from datetime import date
from decimal import Decimal

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.models import Customer, ReceivableItem, the_company
from credit_app.models.ledger import INSTALMENT_MARK

SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd:"
CAC, CBC = f"{SCHEMA}CommonAggregateComponents-2", f"{SCHEMA}CommonBasicComponents-2"
# UNCL 1001: commercial invoice, and debit note for what is claimed beside one.
_TYPES = {"invoice": "380", "interest": "383", "cost": "383", "credit_note": "381"}
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WORDS = {
    "invoice": "Invoice",
    "credit_note": "Credit note",
    "interest": "Late interest",
    "cost": "Collection cost",
}


def parts_of(session: Session, item: ReceivableItem) -> list[ReceivableItem]:
    """The item, or all instalments of the invoice that it is a part of, in their order."""
    if item.instalment is None:
        return [item]
    whole = item.external_id.rpartition(INSTALMENT_MARK)[0]
    ids = [f"{whole}{INSTALMENT_MARK}{place}" for place in range(1, 100)]
    query = select(ReceivableItem).where(
        ReceivableItem.source == item.source,
        ReceivableItem.external_id.in_(ids),
        ReceivableItem.instalment.is_not(None),
    )
    return list(session.scalars(query.order_by(ReceivableItem.instalment)))


def ubl_of(session: Session, item: ReceivableItem) -> bytes:
    """The document as UTF-8 XML; its amount is what was invoiced, whatever was paid since."""
    parts = parts_of(session, item)
    credit = item.kind == "credit_note"
    name = "CreditNote" if credit else "Invoice"
    spaces: dict[str | None, str] = {None: f"{SCHEMA}{name}-2", "cac": CAC, "cbc": CBC}
    root = etree.Element(f"{{{SCHEMA}{name}-2}}{name}", nsmap=spaces)  # type: ignore[arg-type]
    _head(root, item, parts)
    if item.reference:
        _text(_group(root, "OrderReference"), "ID", item.reference)
    _text(_group(root, "AccountingSupplierParty", "Party", "PartyName"), "Name", the_company(session).name)
    _customer(_group(root, "AccountingCustomerParty", "Party"), item.customer)
    _terms(root, parts)
    total = sum((part.amount for part in parts), Decimal(0))
    _line(root, item, total)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _head(root: etree._Element, item: ReceivableItem, parts: list[ReceivableItem]) -> None:
    credit = item.kind == "credit_note"
    _text(root, "UBLVersionID", "2.1")
    _text(root, "ID", item.number)
    _text(root, "IssueDate", item.document_date)
    if not credit and len(parts) == 1:
        _text(root, "DueDate", item.due_date)
    _text(root, "CreditNoteTypeCode" if credit else "InvoiceTypeCode", _TYPES[item.kind])
    _text(root, "DocumentCurrencyCode", item.currency)


def _customer(party: etree._Element, customer: Customer) -> None:
    _text(_group(party, "PartyIdentification"), "ID", customer.external_id or customer.number)
    _text(_group(party, "PartyName"), "Name", customer.name)
    if customer.country:
        address = _group(party, "PostalAddress")
        if customer.city:
            _text(address, "CityName", customer.city)
        if customer.address:
            _text(_group(address, "AddressLine"), "Line", customer.address)
        _text(_group(address, "Country"), "IdentificationCode", customer.country)
    legal = _group(party, "PartyLegalEntity")
    _text(legal, "RegistrationName", customer.name)
    if customer.registration_number:
        _text(legal, "CompanyID", customer.registration_number)


def _terms(root: etree._Element, parts: list[ReceivableItem]) -> None:
    """The due date of a credit note stands with the payment means, those of instalments in the payment terms."""
    if len(parts) == 1:
        if parts[0].kind == "credit_note":
            means = _group(root, "PaymentMeans")
            _text(means, "PaymentMeansCode", "1")
            _text(means, "PaymentDueDate", parts[0].due_date)
        return
    for part in parts:
        terms = _group(root, "PaymentTerms")
        _text(terms, "Amount", part.amount, currencyID=part.currency)
        _text(terms, "InstallmentDueDate", part.due_date)


def _line(root: etree._Element, item: ReceivableItem, total: Decimal) -> None:
    """The ledger knows no lines and no taxes: one line carries the whole."""
    sums = _group(root, "LegalMonetaryTotal")
    for name in ("LineExtensionAmount", "PayableAmount"):
        _text(sums, name, total, currencyID=item.currency)
    credit = item.kind == "credit_note"
    line = _group(root, "CreditNoteLine" if credit else "InvoiceLine")
    _text(line, "ID", "1")
    _text(line, "CreditedQuantity" if credit else "InvoicedQuantity", "1", unitCode="C62")
    _text(line, "LineExtensionAmount", total, currencyID=item.currency)
    _text(_group(line, "Item"), "Name", f"{_WORDS[item.kind]} {item.number}")


def _group(parent: etree._Element, *names: str) -> etree._Element:
    """Elements one inside the other; the innermost."""
    for name in names:
        parent = etree.SubElement(parent, f"{{{CAC}}}{name}")
    return parent


def _text(parent: etree._Element, name: str, value: str | date | Decimal, **attributes: str) -> None:
    element = etree.SubElement(parent, f"{{{CBC}}}{name}", attributes)
    text = f"{value:.2f}" if isinstance(value, Decimal) else str(value)
    element.text = _NOT_XML.sub("", text)
