"""Stored results of the rules, brought into rows that a page can show: points, payment behaviour, inputs."""

from decimal import Decimal, InvalidOperation
from typing import Any

from credit_app.domain.money import format_amount
from credit_app.i18n import _, _l, listed
from credit_app.models import InternalRecord, LimitProposal

INPUTS = {
    "requested": _l("requested"),
    "yearly_purchases": _l("yearly purchases"),
    "terms_days": _l("days of terms"),
    "vat_rate": _l("VAT"),
    "average_month": _l("average month"),
    "months": _l("months"),
    "season_factor": _l("season factor"),
    "current_limit": _l("present limit"),
    "weighted_days_late": _l("days late"),
    "factor": _l("factor"),
    "grade": _l("grade"),
    "cap_in_base_currency": _l("cap in base currency"),
    "own_yearly_sales": _l("own yearly sales"),
    "share": _l("share"),
    "tangible_net_worth": _l("tangible net worth"),
    "working_capital": _l("working capital"),
    "insurer_limit": _l("insurer limit"),
    "cover": _l("cover"),
    "envelope_room": _l("room in our credit envelope"),
    "base_rate": _l("rate to base currency"),
}


RATES = frozenset({"vat_rate", "share", "cover"})


def behaviour(record: InternalRecord) -> list[tuple[str, Any]]:
    """Payment behaviour as label and value."""
    found, currency = record.payload["payment_record"], record.payload["currency"]

    def money(value: str | None) -> str | None:
        return None if value is None else f"{currency} {format_amount(Decimal(value))}"

    return [
        (_("Settled invoices"), found["paid_count"]),
        (_("Paid late"), share(found["share_late"])),
        (_("Average days late"), short(found["average_days_late"])),
        (_("Days late, weighted by amount"), short(found["weighted_days_late"])),
        (_("Days late, later half of the invoices less the earlier half"), short(found["trend_days"])),
        (_("Worst delay, days"), found["worst_days_late"]),
        (_("Share disputed"), share(found["share_disputed"])),
        (_("Open"), money(found["open_amount"])),
        (_("Overdue"), money(found["overdue_amount"])),
        (_("Oldest item overdue, days"), found["oldest_overdue_days"]),
    ]


def inputs_text(proposal: LimitProposal) -> str:
    """What a method was computed from, in one line; missing inputs are said."""
    parts = []
    for name, value in proposal.inputs.items():
        label = INPUTS.get(name, name.replace("_", " "))
        text = share(value) if name in RATES else short(value)
        known = _("unknown") if text is None else text
        parts.append(f"{label} {known}")
    return listed(parts)


def share(value: str | None) -> str | None:
    """A stored share as per cent, with one decimal where there is one: 0.0408 as 4.1 %."""
    if value is None:
        return None
    number = (Decimal(value) * 100).quantize(Decimal("0.1")).normalize()
    return _("%(number)s %%", number=f"{number:f}")


def short(value: Any) -> str | None:
    """A stored figure without needless zeros, grouped when it is long."""
    if value is None:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    return f"{number.normalize():,f}"
