"""Letters to debtors: who gets one at which level, what it says, and that nobody gets it twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from credit_app.domain.collection import STAGES, last_business_day
from credit_app.domain.dates import BusinessCalendar
from credit_app.domain.dunning import (
    DEMANDS,
    REMINDER,
    DueItem,
    DunningPolicy,
    Total,
    asks_for_something,
    language_of,
    newly_demanded,
    totals,
)
from credit_app.domain.phone import e164, is_e164
from credit_app.facts import collection_stage
from credit_app.facts.dunning_charges import with_charges
from credit_app.facts.dunning_items import (
    credits_of,
    credits_of_all,
    debts_between,
    debts_due,
    debts_due_of,
)
from credit_app.facts.dunning_sending import dispatch, underway
from credit_app.facts.dunning_text import Facts, Text, country_in, filled, text_in_force
from credit_app.facts.insolvency import insolvency_of, insolvent_of
from credit_app.facts.reachable import reachable, reachable_of
from credit_app.i18n import _
from credit_app.models import (
    CollectionCase,
    Contact,
    Customer,
    MissingRate,
    convert_all,
    holidays,
    next_case_number,
    next_case_numbers,
    policy_values,
    the_company,
)
from credit_app.models.dunning import DunningItem, DunningLetter
from credit_app.models.once import foresee, once
from credit_app.models.together import add_row, add_rows
from workflows import Action, NotFound, Refused

KIND = "dunning"


def demand(action: Action, case: CollectionCase, stage: str) -> DunningLetter | None:
    """Write to the customer of a case at a stage that has a letter; called by the stage's service task.

    None when no due debt newly reaches the level, or nothing is left to ask for: then nothing goes out. A level that
    policy has reviewed is only proposed; any other is queued in the action's outbox.
    """
    if stage not in DEMANDS:
        raise ValueError(f"no letter belongs to the stage {stage}")
    session, today = action.session, action.today
    reviewed = stage in policy_of(session, today).review
    reached = reached_by(session, case, stage, today)
    letter = compose(session, case.customer, stage, today, action.now, reached, case, proposed=reviewed)
    if letter is None:
        action.note("no_letter", level=stage)
        return None
    if not reviewed:

        def post(channel: str, recipient: str, template: str, params: Mapping[str, Any]) -> str:
            return action.post(channel, [recipient], template, **params)[0]

        dispatch(session, letter, post)
    action.note("letter", number=letter.number, level=stage, channel=letter.channel, status=letter.status)
    return letter


def compose(
    session: Session,
    customer: Customer,
    level: str,
    today: date,
    now: datetime,
    reached: date,
    case: CollectionCase | None = None,
    *,
    proposed: bool = True,
) -> DunningLetter | None:
    """The letter of `level` over all due debts of the customer, with its items, flushed: proposed, or with the status
    of one that the caller dispatches at once.

    A debt reaches the level when it was due by `reached`. None when no debt newly does or nothing is left to pay.
    """
    draft = draft_of(session, customer, level, today, reached)
    if draft is None:
        return None
    letter = DunningLetter(
        number=letter_number(session, customer.id, today.year),
        customer_id=customer.id,
        case_id=case.id if case else None,
        level=level,
        status="proposed" if proposed else underway(draft.channel),
        created_at=now,
    )
    write(session, letter, draft, today)
    return letter


def foresee_letters(session: Session, levels: Mapping[int, str], today: date) -> None:
    """Within a `steady` block: read at once what letters will ask for; `levels` is the level by the ids of customers,
    whose rows are held."""
    if not levels:
        return
    grace = promise_grace(session, today)
    debts, ours = debts_due_of(session, levels, today, grace), credits_of_all(session, levels)
    contacts = reachable_of(session, levels)
    written_to = [one for one, level in levels.items() if newly_demanded(debts[one], level, today)]
    numbers = next_case_numbers(session, KIND, today.year, len(written_to))
    foresee(session, hold, {(one,): None for one in levels})
    sound = levels.keys() - insolvent_of(session, levels, today)
    foresee(session, insolvency_of, {(one, today): None for one in sound})
    foresee(session, debts_due, {(one, today, grace): debts[one] for one in levels})
    foresee(session, credits_of, {(one,): ours[one] for one in levels})
    foresee(session, reachable, {(one,): contacts[one] for one in levels})
    named = {(one, today.year): number for one, number in zip(written_to, numbers, strict=True)}
    foresee(session, letter_number, named)


@once
def letter_number(session: Session, _customer_id: int, year: int) -> str:
    """The number of the next letter; the customer tells apart those that were taken beforehand."""
    return next_case_number(session, KIND, year)


def compose_reminder(
    session: Session, customer: Customer, today: date, now: datetime
) -> DunningLetter | None:
    """The reminder before due of a customer, proposed; None when nothing new falls due, the total is too small, or
    the customer has no address for it."""
    draft = reminder_of(session, customer, today)
    if draft is None:
        return None
    number = letter_number(session, customer.id, today.year)
    letter = DunningLetter(
        number=number, customer_id=customer.id, level=REMINDER, status="proposed", created_at=now
    )
    write(session, letter, draft, today)
    return letter


def renew(session: Session, letter: DunningLetter, today: date) -> bool:
    """Write a letter that has not gone out anew from the books of today; False when nothing of it is owed any more."""
    reached = max((item.due_date for item in letter.items if item.demands), default=today)
    session.execute(delete(DunningItem).where(DunningItem.letter_id == letter.id))
    draft = draft_of(session, letter.customer, letter.level, today, reached)
    if draft is None:
        return False
    write(session, letter, draft, today)
    return True


# --- what it says -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter before it is written: its items, those that it demands, its sums and how it goes out."""

    items: Sequence[DueItem]
    new: frozenset[int]
    sums: Sequence[Total]
    channel: str
    contact: Contact | None
    pay_by: date | None


def draft_of(session: Session, customer: Customer, level: str, today: date, reached: date) -> Draft | None:
    """What would be written at this level now; the customer's row is held until the commit, so that two ask in turn.

    Nothing to an insolvent customer: the claim goes to the administrator.
    """
    hold(session, customer.id)
    if insolvency_of(session, customer.id, today) is not None:
        return None
    policy = policy_of(session, today)
    items: Sequence[DueItem] = debts_due(session, customer.id, today, promise_grace(session, today))
    new = newly_demanded(items, level, reached)
    if not new:
        return None
    if level in policy.with_interest:
        items = with_charges(session, items, customer.country, today)
    sums = totals(items, credits_of(session, customer.id))
    if not asks_for_something(sums):
        return None
    channel, contact = way_to(session, customer, policy, level)
    return Draft(items, new, sums, channel or "letter", contact, pay_by(session, policy, level, today))


def reminder_of(session: Session, customer: Customer, today: date) -> Draft | None:
    """What a reminder before due would name now: debts due from today to the last day of policy, each once.

    An insolvent customer is reminded of nothing.
    """
    hold(session, customer.id)
    if insolvency_of(session, customer.id, today) is not None:
        return None
    policy = policy_of(session, today)
    until = today + timedelta(days=policy.remind_before)
    grace = promise_grace(session, today)
    items = debts_between(session, customer.id, today, today - timedelta(days=1), until, grace)
    new = newly_demanded(items, REMINDER, until)
    items = [item for item in items if item.item_id in new]
    sums = totals(items, credits_of(session, customer.id))
    channel, contact = way_to(session, customer, policy, REMINDER)
    if channel is None or not asks_for_something(sums) or is_small(session, policy, sums, today):
        return None
    return Draft(items, new, sums, channel, contact, None)


def write(session: Session, letter: DunningLetter, draft: Draft, today: date) -> None:
    """Put the draft into a letter that has not gone out: text, sums and items; flushed."""
    customer = session.get_one(Customer, letter.customer_id)
    language = language_of(customer.country)
    text = text_in_force(session, letter.level, language, draft.channel)
    facts = facts_of(session, letter.number, customer, draft, today)
    letter.subject, letter.body = filled(text, facts)
    _head(letter, draft, facts, text, language)
    letter.address = _address(draft, customer, language)
    if letter in session:
        session.flush()
        session.expire(letter, ["items"])
    else:
        add_row(session, letter)
    add_rows(session, DunningItem, [_row(letter, item, draft.new) for item in draft.items])


def facts_of(session: Session, number: str, customer: Customer, draft: Draft, today: date) -> Facts:
    """What the text of a letter is filled with."""
    policy = policy_of(session, today)
    return Facts(
        number=number,
        customer=customer,
        contact=draft.contact.name if draft.contact else "",
        company=the_company(session).name,
        letter_on=today,
        pay_by=draft.pay_by,
        items=draft.items,
        totals=draft.sums,
        accounts=policy.pay_to(total.currency for total in draft.sums),
        sender=policy.sender,
    )


def preview(session: Session, customer: Customer, text: Text, today: date) -> tuple[str, str]:
    """(subject, body) of a text with the customer's figures of today, whether or not a letter would go out; nothing is
    written. Raises Refused when nothing is owed that it could name, or a rate is missing."""
    policy, grace = policy_of(session, today), promise_grace(session, today)
    if text.level == REMINDER:
        until = today + timedelta(days=policy.remind_before)
        items: Sequence[DueItem] = debts_between(
            session, customer.id, today, today - timedelta(days=1), until, grace
        )
    else:
        items = debts_due(session, customer.id, today, grace)
    if not any(item.claimed > 0 for item in items):
        raise Refused(
            _(
                "%(name)s owes nothing now that this letter would name; choose another customer.",
                name=customer.name,
            )
        )
    if text.level in policy.with_interest:
        items = with_charges(session, items, customer.country, today)
    _channel, contact = way_to(session, customer, policy, text.level)
    last = None if text.level == REMINDER else pay_by(session, policy, text.level, today)
    draft = Draft(
        items, frozenset(), totals(items, credits_of(session, customer.id)), text.channel, contact, last
    )
    return filled(text, facts_of(session, f"DUN-{today.year}-00000", customer, draft, today))


def _head(letter: DunningLetter, draft: Draft, facts: Facts, text: Text, language: str) -> None:
    letter.language, letter.channel = language, draft.channel
    letter.letter_on, letter.pay_by = facts.letter_on, draft.pay_by
    letter.contact_id = draft.contact.id if draft.contact else None
    letter.contact_name = facts.contact
    letter.template_id = text.template_id
    letter.sender, letter.accounts = list(facts.sender), [list(one) for one in facts.accounts]
    letter.totals = [
        {"currency": one.currency}
        | {name: str(getattr(one, name)) for name in ("claimed", "interest", "fee", "credit", "to_pay")}
        for one in draft.sums
    ]


def _address(draft: Draft, customer: Customer, language: str) -> str:
    if draft.channel == "email" and draft.contact:
        return draft.contact.email
    if draft.channel == "sms" and draft.contact:
        return e164(draft.contact.phone)
    country = country_in(language, customer.country) if customer.country else ""
    return "\n".join(part for part in (customer.name, customer.address, customer.city, country) if part)


def _row(letter: DunningLetter, item: DueItem, new: frozenset[int]) -> dict[str, Any]:
    return {
        "letter_id": letter.id, "item_id": item.item_id, "level": letter.level, "demands": item.item_id in new,
        "number": item.number, "document_date": item.document_date, "due_date": item.due_date,
        "days_overdue": item.days_overdue, "currency": item.currency, "open_amount": item.open_amount,
        "disputed": item.disputed, "promised": item.promised, "claimed": item.claimed, "interest": item.interest,
        "fee": item.fee, "fee_currency": item.fee_currency if item.fee else None,
    }  # fmt: skip


# --- by which rules -----------------------------------------------------------------------------------------------


@once
def policy_of(session: Session, day: date) -> DunningPolicy:
    """The policy of letters on `day`."""
    return DunningPolicy.from_policy(policy_values(session, day))


def promise_grace(session: Session, day: date) -> int:
    """Days after its day for which a promise still counts."""
    return collection_stage.policy_of(session, day).promise_grace


@once
def calendar_of(session: Session, day: date) -> BusinessCalendar:
    """The business days by the policy of `day`."""
    return BusinessCalendar.from_policy(policy_values(session, day), holidays(session))


def reached_by(session: Session, case: CollectionCase, stage: str, today: date) -> date:
    """The due date up to which a debt has reached the stage: as old as the case's ladder asks, or the one that has
    brought the case there (after a broken promise, or by hand, before its days)."""
    days = collection_stage.policy_of(session, today).ladders[case.ladder].days[STAGES.index(stage)]
    by_age = last_business_day(today, calendar_of(session, today)) - timedelta(days=days)
    return max(by_age, case.oldest_due or by_age)


def pay_by(session: Session, policy: DunningPolicy, level: str, today: date) -> date:
    """The day by which a letter of today asks to pay, a business day."""
    return calendar_of(session, today).next_business_day(today + timedelta(days=policy.pay_within[level]))


def way_to(
    session: Session, customer: Customer, policy: DunningPolicy, level: str
) -> tuple[str | None, Contact | None]:
    """(channel, contact) by which the customer gets a letter of this level; None: no way leads there."""
    people = reachable(session, customer.id)
    by_mail = next((one for one in people if one.email), None)
    by_phone = next((one for one in people if is_e164(one.phone)), None)
    channel = policy.channel(level, email=by_mail is not None, phone=by_phone is not None)
    return channel, by_phone if channel == "sms" else by_mail


def is_small(session: Session, policy: DunningPolicy, sums: Sequence[Total], today: date) -> bool:
    """Whether the total is below what policy reminds of. Without a rate nobody can tell: then it is not."""
    pairs = [(total.to_pay, total.currency) for total in sums]
    try:
        worth = convert_all(session, pairs, the_company(session).base_currency, today)
    except MissingRate:
        return False
    return sum(worth) < policy.remind_from


@once
def hold(session: Session, customer_id: int) -> None:
    """Hold the customer's row until the commit. Raises NotFound."""
    query = select(Customer.id).where(Customer.id == customer_id).with_for_update(key_share=True)
    if session.scalar(query) is None:
        raise NotFound(_("There is no such customer, or it is not yours to see."))
