"""The words of contracts: their terms, who reviews them, what reviewers say and what becomes of it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import LazyString

from credit_app.domain.money import format_amount
from credit_app.facts.payment_words import PAYMENT_WORDS
from credit_app.i18n import _, _l, country_name, written_day
from credit_app.models.contract import ContractVersion

Words = Mapping[str, LazyString]
RENEWAL_WORDS: Words = {
    "none": _l("ends without renewal"),
    "automatic": _l("renews by itself"),
    "by_agreement": _l("renews by agreement"),
}
RETENTION_WORDS: Words = {"invoice": _l("the day of the invoice"), "acceptance": _l("acceptance")}
TERM_WORDS: Words = {
    "goods": _l("Goods or service"),
    "specification": _l("Specification"),
    "quantity": _l("Quantity"),
    "unit": _l("Unit"),
    "quality": _l("Quality"),
    "delivery_terms": _l("Delivery terms"),
    "delivery_place": _l("Place of delivery"),
    "delivery_on": _l("Delivery on"),
    "amount": _l("Contract value"),
    "currency": _l("Currency"),
    "payment_days": _l("Payment, days"),
    "payment_method": _l("Payment method"),
    "payment_terms": _l("Instalments"),
    "retention_share": _l("Retention"),
    "retention_days": _l("Retention, days"),
    "retention_from": _l("Retention counts from"),
    "warranty_months": _l("Warranty, months"),
    "breach_liability": _l("Breach and liability"),
    "liability_cap": _l("Liability up to"),
    "security": _l("Security"),
    "governing_law": _l("Governing law"),
    "forum": _l("Forum"),
    "starts_on": _l("Begins"),
    "ends_on": _l("Ends"),
    "renewal": _l("Renewal"),
    "renewal_notice_days": _l("Notice before the end, days"),
    "special": _l("Special terms"),
}
# How the terms are grouped on every page.
TERM_GROUPS: tuple[tuple[LazyString, tuple[str, ...]], ...] = (
    (_l("What is delivered"), ("goods", "specification", "quantity", "unit", "quality")),
    (_l("Delivery"), ("delivery_terms", "delivery_place", "delivery_on")),
    (
        _l("Price and payment"),
        (
            "amount",
            "currency",
            "payment_days",
            "payment_method",
            "payment_terms",
            "retention_share",
            "retention_days",
            "retention_from",
        ),
    ),
    (
        _l("Warranty, liability and security"),
        ("warranty_months", "breach_liability", "liability_cap", "security"),
    ),
    (_l("Law"), ("governing_law", "forum")),
    (_l("Term"), ("starts_on", "ends_on", "renewal", "renewal_notice_days")),
    (_l("Other agreements"), ("special",)),
)
AREA_WORDS: Words = {
    "credit": _l("Credit management"),
    "finance": _l("Finance"),
    "legal": _l("Legal"),
    "delivery": _l("Delivery"),
}
CLAUSE_STATE_WORDS: Words = {
    "present": _l("as policy asks"),
    "deviating": _l("deviates"),
    "missing": _l("missing"),
    "not_applicable": _l("not needed"),
}
VERDICT_WORDS: Words = {
    "agree": _l("agrees"),
    "conditions": _l("agrees with conditions"),
    "object": _l("objects"),
}
COMMENT_KIND_WORDS: Words = {
    "object": _l("Objection"),
    "wording": _l("Other wording"),
    "condition": _l("Condition"),
    "remark": _l("Remark"),
}
CODED: Mapping[str, Words] = {
    "payment_method": PAYMENT_WORDS,
    "renewal": RENEWAL_WORDS,
    "retention_from": RETENTION_WORDS,
}
LANGUAGE_WORDS: Words = {"en": _l("English"), "zh": _l("Chinese")}


def word_of(words: Words, code: str | None) -> str:
    """The word of a code, the code itself where there is none."""
    return str(words.get(code or "", code or ""))


def term_said(version: ContractVersion | None, name: str) -> str:
    """A term of a version as people read it; empty where nothing was agreed."""
    value: Any = getattr(version, name) if version is not None else None
    # Where nothing is retained, nothing counts.
    if value is None or value == "" or (name == "retention_from" and not _retained(version)):
        return ""
    if name == "governing_law" or name in CODED:
        return word_of(CODED[name], value) if name in CODED else country_name(value)
    if name == "retention_share":
        return _("%(number)s %%", number=f"{(value * 100).normalize():f}")
    if name in ("amount", "liability_cap"):
        currency = version.currency if version is not None else ""
        return f"{currency or ''} {format_amount(value)}".strip()
    if isinstance(value, Decimal):
        return f"{value.normalize():,f}"
    return written_day(value) if isinstance(value, date) else str(value)


def _retained(version: ContractVersion | None) -> bool:
    return version is not None and bool(version.retention_share)
