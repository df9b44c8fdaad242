"""A balance confirmation under way: what was sent, whom to, until when an answer is waited for, and silence."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.orm import Session

from credit_app.domain.confirmation import ConfirmationPolicy, may_send_again
from credit_app.domain.dates import day_in_zone
from credit_app.facts.deadlines import due_after
from credit_app.facts.reachable import addressees
from credit_app.facts.statement import Statement
from credit_app.facts.statement_snapshot import thawed
from credit_app.i18n import _
from credit_app.models import (
    RUNNING_CONFIRMATIONS,
    BalanceConfirmation,
    Contact,
    policy_values,
    the_company,
)
from workflows import Action, Conflict, InvalidAnswer, NotFound

ROLE = "receivables"
LEAST_REASON = 5


def get_confirmation(session: Session, confirmation_id: int) -> BalanceConfirmation:
    """The confirmation with that id. Raises NotFound."""
    found = session.get(BalanceConfirmation, confirmation_id)
    if found is None:
        raise NotFound(_("There is no such balance confirmation, or it is not yours to see."))
    return found


def confirmation_of(action: Action) -> BalanceConfirmation:
    """The confirmation that a case is about. Raises NotFound."""
    return get_confirmation(action.session, action.subject_id)


def hold(action: Action, *statuses: str) -> BalanceConfirmation:
    """The confirmation, held until the commit. Raises Conflict when it is in none of these statuses any more."""
    found = confirmation_of(action)
    action.session.refresh(found, with_for_update=True)
    if found.status not in statuses:
        raise Conflict(_("This balance confirmation was dealt with already."))
    return found


def running_of(session: Session, customer_id: int) -> BalanceConfirmation | None:
    """The confirmation that is under way for a customer."""
    return session.scalar(
        select(BalanceConfirmation).where(
            BalanceConfirmation.customer_id == customer_id,
            BalanceConfirmation.status.in_(RUNNING_CONFIRMATIONS),
        )
    )


def policy_of(session: Session, day: date) -> ConfirmationPolicy:
    """The policy of `day`."""
    return ConfirmationPolicy.from_policy(policy_values(session, day))


def statement_in(confirmation: BalanceConfirmation) -> Statement:
    """The statement as it was sent."""
    return thawed(confirmation.statement)


def balances_of(session: Session, ids: Iterable[int]) -> dict[int, list[tuple[Decimal, str]]]:
    """Confirmation id -> (balance, currency) of every account of what was sent, without reading whole statements."""
    paths = (cast(f"$.accounts[*].{name}", JSONPATH) for name in ("closing", "currency"))
    parts = [func.jsonb_path_query_array(BalanceConfirmation.statement, path) for path in paths]
    query = select(BalanceConfirmation.id, *parts).where(BalanceConfirmation.id.in_(list(ids)))
    return {
        row[0]: [(Decimal(amount), code) for amount, code in zip(row[1], row[2], strict=True)]
        for row in session.execute(query)
    }


def addressee_of(session: Session, confirmation: BalanceConfirmation) -> Contact | None:
    """The customer's contact for accounting with an e-mail address, else its first; None: nobody can be written to."""
    return next(iter(addressees(session, confirmation.customer_id)), None)


# --- asking -------------------------------------------------------------------------------------------------------


def send(action: Action) -> dict[str, str | bool]:
    """Queue the statement's mail; returns when to remind and when silence is followed up."""
    session, confirmation = action.session, confirmation_of(action)
    remind, silence = deadlines(action)
    confirmation.status, confirmation.sent_at = "sent", action.now
    confirmation.sendings += 1
    confirmation.answer_by = _day(session, remind)
    write(action, confirmation, "balance_confirmation")
    return {"remind_at": remind.isoformat(), "silence_at": silence.isoformat(), "answer_is_in": False}


def remind(action: Action) -> None:
    """Queue a reminder with a last day, unless the answer is in and only waits to be recorded."""
    if action.data.get("answer_is_in"):
        return
    confirmation = confirmation_of(action)
    confirmation.reminders += 1
    confirmation.answer_by = _day(action.session, datetime.fromisoformat(str(action.data["silence_at"])))
    write(action, confirmation, "balance_confirmation_reminder")


def write(action: Action, confirmation: BalanceConfirmation, template: str) -> None:
    """Mail the customer's contact; without one the history says that the statement is to be printed and sent."""
    contact = addressee_of(action.session, confirmation)
    if contact is None:
        action.note("no_address", customer_id=confirmation.customer_id)
        return
    action.mail_to([f"contact:{contact.id}"], template, confirmation_id=confirmation.id)


def deadlines(action: Action) -> tuple[datetime, datetime]:
    """When the customer is reminded and when silence is followed up, from now on; the second is never the earlier."""
    session, now, today = action.session, action.now, action.today
    remind = due_after(session, now, today, "confirmation.remind_after_days")
    return remind, max(remind, due_after(session, now, today, "confirmation.silent_after_days"))


def follow_up(action: Action, choice: str, reason: str) -> dict[str, str | bool]:
    """What is done about silence: answered, send_again or closed. Raises InvalidAnswer, Conflict."""
    confirmation = hold(action, "silent")
    if choice == "closed":
        if len(reason) < LEAST_REASON:
            raise InvalidAnswer("reason", _("Say why the matter is closed without an answer."))
        confirmation.status, confirmation.note = "closed", reason[:500]
        return {"outcome": choice}
    if choice == "send_again" and not may_send_again(confirmation.sendings):
        raise InvalidAnswer(
            "choice", _("The statement was sent again twice already; close the matter instead.")
        )
    confirmation.status, confirmation.note = "sent", reason[:500]
    if choice == "send_again":
        return {"outcome": choice}
    remind_at, silence_at = (each.isoformat() for each in deadlines(action))
    return {"outcome": choice, "remind_at": remind_at, "silence_at": silence_at, "answer_is_in": True}


def _day(session: Session, instant: datetime) -> date:
    return day_in_zone(instant, the_company(session).time_zone)
