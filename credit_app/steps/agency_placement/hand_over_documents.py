"""Hand over documents: the agency works from the day on which it is proven that it has the documents."""

from typing import Any

from credit_app.facts import agencies as facts_of
from credit_app.facts.collection import ROLE
from credit_app.facts.customer_access import log_access
from credit_app.facts.customer_documents import file_under
from credit_app.facts.deadlines import due_after
from credit_app.forms.agencies import HandedOver, HandingForm
from credit_app.i18n import _, written_day
from workflows import Action, Assignment, InvalidAnswer

Form = HandingForm


def assign(action: Action) -> Assignment:
    """Whoever collects in the customer's branch."""
    due = due_after(action.session, action.now, action.today, "collection.follow_up_days")
    return Assignment(ROLE, scope=facts_of.placement_of(action).customer.branch_id, due_at=due)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    placement = facts_of.placement_of(action)
    return _("Hand the documents over to %(name)s.", name=placement.agency.name if placement.agency else "")


def facts(action: Action) -> dict[str, Any]:
    """The placement with its debts, and what is open of each now."""
    placement = facts_of.placement_of(action)
    return {"placement": placement, "now_open": facts_of.open_by_item(action.session, placement)}


def complete(action: Action, answer: HandedOver) -> dict[str, Any]:
    """Keep the proof. Raises InvalidAnswer naming the field, Conflict."""
    placement, session = facts_of.locked(action, "handing"), action.session
    first = placement.decided_on or action.today
    if answer.handed_on is None or not first <= answer.handed_on <= action.today:
        raise InvalidAnswer(
            "handed_on",
            _("Give a day from %(first)s, that of the approval, to today.", first=written_day(first)),
        )
    if not answer.handed_to:
        raise InvalidAnswer("handed_to", _("Say who took the documents."))
    if len(answer.what) < facts_of.LEAST_WORDS:
        raise InvalidAnswer("what", _("List the documents that went over."))
    if answer.document is None:
        raise InvalidAnswer("file", _("Hand in the paper that proves the handing over."))
    facts_of.take_payments_off(session, placement)
    who = action.actor.person_id or 0
    filed = file_under(session, placement.customer_id, [answer.document], "other", who, action.now)[0]
    details = {"document": [None, filed.filename]}
    log_access(session, placement.customer_id, who, "change", "documents", action.now, details=details)
    placement.handed_on, placement.handed_to = answer.handed_on, answer.handed_to
    placement.handed_what, placement.document_id, placement.status = answer.what, filed.id, "running"
    return {"outcome": "handed_over"}
