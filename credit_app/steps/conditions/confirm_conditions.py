"""Confirm conditions: each security that an approved limit depends on is confirmed, or it was not given."""

from typing import Any

from credit_app.facts.application import application_of, limit_in_question
from credit_app.facts.assessing import analysts
from credit_app.facts.documents import file_document
from credit_app.facts.securities import securities_of, unconfirmed
from credit_app.forms.conditions import ConditionsAnswer, ConditionsForm, SecurityGiven
from credit_app.i18n import _
from credit_app.models import CreditApplication, Security
from workflows import Action, Assignment, Conflict, InvalidAnswer

Form = ConditionsForm
SHORTEST_REASON = 5
LONGEST_REASON = 4000


def assign(action: Action) -> Assignment:
    """The credit analysts of the branch."""
    return analysts(action, "conditions.due_after_days")


def facts(action: Action) -> dict[str, Any]:
    """The securities, those confirmed and those still open."""
    application = application_of(action)
    rows = securities_of(action.session, application)
    return {
        "application": application,
        "securities": rows,
        "by_id": {row.id: row for row in rows},
        "limit_in_question": limit_in_question(application),
    }


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    application = application_of(action)
    return _(
        "Is every security for %(name)s there?",
        name=application.customer.name if application.customer else "",
    )


def complete(action: Action, answer: ConditionsAnswer) -> dict[str, Any]:
    """Confirm each, or end it with the reason of the one that was not given. Raises InvalidAnswer, Conflict."""
    application = application_of(action)
    waiting = {row.id: row for row in unconfirmed(action.session, application)}
    if {row.security_id for row in answer.rows} != set(waiting):
        raise Conflict(_("The securities of this limit changed meanwhile; look at them again."))
    failed = []
    for given in answer.rows:
        security = waiting[given.security_id]
        if given.result == "confirmed":
            _confirm(action, application, security, given)
        elif given.result == "not_given":
            failed.append(_reject(security, given))
        else:
            raise InvalidAnswer(f"{given.place}-result", _("Say for each security whether it is there."))
    if failed:
        application.outcome_reason = " ".join(failed)[:LONGEST_REASON]
    return {"conditions_met": not failed}


def _confirm(
    action: Action, application: CreditApplication, security: Security, given: SecurityGiven
) -> None:
    place, today = given.place, action.today
    if given.amount is None or given.amount < security.amount:
        raise InvalidAnswer(f"{place}-amount", _("The security is smaller than the one that was asked for."))
    if not given.provider:
        raise InvalidAnswer(f"{place}-provider", _("Name who gives the security."))
    if given.expires_on is not None and given.expires_on < today:
        raise InvalidAnswer(
            f"{place}-expires_on", _("This security has expired; an expired one covers nothing.")
        )
    if security.expires_on is not None and (
        given.expires_on is None or given.expires_on < security.expires_on
    ):
        text = _("It has to hold until %(day)s at least.", day=security.expires_on.isoformat())
        raise InvalidAnswer(f"{place}-expires_on", text)
    if given.valid_from is not None and given.valid_from > today:
        raise InvalidAnswer(f"{place}-valid_from", _("This security does not hold yet."))
    document = file_document(action, application, given.file, "security")
    if document is None:
        raise InvalidAnswer(f"{place}-file", _("Hand in the document that shows the security."))
    security.amount, security.provider, security.reference = given.amount, given.provider, given.reference
    security.valid_from, security.expires_on = given.valid_from or today, given.expires_on
    security.note, security.document_id = given.note or security.note, document.id
    security.status, security.confirmed_by, security.confirmed_at = (
        "confirmed",
        action.actor.person_id,
        action.now,
    )


def _reject(security: Security, given: SecurityGiven) -> str:
    if len(given.note) < SHORTEST_REASON:
        raise InvalidAnswer(f"{given.place}-note", _("Say why the security was not given."))
    security.status, security.note = "rejected", given.note
    return given.note
