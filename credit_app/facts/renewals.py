"""The decision whether a contract goes on: the row behind the case, what was decided, and the notice with its proof."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.contract_performance import last_notice
from credit_app.domain.contracts import DRAFTERS
from credit_app.facts.contract_warnings import policy_of
from credit_app.facts.contracts import file_document, note_event
from credit_app.facts.customer_documents import Handed
from credit_app.facts.deadlines import close_of
from credit_app.facts.people import in_charge
from credit_app.i18n import _, written_day
from credit_app.models.performance import RENEWAL_RUNNING, ContractRenewal
from workflows import Action, Conflict, InvalidAnswer, NotFound

LEAST_WORDS = 5
OUTCOMES = ("renew", "leave", "notice")


def renewal_of(action: Action) -> ContractRenewal:
    """The decision that a process is about. Raises NotFound."""
    found = action.session.get(ContractRenewal, action.subject_id)
    if found is None:
        raise NotFound(_("There is no such decision on a renewal, or it is not yours to see."))
    return found


def locked(action: Action, status: str) -> ContractRenewal:
    """The decision, held until the commit. Raises Conflict when it was dealt with."""
    found = renewal_of(action)
    action.session.refresh(found, with_for_update=True)
    if found.status != status:
        raise Conflict(_("This decision was dealt with already."))
    return found


def running_of(session: Session, contract_id: int) -> ContractRenewal | None:
    """The decision on a contract that is under way."""
    query = select(ContractRenewal).where(
        ContractRenewal.contract_id == contract_id, ContractRenewal.status.in_(RENEWAL_RUNNING)
    )
    return session.scalar(query)


def owner_and_role(session: Session, row: ContractRenewal) -> tuple[int | None, str]:
    """Who decides and in which role; nobody in particular (None) once the owner has left or moved."""
    contract = row.contract
    return in_charge(session, contract.owner_id, DRAFTERS[contract.side], contract.branch_id)


def last_day_of_notice(row: ContractRenewal) -> date:
    """The last day on which the other side has to have the notice."""
    terms = row.contract.current
    return last_notice(row.ends_on, terms.renewal_notice_days if terms is not None else None)


def remind_at(session: Session, row: ContractRenewal, day: date) -> datetime:
    """When the owner is reminded: some days before the decision is due, and tomorrow at the earliest."""
    early = row.decide_by - timedelta(days=policy_of(session, day).remind_days)
    return close_of(session, max(early, day + timedelta(days=1)), day)


def decide(action: Action, choice: str, ground: str) -> str:
    """Write down what the owner decided; returns the outcome. Raises InvalidAnswer naming the field, Conflict."""
    if choice not in OUTCOMES:
        raise InvalidAnswer("choice", _("Choose renew, leave or give notice."))
    if choice == "renew" and len(ground) < LEAST_WORDS:
        raise InvalidAnswer("ground", _("Say in a few words what is to be agreed anew."))
    row = locked(action, "deciding")
    if choice == "notice" and last_day_of_notice(row) < action.today:
        raise InvalidAnswer(
            "choice",
            _("The last day of notice, %(day)s, is over.", day=written_day(last_day_of_notice(row))),
        )
    row.ground, row.decided_by = ground[:1000], action.actor.person_id
    if choice == "notice":
        row.status = "giving_notice"
    elif choice == "leave":
        _close(action, row, "let_expire", ground)
    action.session.flush()
    return choice


def renew(action: Action) -> None:
    """Close the decision as renewed and have the worker begin the change of the contract."""
    row = renewal_of(action)
    _close(action, row, "renewed", row.ground)
    action.start_process(
        "contract_change", kind="renewal", contract_id=row.contract_id, changes=row.ground, asked_by=row.decided_by
    )  # fmt: skip


def give_notice(
    action: Action, choice: str, received_on: date | None, paper: Handed | None, note: str
) -> str:
    """File the notice with the day on which the other side had it, or put the decision up again; returns the outcome.

    Raises InvalidAnswer naming the field, Conflict.
    """
    if choice not in ("given", "not_given"):
        raise InvalidAnswer("choice", _("Choose whether notice was given."))
    row, who = locked(action, "giving_notice"), action.actor.person_id
    if choice == "not_given":
        if len(note) < LEAST_WORDS:
            raise InvalidAnswer("note", _("Say in a few words why not."))
        row.status = "deciding"
        note_event(action.session, row.contract, "notice_dropped", action.today, note, who)
        return choice
    last = last_day_of_notice(row)
    began = row.created_at.date()
    if received_on is None or not began <= received_on <= min(last, action.today):
        raise InvalidAnswer(
            "received_on",
            _(
                "Give the day on which the other side had the notice: from %(first)s to today, and not after %(last)s.",
                first=written_day(began),
                last=written_day(last),
            ),
        )
    if paper is None:
        raise InvalidAnswer("file", _("Hand in the notice with the proof that it was received."))
    filed = file_document(action.session, row.contract, paper, "notice", who)
    row.noticed_on, row.document_id = received_on, filed.id
    _close(action, row, "notice_given", note)
    return choice


def drop(session: Session, row: ContractRenewal, day: date) -> None:
    """End the decision of a contract that is over."""
    row.status, row.closed_on = "dropped", day
    session.flush()
    note_event(session, row.contract, "renewal_dropped", day, row.number)


def _close(action: Action, row: ContractRenewal, status: str, note: str) -> None:
    row.status, row.closed_on = status, action.today
    action.session.flush()
    note_event(action.session, row.contract, f"renewal_{status}", action.today, note, row.decided_by)
