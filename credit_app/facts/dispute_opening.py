"""Opening a dispute over parts of items, or over a part that another process has marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.domain.disputes import DISPUTE_REASONS, needs_contract_review
from credit_app.domain.money import format_amount, minor_units
from credit_app.facts.collection import log_contact
from credit_app.facts.customer_documents import Handed, file_under
from credit_app.facts.deadlines import days_after
from credit_app.facts.dispute_flags import end_flag, is_flagged
from credit_app.facts.dispute_marks import disputed_marks
from credit_app.facts.disputes import KIND, ZERO, policy_of
from credit_app.facts.ledger import hold_item
from credit_app.i18n import _, written_day
from credit_app.models import Customer, ItemBalance, ItemMark, ReceivableItem, next_case_number, the_company
from credit_app.models.disputes import Dispute, DisputeDocument, DisputeItem
from workflows import InvalidAnswer, clock

MOST_OFFERED = 200


@dataclass(frozen=True, slots=True)
class Part:
    """A disputed part as typed: the item by its number; `place` is the form's row."""

    place: str
    number: str
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Claim:
    """What a customer disputes, as it was taken down; `answer_by` is None where the policy's days hold."""

    reason: str
    claim: str
    claimed_by: str
    channel: str
    parts: tuple[Part, ...]
    answer_by: date | None = None
    documents: tuple[Handed, ...] = ()


def open_dispute(session: Session, customer: Customer, claim: Claim, who: int, now: datetime) -> Dispute:
    """The dispute over the parts named; its process is still to be started. The caller commits.

    Raises InvalidAnswer naming the field.
    """
    today = day_in_zone(now, the_company(session).time_zone)
    if claim.reason not in DISPUTE_REASONS:
        raise InvalidAnswer("reason", _("Choose the reason of the dispute."))
    if claim.answer_by is not None and claim.answer_by < today:
        raise InvalidAnswer(
            "answer_by", _("%(day)s is over; give today or a later day.", day=written_day(claim.answer_by))
        )
    rows = _parts(session, customer.id, claim.parts, today)
    days = policy_of(session, today).answer_days[claim.reason]
    zone = the_company(session).time_zone
    answer_by = claim.answer_by or day_in_zone(days_after(session, now, today, days), zone)
    dispute = Dispute(
        number=next_case_number(session, KIND, today.year), customer_id=customer.id, status="investigating",
        amount=sum((amount for _item, amount in rows), ZERO), currency=rows[0][0].currency, made_by=who,
        created_at=now, reason=claim.reason, claim=claim.claim, claimed_by=claim.claimed_by,
        channel=claim.channel, opened_on=today, answer_by=answer_by,
        contract_review=needs_contract_review(claim.reason, None),
        items=[DisputeItem(item_id=item.id, amount=amount) for item, amount in rows],
    )  # fmt: skip
    session.add(dispute)
    session.flush()
    for item, _amount in rows:
        if is_flagged(session, item):
            end_flag(session, item, today, who, now, dispute=dispute)
    if claim.documents:
        filed = file_under(session, customer.id, claim.documents, "other", who, now)
        session.add_all(DisputeDocument(dispute_id=dispute.id, document_id=one.id) for one in filed)
    log_contact(
        session, customer.id, claim.channel, "dispute", direction="in", reason_code="dispute",
        reached=claim.claimed_by, note=f"{dispute.number}: {claim.claim}"[:2000], made_by=who,
    )  # fmt: skip
    session.flush()
    return dispute


def adopted(
    session: Session, mark: ItemMark, reason: str, claim: str, claimed_by: str, today: date
) -> Dispute:
    """The dispute over a part that is marked already; its process is still to be started."""
    item, now = mark.item, clock.now()
    days = policy_of(session, today).answer_days[reason]
    zone = the_company(session).time_zone
    dispute = Dispute(
        number=next_case_number(session, KIND, today.year), customer_id=item.customer_id, status="investigating",
        amount=mark.amount, currency=item.currency, made_by=mark.made_by, created_at=now, reason=reason,
        claim=claim, claimed_by=claimed_by, channel="letter", opened_on=today,
        answer_by=day_in_zone(days_after(session, now, today, days), zone),
        contract_review=needs_contract_review(reason, None),
        items=[DisputeItem(item_id=item.id, amount=mark.amount, mark_id=mark.id)],
    )  # fmt: skip
    session.add(dispute)
    session.flush()
    return dispute


def offered(session: Session, customer_id: int) -> list[tuple[ReceivableItem, Decimal]]:
    """The debts of a customer that can be disputed, with what is open of each, the oldest first."""
    query = (
        select(ReceivableItem, ItemBalance.open_amount)
        .join(ItemBalance, ItemBalance.item_id == ReceivableItem.id)
        .where(
            ItemBalance.customer_id == customer_id,
            ItemBalance.open_amount != 0,
            ItemBalance.kind != "credit_note",
        )
        .order_by(ItemBalance.due_date, ItemBalance.item_id)
    )
    return [(row[0], row[1]) for row in session.execute(query.limit(MOST_OFFERED))]


def _parts(
    session: Session, customer_id: int, parts: Sequence[Part], today: date
) -> list[tuple[ReceivableItem, Decimal]]:
    """The items named with the disputed part of each, held until the commit. Raises InvalidAnswer."""
    if not parts:
        raise InvalidAnswer("rows-0-item", _("Name at least one invoice with the part that is disputed."))
    found: dict[int, tuple[ReceivableItem, Decimal]] = {}
    for part in parts:
        item = _named(session, customer_id, part)
        if found and item.currency != next(iter(found.values()))[0].currency:
            raise InvalidAnswer(f"{part.place}-item", _("Open a dispute of its own for each currency."))
        if item.id in found:
            raise InvalidAnswer(
                f"{part.place}-item", _("%(number)s stands here twice; name it once.", number=item.number)
            )
        found[item.id] = (item, _disputable(session, item, part, today))
    return list(found.values())


def _named(session: Session, customer_id: int, part: Part) -> ReceivableItem:
    query = (
        select(ReceivableItem)
        .join(ItemBalance, ItemBalance.item_id == ReceivableItem.id)
        .where(
            ReceivableItem.customer_id == customer_id,
            ReceivableItem.number == part.number,
            ReceivableItem.kind != "credit_note",
        )
        .order_by(ItemBalance.open_amount == 0, ReceivableItem.due_date, ReceivableItem.id)
        .limit(1)
    )
    item = session.scalars(query).first() if part.number else None
    if item is None:
        raise InvalidAnswer(
            f"{part.place}-item",
            _("“%(number)s” is no invoice of this customer.", number=part.number[:60]),
        )
    return item


def _disputable(session: Session, item: ReceivableItem, part: Part, today: date) -> Decimal:
    """The typed amount, when so much of the item is open and not disputed yet. Raises InvalidAnswer."""
    amount, at = part.amount, f"{part.place}-amount"
    still_open = hold_item(session, item.id).open_amount
    if still_open == 0:
        raise InvalidAnswer(
            f"{part.place}-item", _("%(number)s is paid; nothing of it can be disputed.", number=item.number)
        )
    if amount is None or amount <= 0:
        raise InvalidAnswer(at, _("Give the disputed amount, above zero."))
    if amount != round(amount, minor_units(item.currency)):
        raise InvalidAnswer(
            at, _("%(amount)s has more decimals than %(currency)s.", amount=amount, currency=item.currency)
        )
    if amount > still_open:
        raise InvalidAnswer(
            at,
            _(
                "Only %(open)s is open of %(number)s; no more than that can be disputed.",
                open=format_amount(still_open),
                number=item.number,
            ),
        )
    taken = sum((mark.amount for mark in disputed_marks(session, [item.id], today)), ZERO)
    if taken + amount > still_open:
        raise InvalidAnswer(
            at,
            _(
                "%(taken)s of %(number)s is disputed already; %(free)s more can be.",
                taken=format_amount(min(taken, still_open)),
                number=item.number,
                free=format_amount(max(still_open - taken, ZERO)),
            ),
        )
    return amount
