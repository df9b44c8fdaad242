"""Exposure by component as rows that a page can show: what counts, what lowers it, which limit binds."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import format_decimal
from sqlalchemy.orm import Session

from credit_app.domain.exposure import COMPONENTS
from credit_app.domain.security import DEPOSIT, INSURANCE
from credit_app.facts.exposure_parts import Bound, Exposure, SecurityLine, exposure_of
from credit_app.i18n import _, _l, said
from credit_app.models import Customer, MissingRate, Security

SECURITY_WORDS: Mapping[str, Any] = {
    "guarantee": _l("Guarantee"),
    "pledge": _l("Pledge"),
    "product_revenue_pledge": _l("Pledge of product revenue"),
    "deposit": _l("Cash deposit"),
    "insurance": _l("Credit insurance"),
    "prepayment_device": _l("Prepayment device"),
}
COMPONENT_WORDS: Mapping[str, Any] = {
    "open_receivables": _l("Open receivables"),
    "delivered_not_invoiced": _l("Delivered, not invoiced"),
    "orders_confirmed": _l("Orders confirmed, not delivered"),
    "bills_not_matured": _l("Bills not matured"),
}
# Nothing in the product holds this yet; the row says so instead of leaving a zero to be believed.
NO_SOURCE = frozenset({"bills_not_matured"})


def exposure_view(session: Session, customer: Customer, day: date) -> dict[str, Any]:
    """What templates/components/exposure.html takes; without a rate only the sentence that names pair and day."""
    try:
        exposure = exposure_of(session, customer, day)
    except MissingRate as missing:
        return {"exposure": None, "missing": said(missing), "rows": [], "bounds": []}
    return {
        "exposure": exposure,
        "missing": None,
        "rows": list(_rows(exposure)),
        "bounds": [_bound(bound, exposure) for bound in _in_order(exposure)],
    }


def security_word(kind: str) -> str:
    """A kind of security in words."""
    return str(SECURITY_WORDS.get(kind, kind))


def security_named(security: Security) -> str:
    """A security by its kind and who gives it."""
    word = security_word(security.kind)
    return _("%(kind)s, %(provider)s", kind=word, provider=security.provider) if security.provider else word


def _in_order(exposure: Exposure) -> list[Bound]:
    """The group's limits before the company's own, as they are checked."""
    return [*exposure.groups, *([exposure.own] if exposure.own is not None else [])]


def _bound(bound: Bound, exposure: Exposure) -> dict[str, Any]:
    return {
        "limit": bound.limit,
        "whose": bound.customer,
        "is_group": bound is not exposure.own,
        "amount": bound.amount,
        "net": bound.net,
        "utilisation": bound.utilisation,
        "available": bound.available,
        "binds": bound is exposure.bound,
    }


def _rows(exposure: Exposure) -> Iterator[dict[str, Any]]:
    amounts = exposure.parts.amounts
    for name in COMPONENTS:
        counted = name in exposure.policy.components
        note = _("not counted by policy") if not counted else _("no source yet") if name in NO_SOURCE else ""
        yield _row(COMPONENT_WORDS[name], getattr(amounts, name), note, counted=counted)
    yield _row(_("Gross exposure"), exposure.gross, total=True)
    yield _row(_("Receipts not allocated"), -amounts.unallocated_receipts)
    for line in exposure.parts.securities:
        yield _security(line, exposure)
    yield _row(_("Net exposure"), exposure.net, total=True)


def _security(line: SecurityLine, exposure: Exposure) -> dict[str, Any]:
    row, label = line.security, security_named(line.security)
    if line.why_not is not None:
        return _row(label, line.amount, said(line.why_not), counted=False)
    if row.kind == INSURANCE:
        note = _(
            "%(currency)s %(amount)s covered at %(share)s",
            currency=exposure.currency,
            amount=_whole(line.amount),
            share=_percent(row.cover or Decimal(0)),
        )
        return _row(label, -_insured_by(line, exposure), note)
    note = _(
        "%(currency)s %(amount)s less %(share)s",
        currency=exposure.currency,
        amount=_whole(line.amount),
        share=_percent(row.haircut),
    )
    if row.kind == DEPOSIT and not row.haircut:
        note = ""
    return _row(label, -line.amount * (1 - row.haircut), note)


def _insured_by(line: SecurityLine, exposure: Exposure) -> Decimal:
    """What this insurer would pay, after those before it."""
    left = max(Decimal(0), exposure.gross)
    for other in exposure.parts.securities:
        if other.security.kind == INSURANCE and other.why_not is None:
            carried = min(other.amount, left)
            if other is line:
                return carried * (other.security.cover or Decimal(0))
            left -= carried
    return Decimal(0)


def _row(
    label: Any, amount: Decimal, note: str = "", *, total: bool = False, counted: bool = True
) -> dict[str, Any]:
    return {"label": str(label), "amount": amount, "note": note, "total": total, "counted": counted}


def _whole(amount: Decimal) -> str:
    return str(format_decimal(amount, format="#,##0"))


def _percent(share: Decimal) -> str:
    return _("%(number)s %%", number=f"{(share * 100).normalize():f}")
