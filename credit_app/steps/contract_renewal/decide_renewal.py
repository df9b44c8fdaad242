"""Decide renewal: the owner of a contract whose end comes near renews it, leaves it to its terms or gives notice."""

from datetime import timedelta
from typing import Any

from credit_app.domain.contract_performance import prolonged
from credit_app.facts import renewals
from credit_app.facts.breaches import breaches_of
from credit_app.facts.contract_items import payments_of
from credit_app.facts.deadlines import close_of
from credit_app.facts.milestones import milestones_of
from credit_app.forms.contract_renewal import Decided, DecisionForm
from credit_app.i18n import _, written_day
from credit_app.models.performance import ContractRenewal
from workflows import Action, Assignment

Form = DecisionForm


def assign(action: Action) -> Assignment:
    """The owner of the contract, in their own list, until the day on which it has to be decided."""
    row = renewals.renewal_of(action)
    owner, role = renewals.owner_and_role(action.session, row)
    due = close_of(action.session, row.decide_by, action.today)
    return Assignment(role, row.contract.branch_id, due, claimed_by=owner)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    row = renewals.renewal_of(action)
    return _(
        "Does “%(title)s” with %(name)s go on after %(day)s?",
        title=row.contract.title,
        name=row.other_side.name,
        day=written_day(row.ends_on),
    )


def facts(action: Action) -> dict[str, Any]:
    """The contract with how it was performed and paid."""
    row, session = renewals.renewal_of(action), action.session
    return {
        "renewal": row, "contract": row.contract, "version": row.contract.current,
        "last_notice": renewals.last_day_of_notice(row), "too_late": _too_late(action, row),
        "milestones": milestones_of(session, row.contract_id), "breaches": breaches_of(session, row.contract_id),
        "payments": payments_of(session, row.contract, action.today),
    }  # fmt: skip


def choices(action: Action) -> list[dict[str, Any]]:
    """The ways on; no notice any more once its last day is over."""
    row = renewals.renewal_of(action)
    found = [
        _choice("renew", _("Renew"), _("A new version is drafted, reviewed and signed.")),
        _choice("leave", _("Leave to its terms"), _what_happens(row)),
        _choice("notice", _("Give notice"), _("You hand in the notice with the proof of its receipt.")),
    ]
    return found[:2] if _too_late(action, row) else found


def complete(action: Action, answer: Decided) -> dict[str, Any]:
    """Take it down. Raises InvalidAnswer naming the field, Conflict."""
    return {"outcome": renewals.decide(action, answer.choice, answer.ground)}


def _too_late(action: Action, row: ContractRenewal) -> bool:
    return renewals.last_day_of_notice(row) < action.today


def _what_happens(row: ContractRenewal) -> str:
    terms, day = row.contract.current, row.ends_on
    if terms is None or terms.renewal != "automatic":
        return _("It ends on %(day)s.", day=written_day(day))
    began = min(terms.starts_on or day, terms.ends_on or day)
    again = prolonged(began, terms.ends_on or day, day, day + timedelta(days=1))
    return _("It renews itself until %(day)s.", day=written_day(again))


def _choice(value: str, label: str, note: str) -> dict[str, Any]:
    return {"value": value, "label": label, "act": label, "sets": {"outcome": value}, "note": note}
