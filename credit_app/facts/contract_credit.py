"""The credit that a contract needs: what it asks for beside what is granted, and the application that is waited for."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.contract_credit import WITHOUT_CREDIT, Granted, Wanted, is_covered, peak
from credit_app.domain.status import DECIDED, EDITABLE, PENDING
from credit_app.facts.contract_cases import version_of
from credit_app.facts.contracts import value_in_base
from credit_app.facts.exposure_parts import exposure_of
from credit_app.models import CreditApplication, Customer, the_company
from credit_app.models.contract_review import ContractReview

GRANTED, NOT_GRANTED, WANTED = "granted", "not_granted", "wanted"


@dataclass(frozen=True, slots=True)
class Need:
    """What a contract asks for and what is there; amounts in `currency`, the company's own."""

    wanted: Wanted
    granted: Granted
    currency: str

    @property
    def covered(self) -> bool:
        """Whether it is enough."""
        return is_covered(self.wanted, self.granted)


def need_of(session: Session, review: ContractReview, day: date) -> Need | None:
    """What the version under review asks for beside what is granted; None where nothing comes to be owed.

    Raises MissingRate.
    """
    contract, version = review.contract, version_of(review)
    if contract.side != "sales" or contract.customer is None or version.payment_method in WITHOUT_CREDIT:
        return None
    days = version.payment_days or 0
    value = value_in_base(session, version, day) or Decimal(0)
    wanted = Wanted(peak(value, contract.kind, version.starts_on, version.ends_on, days), days)
    return Need(wanted, _granted(session, contract.customer, day), the_company(session).base_currency)


def outcome_of(session: Session, review: ContractReview, day: date) -> str:
    """`granted`, `not_granted` once the application waited for is decided and it is still not enough, else `wanted`."""
    need = need_of(session, review, day)
    if need is None or need.covered:
        return GRANTED
    waited = session.get(CreditApplication, review.application_id or 0)
    return NOT_GRANTED if waited is not None and waited.status in DECIDED else WANTED


def running_application(session: Session, customer_id: int) -> CreditApplication | None:
    """The application for a limit of a customer that is written or under way, the newest."""
    query = select(CreditApplication).where(
        CreditApplication.customer_id == customer_id,
        CreditApplication.kind == "limit",
        CreditApplication.status.in_([*PENDING, *EDITABLE]),
    )
    return session.scalars(query.order_by(CreditApplication.id.desc()).limit(1)).first()


def limit_wanted(session: Session, review: ContractReview, day: date) -> Decimal:
    """The limit that would cover the contract beside what is owed today, in base currency. Raises MissingRate."""
    need = need_of(session, review, day)
    customer = review.contract.customer
    if need is None or customer is None:
        return Decimal(0)
    return max(Decimal(0), exposure_of(session, customer, day).net) + need.wanted.amount


def _granted(session: Session, customer: Customer, day: date) -> Granted:
    exposure = exposure_of(session, customer, day)
    own = exposure.own
    return Granted(exposure.available, own.limit.terms_days if own is not None else None)
