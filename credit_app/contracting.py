"""Begins reviews and changes of contracts, and withdraws them."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.contracts import REVIEW_KINDS, REVIEW_RUNNING
from credit_app.domain.dates import day_in_zone
from credit_app.facts.contract_cases import close
from credit_app.facts.contracts import contract_of, note_event
from credit_app.i18n import _
from credit_app.models import next_case_number, the_company
from credit_app.models.contract_review import ContractReview
from workflows import Action, Actor, Conflict, Engine, InvalidAnswer, clock

LEAST_WORDS = 5
# Kind of review -> its process.
PROCESSES = {"new": "contract_review", "change": "contract_change", "renewal": "contract_change"}
# In which of its statuses a contract can be reviewed so.
FROM_STATUS = {"new": ("need", "draft"), "change": ("active",), "renewal": ("active", "expired")}
MESSAGE = "withdrawn"


def today_of(session: Session) -> date:
    """The company's date."""
    return day_in_zone(clock.now(), the_company(session).time_zone)


def running_of(session: Session, contract_id: int) -> ContractReview | None:
    """The review of a contract that is under way."""
    query = select(ContractReview).where(
        ContractReview.contract_id == contract_id, ContractReview.status.in_(REVIEW_RUNNING)
    )
    return session.scalar(query)


def start_review(
    session: Session,
    engine: Engine,
    contract_id: int,
    actor: Actor,
    source: str,
    *,
    kind: str = "new",
    changes: str = "",
) -> ContractReview:
    """Begin a review and its process; the caller commits.

    Raises Conflict while another one runs or when the contract's status does not allow it, InvalidAnswer when a change
    is not said in words, NotFound.
    """
    if kind not in REVIEW_KINDS:
        raise ValueError(f"no kind of review: {kind}")
    # Two requests at once queue up here: the second sees the first.
    contract = contract_of(session, contract_id, lock=True)
    running = running_of(session, contract.id)
    if running is not None:
        raise Conflict(
            _("A review of this contract is under way already: %(number)s.", number=running.number)
        )
    if contract.status not in FROM_STATUS[kind]:
        raise Conflict(_("In its present status this contract cannot be reviewed so."))
    if kind != "new" and len(changes) < LEAST_WORDS:
        raise InvalidAnswer("changes", _("Say in a few words what is to change and why."))
    day = today_of(session)
    row = ContractReview(
        number=next_case_number(session, "contract_review", day.year), contract_id=contract.id,
        customer_id=contract.customer_id, party_id=contract.party_id, kind=kind, status="drafting",
        amount=contract.amount, currency=contract.currency, changes=changes[:4000], made_by=actor.person_id,
        created_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    if kind == "new":
        contract.status = "draft" if contract.version_id is not None else "need"
    session.flush()
    note_event(session, contract, f"{kind}_review_begun", day, row.number, actor.person_id)
    rest = engine.start(session, PROCESSES[kind], row.id, {"review_id": row.id}, actor, source)
    row.instance_id = rest.instance_id
    session.flush()
    return row


def withdraw(
    session: Session, engine: Engine, review: ContractReview, reason: str, actor: Actor, source: str
) -> None:
    """Withdraw a review that runs; the contract stays as it was in force, a new one is withdrawn.

    Raises InvalidAnswer, Conflict, NotWaiting; the caller commits.
    """
    if len(reason) < LEAST_WORDS:
        raise InvalidAnswer("reason", _("Say in a few words why."))
    session.refresh(review, with_for_update={"of": ContractReview})
    if review.status not in REVIEW_RUNNING or review.instance_id is None:
        raise Conflict(_("This review is over."))

    def before(_action: Action) -> None:
        close(session, review, "withdrawn", today_of(session), reason, actor.person_id)

    engine.send(session, review.instance_id, MESSAGE, actor, source, before=before)
    session.flush()
