"""Approve hold: somebody else than the proposer decides whether deliveries stop, and after how many days of notice."""

from typing import Any

from credit_app.domain.holds import LONGEST_NOTICE
from credit_app.facts import holds as facts_of
from credit_app.facts.deadlines import due_after
from credit_app.forms.holds import Approved, HoldApprovalForm
from credit_app.i18n import _
from workflows import Action, Assignment, InvalidAnswer

Form = HoldApprovalForm
ROLE = "credit_manager"


def assign(action: Action) -> Assignment:
    """A credit manager of the customer's branch, neither whoever proposed nor whoever assessed."""
    hold = facts_of.hold_of(action)
    due = due_after(action.session, action.now, action.today, "collection.due_after_days")
    parties = (hold.made_by, hold.assessed_by, action.actor.person_id, action.actor.on_behalf_of)
    excluded = tuple(sorted({one for one in parties if one is not None}))
    return Assignment(ROLE, scope=hold.customer.branch_id, due_at=due, excluded=excluded)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("Stop deliveries to %(name)s?", name=facts_of.hold_of(action).customer.name)


def facts(action: Action) -> dict[str, Any]:
    """The hold with what was assessed, and the fewest days of notice."""
    return {"hold": facts_of.hold_of(action), "least_days": least_days(action)}


def choices(_action: Action) -> list[dict[str, Any]]:
    """Approve, refuse, or ask again."""
    words = {
        "approve": (_("Approve"), _("The customer is told; the stop begins after the days of notice.")),
        "refuse": (_("Refuse"), _("Deliveries go on; a reason is owed.")),
        "send_back": (_("Send back"), _("The collector assesses it again; a reason is owed.")),
    }
    return [
        {"value": one, "label": label, "act": label, "sets": {"outcome": one}, "note": note}
        for one, (label, note) in words.items()
    ]


def least_days(action: Action) -> int:
    """The fewest days of notice in the customer's country."""
    country = facts_of.hold_of(action).customer.country
    return facts_of.policy_of(action.session, action.today).notice_days(country)


def complete(action: Action, answer: Approved) -> dict[str, Any]:
    """Write the decision down. Raises InvalidAnswer naming the field, Conflict."""
    if answer.choice not in ("approve", "refuse", "send_back"):
        raise InvalidAnswer("choice", _("Choose what you decide."))
    if answer.choice != "approve" and len(answer.reason) < facts_of.LEAST_WORDS:
        raise InvalidAnswer("reason", _("Say in a few words why."))
    hold, least = facts_of.locked(action, "assessed"), least_days(action)
    step = {"approve": "approved", "refuse": "refused", "send_back": "sent_back"}[answer.choice]
    if answer.choice == "approve":
        days = answer.notice_days if answer.notice_days is not None else least
        if not least <= days <= LONGEST_NOTICE:
            raise InvalidAnswer(
                "notice_days",
                _(
                    "Give from %(least)s days, which law and contract ask here, to %(most)s.",
                    least=least,
                    most=LONGEST_NOTICE,
                ),
            )
        hold.notice_days = days
    hold.status = {"approve": "approved", "refuse": "refused", "send_back": "proposed"}[answer.choice]
    facts_of.note_step(action.session, hold, step, action.today, answer.reason, action.actor.person_id)
    return {"outcome": answer.choice}
