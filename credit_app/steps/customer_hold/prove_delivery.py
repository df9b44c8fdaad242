"""Prove delivery: no stop begins before it is proven that the customer has received the notice."""

from typing import Any

from credit_app.domain.holds import stop_day
from credit_app.facts import holds as facts_of
from credit_app.facts.collection import ROLE, log_contact
from credit_app.facts.customer_access import log_access
from credit_app.facts.customer_documents import file_under
from credit_app.facts.deadlines import close_of, due_after
from credit_app.forms.holds import Delivered, DeliveryForm
from credit_app.i18n import _, written_day
from credit_app.models.holds import CustomerHold
from workflows import Action, Assignment, InvalidAnswer

Form = DeliveryForm


def assign(action: Action) -> Assignment:
    """Whoever collects in the customer's branch."""
    due = due_after(action.session, action.now, action.today, "collection.follow_up_days")
    return Assignment(ROLE, scope=facts_of.hold_of(action).customer.branch_id, due_at=due)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("Has %(name)s received the notice?", name=facts_of.hold_of(action).customer.name)


def facts(action: Action) -> dict[str, Any]:
    """The hold, and whom the notice went to."""
    hold = facts_of.hold_of(action)
    return {"hold": hold, "addressee": facts_of.addressee_of(action.session, hold)}


def choices(_action: Action) -> list[dict[str, Any]]:
    """Received, or not."""
    return [
        {
            "value": "delivered", "label": _("It was received"), "act": _("Record the delivery"),
            "sets": {"outcome": "delivered"}, "note": _("The days of notice count from that day."),
        },
        {
            "value": "not_delivered", "label": _("It was not received"), "act": _("Send it again"),
            "sets": {"outcome": "not_delivered"}, "note": _("The notice goes out again; say what happened."),
        },
    ]  # fmt: skip


def complete(action: Action, answer: Delivered) -> dict[str, Any]:
    """Keep the proof and set the day of the stop. Raises InvalidAnswer naming the field, Conflict."""
    if answer.choice not in ("delivered", "not_delivered"):
        raise InvalidAnswer("choice", _("Choose what became of the notice."))
    hold, session, who = facts_of.locked(action, "approved"), action.session, action.actor.person_id
    if answer.choice == "not_delivered":
        if len(answer.note) < facts_of.LEAST_WORDS:
            raise InvalidAnswer("note", _("Say in a few words what happened to the notice."))
        log_contact(session, hold.customer_id, "letter", "failed", note=answer.note, made_by=who)
        facts_of.note_step(session, hold, "not_delivered", action.today, answer.note, who)
        return {"outcome": "not_delivered"}
    _check(action, hold, answer)
    assert answer.delivered_on is not None and answer.document is not None, "checked"  # noqa: PT018, S101
    filed = file_under(session, hold.customer_id, [answer.document], "other", who or 0, action.now)[0]
    details = {"document": [None, filed.filename]}
    log_access(session, hold.customer_id, who or 0, "change", "documents", action.now, details=details)
    log_contact(
        session, hold.customer_id, "letter", "delivered", reached=answer.received_by, note=answer.note,
        document_id=filed.id, made_by=who,
    )  # fmt: skip
    hold.delivered_on, hold.received_by, hold.document_id = (
        answer.delivered_on, answer.received_by, filed.id,
    )  # fmt: skip
    hold.stop_on, hold.status = (
        stop_day(answer.delivered_on, hold.notice_days or 0, action.today),
        "announced",
    )
    facts_of.note_step(session, hold, "delivered", answer.delivered_on, answer.received_by, who)
    stop_at = close_of(session, hold.stop_on, action.today)
    return {"outcome": "delivered", "stop_at": stop_at.isoformat()}


def _check(action: Action, hold: CustomerHold, answer: Delivered) -> None:
    first = hold.noticed_on or action.today
    if answer.delivered_on is None or not first <= answer.delivered_on <= action.today:
        raise InvalidAnswer(
            "delivered_on",
            _("Give a day from %(first)s, when the notice was sent, to today.", first=written_day(first)),
        )
    if not answer.received_by:
        raise InvalidAnswer("received_by", _("Say who received the notice."))
    if answer.document is None:
        raise InvalidAnswer("file", _("Hand in the paper that proves the delivery."))
