"""The figures of legal action that a new company starts with: legal terms by country, warnings, authority."""

from collections.abc import Mapping
from typing import Any

from credit_app.domain.limitation import GROUNDS
from credit_app.domain.policy_figure import CHECK, RULES, Figure

_ALL = list(GROUNDS)
# Most laws want an acknowledgement by the debtor or a step before a court; a mere demand is not enough.
_ACKNOWLEDGED = [one for one in _ALL if one != "demand_delivered"]


def _terms(years: int, **values: Any) -> dict[str, Any]:
    given = {
        "limitation_years": years,
        "runs_from": "due",
        "interrupts": _ACKNOWLEDGED,
        "revives": [],
        "enforcement_years": 5,
        "preservation_days": 30,
        "objection_days": 15,
        "appeal_days": 30,
        "guarantee_months": 6,
        "notice_days": 14,
    }
    return given | values


LEGAL_POLICY: Mapping[str, Figure] = {
    "legal.jurisdictions": Figure(
        {
            "CN": _terms(
                3,
                interrupts=_ALL,
                revives=["balance_confirmed", "promise", "payment_plan"],
                enforcement_years=2,
                appeal_days=15,
                notice_days=15,
            ),
            "GB": _terms(6, enforcement_years=6, objection_days=14, appeal_days=21),
            "DE": _terms(3, runs_from="year_end", enforcement_years=30, objection_days=14),
            "FR": _terms(5, enforcement_years=10, objection_days=30),
            "other": _terms(3),
        },
        RULES
        + "China: limitation of 3 years, anew by a delivered demand, part payment, promise, plan, security or filing; "
        "enforcement within 2 years, preservation lapses after 30 days, objection within 15 days, guarantee period "
        "of 6 months. (check) England 6 years; all other figures are from memory of the field, for counsel to confirm.",
    ),
    "legal.warning_days": Figure([180, 90, 30], RULES + "warnings 180, 90 and 30 days before a legal date."),
    "legal.manager_up_to": Figure(
        "50000",
        CHECK + "amount in base currency up to which a credit manager decides on legal action; "
        "above it the finance director.",
    ),
    "legal.due_after_days": Figure(
        5, CHECK + "business days within which a task of legal action should be done."
    ),
    "legal.file_after_days": Figure(
        20, CHECK + "business days within which a claim is filed where no date comes first."
    ),
    "legal.last_call_days": Figure(
        7, CHECK + "days before a deadline of ours on which counsel is urged once more."
    ),
    "legal.smallest_amount": Figure(
        "500",
        CHECK + "claim in base currency below which a suit costs more than it brings; assessment is warned.",
    ),
}
