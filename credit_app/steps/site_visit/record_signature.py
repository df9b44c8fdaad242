"""Record signature: the statement of account as the debtor signed it, from which limitation runs anew."""

from typing import Any

from credit_app.facts import visits as facts_of
from credit_app.facts.collection import ROLE
from credit_app.facts.confirmation import policy_of as confirmation_policy
from credit_app.facts.deadlines import due_after
from credit_app.forms.visits import SignatureForm, Signed
from credit_app.i18n import _, written_day
from credit_app.models.visits import SiteVisit
from workflows import Action, Assignment, InvalidAnswer

Form = SignatureForm


def assign(action: Action) -> Assignment:
    """The visitor."""
    visit = facts_of.visit_of(action)
    due = due_after(action.session, action.now, action.today, "collection.due_after_days")
    return Assignment(ROLE, scope=visit.customer.branch_id, due_at=due, claimed_by=visit.visitor_id)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("Has %(name)s signed the statement?", name=facts_of.visit_of(action).customer.name)


def facts(action: Action) -> dict[str, Any]:
    """The visit, and whether a signature restarts limitation in the customer's country."""
    visit = facts_of.visit_of(action)
    policy = confirmation_policy(action.session, action.today)
    return {"visit": visit, "restarts": policy.interrupts(visit.customer.country, signed=True)}


def choices(_action: Action) -> list[dict[str, Any]]:
    """Signed or not."""
    return [
        {
            "value": "signed", "label": _("Signed"), "act": _("Record the signature"), "sets": {"outcome": "signed"},
            "note": _("Hand in the paper."),
        },
        {
            "value": "not_signed", "label": _("Not signed"), "act": _("Go on"), "sets": {"outcome": "not_signed"},
            "note": _("A reason is owed."),
        },
    ]  # fmt: skip


def complete(action: Action, answer: Signed) -> dict[str, Any]:
    """Keep the paper and restart limitation where the law says so. Raises InvalidAnswer naming the field, Conflict."""
    if answer.choice not in ("signed", "not_signed"):
        raise InvalidAnswer("choice", _("Choose whether the statement was signed."))
    visit = facts_of.locked(action, "signing")
    if answer.choice == "not_signed":
        if len(answer.reason) < facts_of.LEAST_WORDS:
            raise InvalidAnswer("reason", _("Say in a few words why it was not signed."))
        visit.note = f"{visit.note}\n{answer.reason}".strip()[:2000]
        visit.status = "agreeing"
        return {"outcome": "not_signed"}
    _check(action, visit, answer)
    assert answer.document is not None, "checked"  # noqa: S101
    visit.document_id = facts_of.keep_signed(action, visit, answer.document).id
    visit.signed, visit.signed_on, visit.signed_by = True, answer.signed_on, answer.signed_by
    visit.statement_on, visit.status = answer.statement_on, "agreeing"
    action.session.flush()
    facts_of.interrupt_limitation(action, visit)
    return {"outcome": "signed"}


def _check(action: Action, visit: SiteVisit, answer: Signed) -> None:
    first = visit.visited_on or action.today
    if answer.signed_on is None or not first <= answer.signed_on <= action.today:
        raise InvalidAnswer(
            "signed_on",
            _("Give a day from %(first)s, the day of the visit, to today.", first=written_day(first)),
        )
    if answer.statement_on is None or answer.statement_on > answer.signed_on:
        raise InvalidAnswer(
            "statement_on", _("The statement is of the day of the signature, or of one before.")
        )
    if not answer.signed_by:
        raise InvalidAnswer("signed_by", _("Say who signed, with the position."))
    if answer.document is None:
        raise InvalidAnswer("file", _("Hand in the statement that bears the signature."))
