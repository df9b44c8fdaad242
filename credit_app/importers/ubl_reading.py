"""Reads UBL 2.1 invoices and credit notes out of XML that may come from anybody; gives texts, judges nothing."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lxml import etree

from credit_app.domain.money import MAX_DIGITS
from credit_app.domain.sentences import N_
from credit_app.importers.errors import FileRefused

LARGEST_DOCUMENT = 5 * 1024 * 1024
VERSION = "2.1"
MOST_NAMES = 20  # of a customer in one document
SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd:"
NAMESPACES = {"cac": f"{SCHEMA}CommonAggregateComponents-2", "cbc": f"{SCHEMA}CommonBasicComponents-2"}
ROOTS = {f"{{{SCHEMA}Invoice-2}}Invoice": "invoice", f"{{{SCHEMA}CreditNote-2}}CreditNote": "credit_note"}
# What a declaration looks like in UTF-8 and in both kinds of UTF-16. No UBL document has one.
_DECLARATION = re.compile(
    rb"<!(?:DOCTYPE|ENTITY)|<\0!\0(?:D\0O\0C\0|E\0N\0T\0)|\0<\0!\0(?:D\0O\0C|E\0N\0T)", re.IGNORECASE
)
_PARTY = "cac:AccountingCustomerParty/"
_NAMES = (
    "cac:Party/cac:PartyIdentification/cbc:ID",
    "cac:Party/cac:PartyLegalEntity/cbc:CompanyID",
    "cac:Party/cac:PartyTaxScheme/cbc:CompanyID",
    "cbc:SupplierAssignedAccountID",
    "cbc:CustomerAssignedAccountID",
)


@dataclass(frozen=True, slots=True)
class Document:
    """One document, its values as texts. `parties` are what may name the customer, the most telling first;
    `parts` the due date and amount of each instalment; `due_date` and `terms` are empty where nothing says them."""

    kind: str
    number: str
    issued_on: str
    due_date: str
    terms: str
    amount: str
    currency: str
    reference: str
    country: str
    parties: tuple[str, ...]
    parts: tuple[tuple[str, str], ...] = field(default=())


def read_document(data: bytes) -> Document:
    """The document in `data`. FileRefused: too large, no XML, with declarations, of another kind or version."""
    root = _parse(data)
    kind = _kind(root)
    total = root.find("cac:LegalMonetaryTotal/cbc:PayableAmount", NAMESPACES)
    amount = _text(total)
    currency = "" if total is None else total.get("currencyID", "").strip()
    stated = _first(root, "cbc:DocumentCurrencyCode")
    if currency and stated and currency != stated:
        raise FileRefused(
            N_(
                "The document is in %(stated)s, but its PayableAmount in %(currency)s; both have to be the same."
            ),
            stated=stated[:20],
            currency=currency[:20],
        )
    issued_on = _day(_first(root, "cbc:IssueDate"))
    due_date, terms = _due(root)
    return Document(
        kind=kind,
        number=_first(root, "cbc:ID"),
        issued_on=issued_on,
        due_date=due_date or (issued_on if kind == "credit_note" and not terms else ""),
        terms=terms,
        amount=amount,
        currency=currency,
        reference=_first(root, "cac:OrderReference/cbc:ID") or _first(root, "cbc:BuyerReference"),
        country=_first(root, f"{_PARTY}cac:Party/cac:PostalAddress/cac:Country/cbc:IdentificationCode"),
        parties=_parties(root),
        parts=_parts(root, amount),
    )


def _parse(data: bytes) -> etree._Element:
    if len(data) > LARGEST_DOCUMENT:
        raise FileRefused(
            N_("The document is larger than %(size)s MB."), size=LARGEST_DOCUMENT // 1024 // 1024
        )
    if _DECLARATION.search(data):
        raise _declared()
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FileRefused(
            N_("The document is not XML that can be read: it is damaged or cut off.")
        ) from error
    docinfo: Any = root.getroottree().docinfo
    if docinfo.doctype:  # written in an encoding in which it does not show above
        raise _declared()
    return root


def _declared() -> FileRefused:
    return FileRefused(N_("The document declares a DOCTYPE or entities, which no UBL document needs."))


def _kind(root: etree._Element) -> str:
    kind = ROOTS.get(str(root.tag))
    if kind is None:
        name = etree.QName(root)
        raise FileRefused(
            N_(
                "The document is “%(name)s” of “%(namespace)s”; an Invoice or CreditNote of UBL 2.1 is needed."
            ),
            name=name.localname[:60],
            namespace=(name.namespace or "")[:100],
        )
    version = _first(root, "cbc:UBLVersionID") or VERSION
    if version != VERSION:
        raise FileRefused(
            N_("The document is of UBL version %(found)s; version 2.1 is accepted."), found=version[:20]
        )
    return kind


def _text(element: etree._Element | None) -> str:
    return "" if element is None else (element.text or "").strip()


def _first(element: etree._Element, path: str) -> str:
    return _text(element.find(path, NAMESPACES))


def _day(text: str) -> str:
    """A date without its zone: 2026-03-01Z and 2026-03-01+01:00 are days too."""
    return re.sub(r"(Z|[+-]\d\d:\d\d)$", "", text)


def _parties(root: etree._Element) -> tuple[str, ...]:
    found = [
        _text(element)
        for path in _NAMES
        for element in root.iterfind(_PARTY + path, NAMESPACES)
        if len(_text(element)) <= 100
    ]
    return tuple(dict.fromkeys(text for text in found if text))[:MOST_NAMES]


def _due(root: etree._Element) -> tuple[str, str]:
    """(due date, terms): the day of PaymentMeans, else DueDate, else what PaymentTerms say."""
    days = [_day(_text(day)) for day in root.iterfind("cac:PaymentMeans/cbc:PaymentDueDate", NAMESPACES)]
    if len(set(days)) > 1 and len(root.findall("cac:PaymentTerms", NAMESPACES)) < 2:
        raise FileRefused(
            N_("The document has several PaymentDueDates; PaymentTerms have to say the amount of each.")
        )
    due = next(iter(days), "") or _day(_first(root, "cbc:DueDate"))
    terms = root.find("cac:PaymentTerms", NAMESPACES)
    if due or terms is None:
        return due, ""
    due = _day(_first(terms, "cbc:PaymentDueDate") or _first(terms, "cbc:InstallmentDueDate"))
    period = terms.find("cac:SettlementPeriod/cbc:DurationMeasure", NAMESPACES)
    if not due and period is not None and period.get("unitCode", "DAY") in ("DAY", "DAYS"):
        return "", _text(period)
    return due, "" if due else _first(terms, "cbc:Note")


def _parts(root: etree._Element, amount: str) -> tuple[tuple[str, str], ...]:
    """(due date, amount) of each instalment: PaymentTerms with a day of their own, or that of their PaymentMeans."""
    days = {
        _first(means, "cbc:ID"): _day(_first(means, "cbc:PaymentDueDate"))
        for means in root.iterfind("cac:PaymentMeans", NAMESPACES)
    }
    terms = root.findall("cac:PaymentTerms", NAMESPACES)
    if len(terms) < 2:
        return ()
    due = [
        _day(_first(one, "cbc:InstallmentDueDate") or _first(one, "cbc:PaymentDueDate"))
        or days.get(_first(one, "cbc:PaymentMeansID"), "")
        for one in terms
    ]
    amounts = [_first(one, "cbc:Amount") for one in terms]
    shares = [_first(one, "cbc:PaymentPercent") for one in terms]
    if all(shares) and not any(amounts):
        amounts = _by_share(amount, shares)
    if not all(due) or not all(amounts):
        raise FileRefused(
            N_(
                "The document has several PaymentTerms; each needs a due date, and an Amount or PaymentPercent."
            )
        )
    return tuple(zip(due, amounts, strict=True))


def _by_share(amount: str, shares: list[str]) -> list[str]:
    """The amounts of instalments given in percent; the last one takes what rounding leaves."""
    try:
        whole, percents = Decimal(amount), [Decimal(share) for share in shares]
        if not whole.is_finite() or whole.adjusted() > MAX_DIGITS:
            raise FileRefused(N_("The PayableAmount of the document is no amount."))
        if sum(percents) != 100:
            raise FileRefused(N_("The PaymentPercents of the document do not come to 100."))
        parts = [(whole * share / 100).quantize(Decimal("0.01")) for share in percents[:-1]]
    except ArithmeticError as error:
        raise FileRefused(N_("A PaymentPercent of the document is no share of its amount.")) from error
    return [f"{part:f}" for part in [*parts, whole - sum(parts)]]
