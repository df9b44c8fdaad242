"""The credit that a contract needs: what it asks for beside what is granted, and the application that is waited for."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.contract_credit import WITHOUT_CREDIT, Granted, Wanted, is_covered, peak
from credit_app.domain.money import format_amount
from credit_app.domain.payment_terms import instalments
from credit_app.domain.status import DECIDED, EDITABLE, PENDING
from credit_app.facts.contract_cases import drafter, version_of
from credit_app.facts.contracts import note_event, value_in_base
from credit_app.facts.exposure_parts import exposure_of
from credit_app.i18n import _, ngettext
from credit_app.models import CreditApplication, Customer, MissingRate, Person, the_company
from credit_app.models.contract import ContractVersion
from credit_app.models.contract_review import ContractReview

GRANTED, NOT_GRANTED, WANTED = "granted", "not_granted", "wanted"
SELLING = ("sales_rep", "sales_manager")
# What the timeline calls it when the credit was decided on and is still not enough.
REFUSED_EVENT = "credit_refused"


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
    days = longest_days(version, day)
    value = value_in_base(session, version, day) or Decimal(0)
    wanted = Wanted(peak(value, contract.kind, version.starts_on, version.ends_on, days), days)
    return Need(wanted, _granted(session, contract.customer, day), the_company(session).base_currency)


def longest_days(version: ContractVersion, day: date) -> int:
    """How many days after the invoice the last of the money is due: by the days agreed, or the latest instalment."""
    days = version.payment_days or 0
    if version.payment_terms:
        last = max(
            one.due_date for one in instalments(version.payment_terms, day, version.amount or Decimal(1000))
        )
        days = max(days, (last - day).days)
    return days


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


# --- whoever waits for the credit, and for what -----------------------------------------------------------------------


def asking(session: Session, review: ContractReview) -> int:
    """Who asks for the credit: the customer's sales rep while they are there, else whoever drafts."""
    customer = review.contract.customer
    rep = session.get(Person, (customer.sales_rep_id if customer is not None else None) or 0)
    if rep is not None and rep.active and {row.role for row in rep.roles} & set(SELLING):
        return rep.id
    return drafter(review)


def said_of(need: Need) -> str:
    """The figures of a need as a sentence."""
    wanted, granted = need.wanted, need.granted
    return _(
        "The contract asks for %(currency)s %(wanted)s at %(wanted_days)s; free is %(currency)s %(free)s at %(days)s.",
        currency=need.currency,
        wanted=format_amount(wanted.amount),
        wanted_days=ngettext("%(num)s day", "%(num)s days", wanted.days),
        free=format_amount(granted.available),
        days=_("no terms") if granted.days is None else ngettext("%(num)s day", "%(num)s days", granted.days),
    )  # fmt: skip


def shortfall(session: Session, review: ContractReview, day: date) -> str:
    """What the version under review asks for beyond what is granted, as a sentence; empty where it is enough.

    A missing rate keeps nobody from reading a contract: then nothing is said here.
    """
    try:
        need = need_of(session, review, day)
    except MissingRate:
        return ""
    return said_of(need) if need is not None and not need.covered else ""


def waiting_for(session: Session, review: ContractReview, day: date) -> dict[str, Any] | None:
    """What a review waits for while it waits for credit: `application` (None until the worker has opened it),
    `to_submit` whether it is still to be submitted, `short` with the figures."""
    if review.status != "awaiting_credit":
        return None
    known = session.get(CreditApplication, review.application_id or 0)
    to_submit = known is not None and known.status in EDITABLE
    return {"application": known, "to_submit": to_submit, "short": shortfall(session, review, day)}


def note_refusal(session: Session, review: ContractReview, day: date) -> None:
    """Keep in the timeline that the contract is drafted again for want of credit, with the application's number."""
    waited = session.get(CreditApplication, review.application_id or 0)
    note = waited.number if waited is not None else ""
    note_event(session, review.contract, REFUSED_EVENT, day, note, None, review.version_id)
