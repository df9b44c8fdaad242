"""Disputes: opening one over parts of items, who has it, what is found and proposed, and how it ends."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, select, text
from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.domain.disputes import (
    DISPUTE_REASONS,
    PROPOSALS,
    ROOT_CAUSES,
    DisputePolicy,
    needs_contract_review,
)
from credit_app.domain.marks import standing
from credit_app.domain.money import format_amount, minor_units
from credit_app.facts import ledger_items
from credit_app.facts.cash import addressees
from credit_app.facts.collection import log_contact
from credit_app.facts.customer_documents import Handed, file_under
from credit_app.facts.deadlines import close_of, days_after, due_after
from credit_app.facts.ledger import OWN_SOURCE, hold_item
from credit_app.facts.people import ids_with
from credit_app.i18n import _, written_day
from credit_app.models import (
    Customer,
    ItemBalance,
    ItemMark,
    ReceivableItem,
    convert,
    next_case_number,
    policy_values,
    the_company,
)
from credit_app.models.disputes import (
    DISPUTES_RUNNING,
    Dispute,
    DisputeDocument,
    DisputeItem,
    ImportedDisputeEnd,
)
from workflows import Action, Assignment, Conflict, InvalidAnswer, NotFound, clock

KIND = "dispute"
DUE = "dispute.due_after_days"
LEAST_WORDS = 5
MOST_OFFERED = 200
ZERO = Decimal(0)


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


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: root cause, finding, proposal, the ground that the customer reads; for a credit in part
    part id -> (the form's row, amount)."""

    proposal: str
    cause: str
    finding: str
    ground: str
    credits: Mapping[int, tuple[str, Decimal | None]]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a level answered; `seen` is what could be credited when its page was shown."""

    choice: str
    note: str
    seen: str


def policy_of(session: Session, day: date) -> DisputePolicy:
    """The policy of `day`."""
    return DisputePolicy.from_policy(policy_values(session, day))


def dispute_of(action: Action) -> Dispute:
    """The dispute that a process is about. Raises NotFound."""
    found = action.session.get(Dispute, action.subject_id)
    if found is None:
        raise NotFound(_("There is no such case, or it is not yours to see."))
    return found


# --- opening ----------------------------------------------------------------------------------------------------------


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
    taken = sum((mark.amount for mark in _disputed_marks(session, [item.id], today)), ZERO)
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


def _disputed_marks(session: Session, item_ids: Sequence[int], day: date) -> list[ItemMark]:
    return [mark for mark in ledger_items.live_marks(session, item_ids, day) if mark.kind == "disputed"]


# --- invoices that came in as disputed -------------------------------------------------------------------------------


def is_flagged(session: Session, item: ReceivableItem) -> bool:
    """Whether an invoice came in as disputed and nothing has ended that yet."""
    ended = select(exists().where(ImportedDisputeEnd.item_id == item.id))
    return item.disputed and not session.scalar(ended)


def end_flag(
    session: Session,
    item: ReceivableItem,
    today: date,
    who: int,
    now: datetime,
    *,
    dispute: Dispute | None = None,
    reason: str = "",
) -> ImportedDisputeEnd:
    """The invoice is disputed no longer as it came in: settled for a reason, or taken over by a dispute.

    Raises InvalidAnswer, Conflict.
    """
    hold_item(session, item.id)  # two at once take their turn
    if dispute is None and len(reason.strip()) < LEAST_WORDS:
        raise InvalidAnswer("reason", _("Say in a few words how the dispute was settled."))
    if not is_flagged(session, item):
        raise Conflict(_("This dispute was ended already."))
    row = ImportedDisputeEnd(
        item_id=item.id, ended_on=today, dispute_id=dispute.id if dispute else None, reason=reason.strip()[:500],
        made_by=who, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def of_mark(session: Session, mark_id: int) -> Dispute | None:
    """The running dispute that holds a mark: it ends the mark, nobody else does."""
    query = select(Dispute).join(DisputeItem).where(DisputeItem.mark_id == mark_id, DisputeItem.live)
    return session.scalar(query)


# --- the way of a dispute --------------------------------------------------------------------------------------------


def pause(action: Action) -> None:
    """Mark the disputed parts, so that collection leaves them out."""
    row = dispute_of(action)
    for part in row.items:
        if part.mark_id is None:
            part.mark_id = _mark(action, part, part.amount).id


def _mark(action: Action, part: DisputeItem, amount: Decimal) -> ItemMark:
    return ledger_items.mark_item(
        action.session, part.item, "disputed", amount, action.today, part.dispute.number, action.today,
        made_by=action.actor.person_id,
    )  # fmt: skip


def find_owner(action: Action) -> dict[str, Any]:
    """Whose it is (`owner_role`), and when to remind and to escalate; one that was sent back gets its days anew."""
    row, session = dispute_of(action), action.session
    policy = policy_of(session, action.today)
    branch, roles = row.customer.branch_id, policy.owners[row.reason]
    row.owner_role = next((role for role in roles if ids_with(session, role, branch)), roles[0])
    if row.investigated_by is not None or row.answer_by < action.today:
        due = days_after(session, action.now, action.today, policy.answer_days[row.reason])
        row.answer_by = day_in_zone(due, the_company(session).time_zone)
    row.status = "investigating"
    deadline = close_of(session, row.answer_by, action.today)
    remind = min(due_after(session, action.now, action.today, "dispute.remind_after_days"), deadline)
    return {
        "owner_role": row.owner_role,
        "remind_at": remind.isoformat(),
        "escalate_at": deadline.isoformat(),
    }


def to_investigate(action: Action) -> Assignment:
    """The owner of the branch; a sales rep's own customer is that rep's. Whoever investigated has it again."""
    row = dispute_of(action)
    role, branch = str(action.data["owner_role"]), row.customer.branch_id
    there = ids_with(action.session, role, branch)
    first = (row.investigated_by, row.customer.sales_rep_id if role == "sales_rep" else None)
    mine = next((one for one in first if one in there), None)
    due = datetime.fromisoformat(str(action.data["escalate_at"]))
    return Assignment(role, branch, due, claimed_by=mine)


def remind(action: Action) -> None:
    """Remind whoever has it."""
    row = dispute_of(action)
    action.mail(_owners(action, row), "dispute_reminder", case_kind=KIND, case_id=row.id)


def escalate(action: Action) -> None:
    """Tell those who lead the owner that the customer waits longer than was promised."""
    row, session = dispute_of(action), action.session
    row.escalated_on = action.today
    role = policy_of(session, action.today).leads[str(action.data["owner_role"])]
    people = ids_with(session, role, row.customer.branch_id)
    action.mail({*people, *_owners(action, row)}, "dispute_escalated", case_kind=KIND, case_id=row.id)


def _owners(action: Action, row: Dispute) -> list[int]:
    role = str(action.data["owner_role"])
    there = ids_with(action.session, role, row.customer.branch_id)
    rep = row.customer.sales_rep_id
    return [rep] if role == "sales_rep" and rep in there else there


def hold(action: Action, status: str) -> Dispute:
    """The dispute with its items, held until the commit. Raises Conflict when it is at another step by now."""
    row = dispute_of(action)
    action.session.refresh(row, with_for_update=True)
    if row.status != status:
        raise Conflict(_("This dispute was dealt with already."))
    for part in sorted(row.items, key=lambda one: one.item_id):
        hold_item(action.session, part.item_id)
    return row


def left_of(session: Session, row: Dispute, day: date) -> dict[int, Decimal]:
    """Part id -> what of the disputed part is still open."""
    live = [part for part in row.items if part.live]
    ids = [part.item_id for part in live]
    balances = {
        one.item_id: one.open_amount
        for one in session.scalars(
            select(ItemBalance).where(ItemBalance.item_id.in_(ids)).execution_options(populate_existing=True)
        )
    }
    found: dict[int, Decimal] = {}
    marks = _disputed_marks(session, ids, day)
    for part in live:
        own = [(mark.id, mark.kind, mark.amount) for mark in marks if mark.item_id == part.item_id]
        found[part.id] = standing(balances[part.item_id], own).get(part.mark_id or 0, ZERO)
    return found


def investigate(action: Action, found: Found) -> None:
    """Write down what was found and what is proposed. Raises InvalidAnswer naming the field, Conflict."""
    row, session = hold(action, "investigating"), action.session
    if found.proposal not in PROPOSALS:
        raise InvalidAnswer("choice", _("Choose what you propose."))
    if found.cause not in ROOT_CAUSES:
        raise InvalidAnswer("cause", _("Choose the root cause."))
    if len(found.finding) < LEAST_WORDS:
        raise InvalidAnswer("finding", _("Say in a few words what was found."))
    if found.proposal != "credited" and len(found.ground) < LEAST_WORDS:
        raise InvalidAnswer("ground", _("Give the ground; the customer reads it."))
    left = left_of(session, row, action.today)
    credits = _credits(row, found, left)
    for part in row.items:
        part.credit = credits.get(part.id, ZERO)
    row.proposal, row.cause, row.finding = found.proposal, found.cause, found.finding[:2000]
    row.ground = found.ground[:1000] if found.proposal != "credited" else ""
    row.investigated_by, row.investigated_on = action.actor.person_id, action.today
    row.decided_by = row.decided_on = row.level = None
    row.contract_review = row.contract_review or needs_contract_review(row.reason, found.cause)
    if found.proposal != "rejected":
        row.status = "in_decision"
    session.flush()


def _credits(row: Dispute, found: Found, left: Mapping[int, Decimal]) -> dict[int, Decimal]:
    if found.proposal == "rejected":
        return {}
    if found.proposal == "credited":
        return dict(left)
    credits: dict[int, Decimal] = {}
    for part in row.items:
        place, amount = found.credits.get(part.id, ("", None))
        if not part.live or not amount:
            continue
        at = f"{place}-amount"
        if amount < 0 or amount != round(amount, minor_units(part.item.currency)):
            raise InvalidAnswer(
                at, _("Give an amount above zero, without more decimals than its currency has.")
            )
        if amount > left[part.id]:
            raise InvalidAnswer(
                at,
                _(
                    "%(left)s of %(number)s is disputed; no more than that can be credited.",
                    left=format_amount(left[part.id]),
                    number=part.item.number,
                ),
            )
        credits[part.id] = amount
    total = sum(credits.values(), ZERO)
    if total == 0:
        raise InvalidAnswer("choice", _("Enter what is to be credited of at least one invoice."))
    if total == sum(left.values(), ZERO):
        raise InvalidAnswer("choice", _("That is all of it; propose a credit note for all."))
    return credits


def level(action: Action) -> dict[str, Any]:
    """Who decides, by the amount (`level`): the lowest level in which somebody else is there than who took part."""
    row, session = dispute_of(action), action.session
    base = the_company(session).base_currency
    amount = convert(session, proposed(row), row.currency or base, base, action.today)
    levels = policy_of(session, action.today).levels_for(amount)
    part_in = {row.made_by, row.investigated_by}
    for one in levels:
        if set(ids_with(session, one, row.customer.branch_id)) - part_in:
            return {"level": one}
    return {"level": levels[-1]}


def proposed(row: Dispute) -> Decimal:
    """The sum of the credit that is proposed."""
    return sum((part.credit for part in row.items), ZERO)


def to_decide(action: Action) -> Assignment:
    """The level that was found, less whoever opened the dispute or proposes."""
    row = dispute_of(action)
    due = due_after(action.session, action.now, action.today, DUE)
    excluded = tuple({one for one in (row.made_by, row.investigated_by) if one is not None})
    return Assignment(str(action.data["level"]), row.customer.branch_id, due, excluded)


def creditable(session: Session, row: Dispute, day: date) -> dict[int, Decimal]:
    """Part id -> what of the proposed credit can be booked today: what was paid meanwhile is not credited."""
    left = left_of(session, row, day)
    return {part.id: min(part.credit, left[part.id]) for part in row.items if part.live and part.credit}


def decide(action: Action, decision: Decision) -> None:
    """Approve, refuse or send back. Raises InvalidAnswer naming the field, Conflict."""
    row = hold(action, "in_decision")
    if decision.choice not in ("approve", "refuse", "send_back"):
        raise InvalidAnswer("choice", _("Choose approve, refuse or send back."))
    if decision.choice != "approve" and len(decision.note) < LEAST_WORDS:
        raise InvalidAnswer("note", _("Say why."))
    if decision.choice == "approve":
        now = sum(creditable(action.session, row, action.today).values(), ZERO)
        if now <= 0:
            raise InvalidAnswer("choice", _("Nothing of it is open any more; refuse it."))
        if decision.seen != str(now):
            raise Conflict(
                _(
                    "Meanwhile something was paid: %(left)s %(currency)s can be credited now. Look again and decide.",
                    left=format_amount(now),
                    currency=row.currency,
                )
            )
    row.decided_by, row.decided_on = action.actor.person_id, action.today
    row.level, row.decision_note = str(action.data["level"]), decision.note[:1000]
    if decision.choice == "refuse":
        row.ground = decision.note[:1000]
    action.session.flush()


def book(action: Action) -> dict[str, Any]:
    """Credit the items, end the marks, tell the customer; says whether all of it was credited (`result`)."""
    row, session = dispute_of(action), action.session
    left, now = left_of(session, row, action.today), creditable(session, row, action.today)
    for part in row.items:
        part.credit = now.get(part.id, ZERO)
        if part.credit and part.adjustment_id is None:
            entry = ledger_items.adjust_item(
                session, part.item, -part.credit, action.today, "price" if row.reason == "amount" else "other",
                _("Credit note for the dispute %(number)s", number=row.number), action.today,
                source=OWN_SOURCE, external_id=f"dispute:{row.id}:{part.id}", made_by=action.actor.person_id,
            )  # fmt: skip
            part.adjustment_id = entry.id
    row.credited = proposed(row)
    result = "credited" if row.credited == sum(left.values(), ZERO) else "partly"
    _end(action, row, result)
    _tell(action, row, "dispute_credited")
    return {"result": result}


def reject(action: Action) -> dict[str, Any]:
    """End the marks, so that the parts count again, and tell the customer why (`result`)."""
    row = dispute_of(action)
    for part in row.items:
        part.credit = ZERO
    _end(action, row, "rejected")
    _tell(action, row, "dispute_rejected")
    return {"result": "rejected"}


def close_paid(action: Action) -> None:
    """Nothing of it is open any more."""
    row = dispute_of(action)
    for part in row.items:
        part.credit = ZERO
    _end(action, row, "paid")


def _end(action: Action, row: Dispute, status: str) -> None:
    for part in row.items:
        if part.live and part.mark_id is not None:
            mark = action.session.get_one(ItemMark, part.mark_id)
            ledger_items.end_mark(
                action.session, mark, action.today, row.number, action.today, action.actor.person_id
            )
        part.live = False
    row.status, row.closed_on = status, action.today
    action.session.flush()


def _tell(action: Action, row: Dispute, template: str) -> None:
    """Write to the customer's contact, and note on its log that it was told."""
    contact = next(iter(addressees(action.session, row.customer_id)), None)
    if contact is None:
        action.note("no_address", customer_id=row.customer_id)
        return
    log_contact(
        action.session, row.customer_id, "email", "sent", reached=contact.name, note=row.number,
        made_by=action.actor.person_id,
    )  # fmt: skip
    action.mail_to([f"contact:{contact.id}"], template, case_kind=KIND, case_id=row.id)


# --- payments ---------------------------------------------------------------------------------------------------------

# A dispute stands longest: what comes pays what is not disputed first, so a part was paid when less than all that is
# disputed of its item is open.
_PAID = text("""
    SELECT DISTINCT d.id FROM dispute_item p JOIN dispute d ON d.id = p.dispute_id
        JOIN item_balance b ON b.item_id = p.item_id
    WHERE p.live AND p.mark_id IS NOT NULL AND d.status IN ('investigating', 'in_decision')
        AND d.instance_id IS NOT NULL AND b.open_amount < (
            SELECT sum(m.amount) FROM item_mark m WHERE m.item_id = p.item_id AND m.kind = 'disputed'
                AND m.ends_id IS NULL AND NOT EXISTS (SELECT FROM item_mark x WHERE x.ends_id = m.id))
    ORDER BY d.id
""")


def paid_in_part(session: Session) -> list[int]:
    """The running disputes of which something may have been paid since it was looked at."""
    return [row.id for row in session.execute(_PAID)]


def take_in_payments(session: Session, row: Dispute, day: date) -> Decimal:
    """End the marks of what was paid, mark the rest anew; returns what of the dispute is still open."""
    for part in sorted(row.items, key=lambda one: one.item_id):
        hold_item(session, part.item_id)
    left = left_of(session, row, day)
    for part in row.items:
        if not part.live or part.mark_id is None or left[part.id] == part.amount - part.paid:
            continue
        ledger_items.end_mark(session, session.get_one(ItemMark, part.mark_id), day, row.number, day)
        part.paid = part.amount - left[part.id]
        part.credit = min(part.credit, left[part.id])
        if left[part.id] > 0:
            mark = ledger_items.mark_item(session, part.item, "disputed", left[part.id], day, row.number, day)
            part.mark_id = mark.id
        else:
            part.live = False
    session.flush()
    return sum(left.values(), ZERO)


def running_of(session: Session, customer_id: int) -> Iterable[Dispute]:
    """The disputes of a customer that are not over."""
    query = select(Dispute).where(Dispute.customer_id == customer_id, Dispute.status.in_(DISPUTES_RUNNING))
    return session.scalars(query.order_by(Dispute.id)).all()


def refuse_if_held(session: Session, mark: ItemMark) -> None:
    """A mark that a running dispute holds is ended there. Raises Conflict."""
    held = of_mark(session, mark.id)
    if held is not None:
        raise Conflict(
            _(
                "This part belongs to the dispute %(number)s, which ends it with its result.",
                number=held.number,
            )
        )
