"""A legal case under way: fetching and holding it, its dates and events, where it stands, and how it ends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.domain.dates import BusinessCalendar, add_months
from credit_app.domain.limitation import Jurisdiction
from credit_app.domain.money import format_amount
from credit_app.domain.policy_values import whole_of
from credit_app.facts.deadlines import due_after
from credit_app.facts.limitation import legal_policy
from credit_app.facts.people import ids_with
from credit_app.i18n import _, written_day
from credit_app.models import (
    Allocation,
    ItemBalance,
    convert,
    holidays,
    policy_values,
    the_company,
)
from credit_app.models.legal import (
    OPEN_LEGAL,
    LegalCase,
    LegalCaseItem,
    LegalCost,
    LegalCounsel,
    LegalDate,
    LegalEvent,
)
from workflows import Action, Assignment, Conflict, InvalidAnswer, NotFound

ROLE = "counsel"
ZERO = Decimal(0)
LEAST_REASON = 5
FARTHEST_YEARS = (
    10  # no court sets a day beyond: it is a slip of the keyboard, and a warning that never comes
)
LATER = timedelta(days=36_500)  # of a timer that has nothing to remind of
WAITED_FOR = ("hearing", "objection", "appeal", "payment", "insolvency")
PREPARATION = ("assessment", "approval", "preparation")
PROCEEDINGS = ("filing", "hearing", "title")
# Where a case stands -> the place at which its part of the process goes on.
PLACES = {
    "assessment": "assess",
    "approval": "decide",
    "preparation": "arrange",
    "filing": "file",
    "hearing": "hear",
    "title": "title",
    "execution": "apply",
    "enforcement": "enforce",
    "insolvency": "insolvency",
}


@dataclass(frozen=True, slots=True)
class Totals:
    """Of a legal case, in its currency: claimed, awarded (None before a title), recovered by payments on the claimed
    items since it began, costs, costs claimed from the debtor, and recovered less costs."""

    claimed: Decimal
    awarded: Decimal | None
    recovered: Decimal
    costs: Decimal
    costs_claimed: Decimal
    net: Decimal
    still_open: Decimal


# --- fetching -----------------------------------------------------------------------------------------------------


def legal_case_of(action: Action) -> LegalCase:
    """The case that a process of legal action is about. Raises NotFound."""
    found = action.session.get(LegalCase, action.subject_id)
    if found is None:
        raise NotFound(_("There is no such case, or it is not yours to see."))
    return found


def hold(action: Action, *statuses: str) -> LegalCase:
    """The case, held until the commit. Raises Conflict when it stands elsewhere by now."""
    found = legal_case_of(action)
    action.session.refresh(found, with_for_update=True)
    if found.status not in statuses:
        raise Conflict(_("This legal case stands elsewhere by now; look at it again."))
    return found


def open_legal_case(session: Session, customer_id: int) -> LegalCase | None:
    """The customer's open legal case."""
    query = select(LegalCase).where(LegalCase.customer_id == customer_id, LegalCase.ended_on.is_(None))
    return session.scalar(query)


def terms_of(session: Session, case: LegalCase, day: date) -> Jurisdiction:
    """The legal terms that a case follows, as of `day`."""
    return legal_policy(session, day).of(case.country)


def still_open(session: Session, case: LegalCase) -> Decimal:
    """What is open of the claimed items now."""
    query = (
        select(func.coalesce(func.sum(ItemBalance.open_amount), 0))
        .join(LegalCaseItem, LegalCaseItem.item_id == ItemBalance.item_id)
        .where(LegalCaseItem.case_id == case.id)
    )
    return session.scalar(query) or ZERO


def recovered(session: Session, case: LegalCase) -> Decimal:
    """What receipts have paid on the claimed items since the case began, less what was taken back."""
    query = (
        select(func.coalesce(func.sum(Allocation.amount), 0))
        .join(LegalCaseItem, LegalCaseItem.item_id == Allocation.item_id)
        .where(
            LegalCaseItem.case_id == case.id,
            Allocation.receipt_id.is_not(None),
            Allocation.created_at > case.created_at,
        )
    )
    return session.scalar(query) or ZERO


def totals(session: Session, case: LegalCase) -> Totals:
    """What the case is about and has brought so far; costs are in its currency."""
    costs = session.execute(
        select(
            func.coalesce(func.sum(LegalCost.amount), 0),
            func.coalesce(func.sum(LegalCost.amount).filter(LegalCost.item_id.is_not(None)), 0),
        ).where(LegalCost.case_id == case.id)
    ).one()
    came = recovered(session, case)
    return Totals(
        case.amount or ZERO,
        case.awarded,
        came,
        costs[0],
        costs[1],
        came - costs[0],
        still_open(session, case),
    )


def in_base(session: Session, case: LegalCase, day: date) -> Decimal:
    """The claim in base currency. Raises MissingRate."""
    company = the_company(session)
    return convert(session, case.amount or ZERO, case.currency or "", company.base_currency, day)


# --- tasks --------------------------------------------------------------------------------------------------------


def to_counsel(action: Action) -> Assignment:
    """Our own counsel who runs the case, else all counsel of the customer's branch; not due before the date that
    the case waits for."""
    case = legal_case_of(action)
    due = due_after(action.session, action.now, action.today, "legal.due_after_days")
    for row in open_dates(case, *WAITED_FOR):
        due = max(due, close_of(action.session, row.due_on, action.today))
    return Assignment(ROLE, case.customer.branch_id, due, claimed_by=_own_counsel(action.session, case))


def _own_counsel(session: Session, case: LegalCase) -> int | None:
    person = case.counsel.person_id if case.counsel is not None and case.counsel.active else None
    return person if person in ids_with(session, ROLE, case.customer.branch_id) else None


def tell_counsel(action: Action, kind: str) -> None:
    """Mail whoever runs the case, else all counsel of the branch, that a deadline has come; `kind`: of its date."""
    case, session = legal_case_of(action), action.session
    own = _own_counsel(session, case)
    people = [own] if own is not None else ids_with(session, ROLE, case.customer.branch_id)
    due = next((row.due_on for row in open_dates(case, kind)), None)
    action.mail(people, "legal_deadline", legal_case_id=case.id, kind=kind, due_on=due)


# --- dates and events ---------------------------------------------------------------------------------------------


def note_event(
    action: Action,
    case: LegalCase,
    kind: str,
    on: date,
    note: str = "",
    amount: Decimal | None = None,
    document_id: int | None = None,
) -> LegalEvent:
    """Write down what happened."""
    row = LegalEvent(
        case_id=case.id, kind=kind, happened_on=on, amount=amount, note=note[:1000], document_id=document_id,
        made_by=action.actor.person_id, created_at=action.now,
    )  # fmt: skip
    action.session.add(row)
    action.session.flush()
    return row


def set_date(action: Action, case: LegalCase, kind: str, due_on: date, note: str = "") -> LegalDate:
    """The date of that kind that counts from now on; an earlier one of it no longer does."""
    settle_dates(action, case, kind)
    row = LegalDate(
        case_id=case.id, kind=kind, due_on=due_on, note=note[:300], made_by=action.actor.person_id,
        created_at=action.now,
    )  # fmt: skip
    action.session.add(row)
    action.session.flush()
    action.session.expire(case, ["dates"])
    return row


def settle_dates(action: Action, case: LegalCase, *kinds: str) -> None:
    """The open dates of these kinds (none named: all) were met or no longer matter."""
    for row in case.dates:
        if row.settled_on is None and (not kinds or row.kind in kinds):
            row.settled_on = action.today
    action.session.flush()


def open_dates(case: LegalCase, *kinds: str) -> list[LegalDate]:
    """The dates that are not settled, the first one first."""
    return [row for row in case.dates if row.settled_on is None and (not kinds or row.kind in kinds)]


def close_of(session: Session, day: date, today: date) -> datetime:
    """The end of business of a day, in UTC."""
    calendar = BusinessCalendar.from_policy(policy_values(session, today), holidays(session))
    return calendar.close_of(day, the_company(session).time_zone)


def reminder(action: Action, case: LegalCase, *kinds: str, ahead: bool = True) -> str:
    """When the first open date of these kinds is to be reminded of, for a timer: at the end of business so many days
    before it as the policy says, or (`ahead` False) of its own day. In a hundred years where there is none."""
    found = open_dates(case, *kinds)
    if not found:
        return (action.now + LATER).isoformat()
    days = whole_of(policy_values(action.session, action.today), "legal.last_call_days") if ahead else 0
    return close_of(action.session, found[0].due_on - timedelta(days=days), action.today).isoformat()


# --- answers ------------------------------------------------------------------------------------------------------


def reason_given(field: str, text: str, sentence: str) -> str:
    """The text, when it says anything. Raises InvalidAnswer with the sentence."""
    if len(text.strip()) < LEAST_REASON:
        raise InvalidAnswer(field, sentence)
    return text.strip()


def day_given(field: str, day: date | None, first: date | None, last: date | None) -> date:
    """A day that is given and not outside of these two. Raises InvalidAnswer that names them."""
    if day is None:
        raise InvalidAnswer(field, _("Please give a date."))
    if first is not None and day < first:
        raise InvalidAnswer(
            field,
            _("This day lies before %(first)s; give that day or a later one.", first=written_day(first)),
        )
    if last is not None and day > last:
        raise InvalidAnswer(
            field, _("This day lies after %(last)s; give that day or an earlier one.", last=written_day(last))
        )
    return day


def day_ahead(field: str, day: date | None, first: date, today: date) -> date:
    """A day to come, from `first` on. Raises InvalidAnswer that names the days between which it lies."""
    return day_given(field, day, first, add_months(today, FARTHEST_YEARS * 12))


def amount_given(field: str, amount: Decimal | None, most: Decimal | None = None) -> Decimal:
    """An amount above zero, and not above `most`, which is open. Raises InvalidAnswer."""
    if amount is None or amount <= 0:
        raise InvalidAnswer(field, _("Give an amount above zero."))
    if most is not None and amount > most:
        raise InvalidAnswer(
            field,
            _("Only %(open)s is open of the claimed items; give that or less.", open=format_amount(most)),
        )
    return amount


def chosen(field: str, value: str | None, values: Iterable[str], sentence: str) -> str:
    """One of these values. Raises InvalidAnswer with the sentence."""
    if value not in tuple(values):
        raise InvalidAnswer(field, sentence)
    return str(value)


# --- ends ---------------------------------------------------------------------------------------------------------


def end(action: Action, case: LegalCase, status: str, note: str = "") -> None:
    """The case is over; nothing of it is due any more."""
    settle_dates(action, case)
    case.status, case.ended_on, case.end_note = status, action.today, note[:500]
    note_event(action, case, "ended", action.today, note)


def is_open(case: LegalCase) -> bool:
    """Whether anything may still happen in it."""
    return case.status in OPEN_LEGAL


def part_of(status: str) -> str:
    """Which part of the process a case stands in: preparation, proceedings or enforcement."""
    if status in PREPARATION:
        return "preparation"
    return "proceedings" if status in PROCEEDINGS else "enforcement"


def propose_write_off(action: Action) -> None:
    """Have a write-off of what is still open proposed; credit managers of the branch are told."""
    case, session = legal_case_of(action), action.session
    left = still_open(session, case)
    action.note("write_off", amount=str(left))
    if left <= 0:
        return
    action.mail(
        ids_with(session, "credit_manager", case.customer.branch_id), "legal_write_off", legal_case_id=case.id
    )
    action.start_process("write_off", customer_id=case.customer_id)


def active_counsel(session: Session) -> Sequence[LegalCounsel]:
    """The register of counsel that can be chosen, by name."""
    return session.scalars(select(LegalCounsel).where(LegalCounsel.active).order_by(LegalCounsel.name)).all()
