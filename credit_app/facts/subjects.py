"""What cases are about. Most are about a credit application; the processes named here are about something else.

A case's `subject_id` is the id of a row of that kind, so an id alone says nothing: ask with the process.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.orm import Session

from credit_app.models import RUNNING_CONFIRMATIONS, BalanceConfirmation, BankEntry, CollectionCase, Customer
from credit_app.models.agencies import AgencyPlacement
from credit_app.models.contract_review import ContractReview
from credit_app.models.customer_case import CustomerCase
from credit_app.models.disputes import Dispute
from credit_app.models.holds import CustomerHold
from credit_app.models.legal import LegalCase
from credit_app.models.orders import OrderRelease
from credit_app.models.party import Party
from credit_app.models.performance import ContractRenewal
from credit_app.models.promises import PaymentExtension, PaymentPlan, PromiseToPay
from credit_app.models.visits import SiteVisit
from credit_app.models.write_off import WriteOff
from workflows.tables import OpenTask

APPLICATION, BANK_ENTRY, CONFIRMATION = "application", "bank_entry", "balance_confirmation"
COLLECTION = "collection"
WRITE_OFF = "write_off"
PROMISE, PLAN, EXTENSION = "promise", "payment_plan", "payment_extension"
LEGAL = "legal_action"
HOLD = "customer_hold"
VISIT = "site_visit"
PLACEMENT = "agency_placement"
DISPUTE = "dispute"
CONTRACT_REVIEW, CONTRACT_RENEWAL = "contract_review", "contract_renewal"
RELEASE = "order_release"
MOST = 500
# Process of a task -> kind of its subject; a called process has the subject of the one that called it.
KINDS = {
    "cash_application": BANK_ENTRY,
    "balance_confirmation": CONFIRMATION,
    "collection": COLLECTION,
    "collection_stages": COLLECTION,
    "early_collection": COLLECTION,
    "firm_collection": COLLECTION,
    "hard_collection": COLLECTION,
    "write_off": WRITE_OFF,
    "promise_to_pay": PROMISE,
    "payment_plan": PLAN,
    "plan_instalment": PLAN,
    "payment_extension": EXTENSION,
    "legal_action": LEGAL,
    "legal_preparation": LEGAL,
    "legal_proceedings": LEGAL,
    "legal_enforcement": LEGAL,
    "customer_hold": HOLD,
    "site_visit": VISIT,
    "agency_placement": PLACEMENT,
    "dispute": DISPUTE,
    "dispute_handling": DISPUTE,
    "contract_review": CONTRACT_REVIEW,
    "contract_change": CONTRACT_REVIEW,
    "contract_negotiation": CONTRACT_REVIEW,
    "contract_opinions": CONTRACT_REVIEW,
    "contract_credit": CONTRACT_REVIEW,
    "contract_signature": CONTRACT_REVIEW,
    "contract_renewal": CONTRACT_RENEWAL,
    "order_release": RELEASE,
    "release_decision": RELEASE,
}
# Kind of subject -> its table, for the cases about a customer (those of contracts: or a party), all of the same form.
CUSTOMER_CASES: dict[str, type[CustomerCase]] = {
    COLLECTION: CollectionCase,
    WRITE_OFF: WriteOff,
    PROMISE: PromiseToPay,
    PLAN: PaymentPlan,
    EXTENSION: PaymentExtension,
    LEGAL: LegalCase,
    HOLD: CustomerHold,
    VISIT: SiteVisit,
    PLACEMENT: AgencyPlacement,
    DISPUTE: Dispute,
    CONTRACT_REVIEW: ContractReview,
    CONTRACT_RENEWAL: ContractRenewal,
    RELEASE: OrderRelease,
}


def kind_of(process: str) -> str:
    """The kind of what a process is about."""
    return KINDS.get(process, APPLICATION)


def application_ids_in(rows: Iterable[Any]) -> set[int]:
    """The ids of the applications behind tasks (rows with `process` and `subject_id`)."""
    return {row.subject_id for row in rows if kind_of(row.process) == APPLICATION}


def found_apart(session: Session, words: str) -> dict[str, list[int]]:
    """For every process that is not about an application: the ids of the open subjects that these words find."""
    like = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    query = select(BankEntry.id).where(
        BankEntry.status == "matching",
        or_(
            BankEntry.payer.ilike(like), BankEntry.reference.ilike(like), BankEntry.remittance.ilike(like),
            cast(BankEntry.amount, Text) == words.replace(" ", ""),
        ),
    )  # fmt: skip
    confirmations = (
        select(BalanceConfirmation.id)
        .join(Customer, Customer.id == BalanceConfirmation.customer_id)
        .where(
            BalanceConfirmation.status.in_(RUNNING_CONFIRMATIONS),
            or_(Customer.name.ilike(like), Customer.number.ilike(like)),
        )
    )
    return _cases_found(session, like) | {
        "cash_application": list(session.scalars(query.order_by(BankEntry.id.desc()).limit(MOST))),
        "balance_confirmation": list(
            session.scalars(confirmations.order_by(BalanceConfirmation.id.desc()).limit(MOST))
        ),
    }


def _cases_found(session: Session, like: str) -> dict[str, list[int]]:
    """The cases about customers that have an open task, by process."""
    found: dict[str, list[int]] = {}
    for process, kind in KINDS.items():
        model: Any = CUSTOMER_CASES.get(kind)
        if model is None:
            continue
        query = (
            select(model.id)
            .join(OpenTask, OpenTask.subject_id == model.id)
            .outerjoin(Customer, Customer.id == model.customer_id)
            .where(OpenTask.process == process)
        )
        names = [Customer.name, Customer.number, model.number]
        if hasattr(model, "party_id"):
            query = query.outerjoin(Party, Party.id == model.party_id)
            names += [Party.name, Party.number]
        query = query.where(or_(*(name.ilike(like) for name in names)))
        found[process] = list(session.scalars(query.order_by(model.id.desc()).limit(MOST)))
    return found
