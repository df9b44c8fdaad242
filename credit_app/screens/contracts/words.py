"""The words of contracts as people read them."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from flask_babel import LazyString

from credit_app.forms.contracts import DOCUMENT_WORDS, KIND_WORDS, SIDE_WORDS
from credit_app.forms.parties import PARTY_KIND_WORDS
from credit_app.i18n import _l

TERM_WORDS: Mapping[str, LazyString] = {
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
TERM_GROUPS: tuple[tuple[LazyString, tuple[str, ...]], ...] = (
    (_l("What is delivered"), ("goods", "specification", "quantity", "unit", "quality")),
    (_l("Delivery"), ("delivery_terms", "delivery_place", "delivery_on")),
    (
        _l("Price and payment"),
        ("amount", "payment_days", "payment_method", "payment_terms", "retention_share", "retention_days"),
    ),
    (
        _l("Warranty, liability and security"),
        ("warranty_months", "breach_liability", "liability_cap", "security"),
    ),
    (_l("Law"), ("governing_law", "forum")),
    (_l("Term"), ("starts_on", "ends_on", "renewal", "renewal_notice_days")),
    (_l("Other agreements"), ("special",)),
)
AREA_WORDS: Mapping[str, LazyString] = {
    "credit": _l("Credit"),
    "finance": _l("Finance"),
    "legal": _l("Legal"),
    "delivery": _l("Delivery"),
}
RENEWAL_WORDS: Mapping[str, LazyString] = {
    "none": _l("none"),
    "automatic": _l("renews itself"),
    "by_agreement": _l("by agreement"),
}
EVENT_WORDS: Mapping[str, LazyString] = {
    "need_recorded": _l("Need recorded"),
    "version_drafted": _l("Version drafted"),
    "new_review_begun": _l("Review begun"),
    "change_review_begun": _l("Change begun"),
    "renewal_review_begun": _l("Renewal begun"),
    "review_filed": _l("Filed"),
    "review_refused": _l("Refused"),
    "review_withdrawn": _l("Withdrawn"),
    "paper_filed": _l("Paper filed"),
}


def side_word(side: str) -> str:
    """Whether we sell or buy."""
    return str(SIDE_WORDS.get(side, side))


def contract_kind_word(kind: str) -> str:
    """What a contract is about."""
    return str(KIND_WORDS.get(kind, kind))


def term_word(name: str) -> str:
    """A term of a contract."""
    return str(TERM_WORDS.get(name, name))


def party_kind_word(kind: str) -> str:
    """What a party is to us."""
    return str(PARTY_KIND_WORDS.get(kind, kind))


def area_word(area: str) -> str:
    """Who gives an opinion."""
    return str(AREA_WORDS.get(area, area))


def contract_renewal_word(renewal: str) -> str:
    """How a contract goes on after its end."""
    return str(RENEWAL_WORDS.get(renewal, renewal))


def contract_event_word(kind: str) -> str:
    """What happened to a contract."""
    return str(EVENT_WORDS.get(kind, kind))


def contract_paper_word(kind: str) -> str:
    """A paper beside the versions of a contract."""
    return str(DOCUMENT_WORDS.get(kind, kind))


FILTERS: tuple[Callable[..., Any], ...] = (
    side_word,
    contract_kind_word,
    term_word,
    party_kind_word,
    area_word,
    contract_renewal_word,
    contract_event_word,
    contract_paper_word,
)


def init_app(app: Flask) -> None:
    """Give the templates the words."""
    for function in FILTERS:
        app.add_template_filter(function)
