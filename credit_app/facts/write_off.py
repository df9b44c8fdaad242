"""A write-off under way: what is proposed on what evidence, who may decide, and writing the debts off."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain import separation
from credit_app.domain.money import round_money
from credit_app.domain.write_off import GROUNDS, WriteOffPolicy
from credit_app.facts.collection import signal
from credit_app.facts.ledger import hold_item
from credit_app.facts.ledger_items import adjust_item, live_marks
from credit_app.facts.people import people_with, plain
from credit_app.i18n import _, said
from credit_app.models import (
    CustomerDocument,
    ItemBalance,
    Person,
    ReceivableItem,
    convert_all,
    policy_values,
    the_company,
)
from credit_app.models.write_off import WriteOff, WriteOffDecision, WriteOffEvidence, WriteOffItem
from workflows import Action, Conflict, InvalidAnswer, NotFound, history

PROPOSER_ROLES = ("collector", "receivables")
RUNNING = ("proposing", "in_approval")
LEAST_TEXT = 5
PROPOSE = [("write_off", "propose_write_off")]


@dataclass(frozen=True, slots=True)
class Debt:
    """A debt that can be proposed, with what is open of it; `days` past due (below zero: before)."""

    item: ReceivableItem
    open_amount: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed: the debts, why, the documents that show it, in words. Ids as they were sent."""

    choice: str
    item_ids: Sequence[int]
    ground: str
    document_ids: Sequence[int]
    note: str


def write_off_of(action: Action) -> WriteOff:
    """The write-off that a case is about. Raises NotFound."""
    return get_write_off(action.session, action.subject_id)


def get_write_off(session: Session, write_off_id: int) -> WriteOff:
    """The write-off with that id. Raises NotFound."""
    found = session.get(WriteOff, write_off_id)
    if found is None:
        raise NotFound(_("There is no such write-off, or it is not yours to see."))
    return found


def by_number(session: Session, number: str) -> WriteOff:
    """The write-off with that number. Raises NotFound."""
    found = session.scalar(select(WriteOff).where(WriteOff.number == number))
    if found is None:
        raise NotFound(_("There is no such write-off, or it is not yours to see."))
    return found


def hold(action: Action, *statuses: str) -> WriteOff:
    """The write-off, held until the commit. Raises Conflict when it is in none of these statuses any more."""
    found = write_off_of(action)
    action.session.refresh(found, with_for_update=True)
    if found.status not in statuses:
        raise Conflict(_("This write-off was dealt with already."))
    return found


def policy_of(session: Session, day: date) -> WriteOffPolicy:
    """The policy of `day`."""
    return WriteOffPolicy.from_policy(policy_values(session, day))


def running_of(session: Session, customer_id: int) -> WriteOff | None:
    """The write-off that is under way for a customer."""
    return session.scalar(
        select(WriteOff).where(WriteOff.customer_id == customer_id, WriteOff.status.in_(RUNNING))
    )


def debts_of(session: Session, customer_id: int, today: date) -> list[Debt]:
    """What is open of the customer's debts, the oldest due date first."""
    query = (
        select(ReceivableItem, ItemBalance.open_amount)
        .join(ItemBalance, ItemBalance.item_id == ReceivableItem.id)
        .where(
            ItemBalance.customer_id == customer_id,
            ItemBalance.kind != "credit_note",
            ItemBalance.open_amount > 0,
        )
        .order_by(ReceivableItem.due_date, ReceivableItem.id)
    )
    return [Debt(row[0], row[1], (today - row[0].due_date).days) for row in session.execute(query)]


def documents_of(session: Session, customer_id: int) -> Sequence[CustomerDocument]:
    """The documents of the customer's file, the newest first."""
    query = select(CustomerDocument).where(CustomerDocument.customer_id == customer_id)
    return session.scalars(query.order_by(CustomerDocument.id.desc())).all()


# --- proposing ----------------------------------------------------------------------------------------------------


def propose(action: Action, answer: Proposal) -> None:
    """Keep what is proposed. Raises InvalidAnswer naming the field, MissingRate, Conflict."""
    session, found = action.session, hold(action, "proposing")
    chosen = _chosen(session, found, answer.item_ids, action.today)
    documents = set(answer.document_ids)
    own = {row.id for row in documents_of(session, found.customer_id)}
    if not documents <= own:
        raise InvalidAnswer("documents", _("Choose documents of this customer's file."))
    if answer.ground not in GROUNDS:
        raise InvalidAnswer("ground", _("Choose why these debts cannot be collected."))
    if len(answer.note.strip()) < LEAST_TEXT:
        raise InvalidAnswer("note", _("Say what was tried and why nothing more can be expected."))
    total = total_of(session, [(debt.open_amount, debt.item.currency) for debt in chosen], action.today)
    youngest = min(debt.days for debt in chosen)
    lacks = policy_of(session, action.today).lacks(answer.ground, len(documents), youngest, total)
    if lacks:
        raise InvalidAnswer("ground", " ".join(said(one) for one in lacks))
    found.items, found.evidence = [], []
    session.flush()  # what was proposed before goes first: the same debt may be proposed again
    found.items = [WriteOffItem(item_id=debt.item.id, amount=debt.open_amount) for debt in chosen]
    found.evidence = [WriteOffEvidence(document_id=one) for one in sorted(documents)]
    found.ground, found.note = answer.ground, answer.note.strip()[:2000]
    found.amount, found.currency = total, the_company(session).base_currency
    found.proposed_by, found.proposed_for = action.actor.person_id, action.actor.on_behalf_of
    found.proposed_on, found.round = action.today, found.round + 1
    found.status = "in_approval"
    session.flush()


def withdraw(action: Action) -> None:
    """The proposal is given up. Raises Conflict."""
    found = hold(action, *RUNNING)
    found.status = "withdrawn"


def total_of(session: Session, amounts: list[tuple[Decimal, str]], today: date) -> Decimal:
    """The sum in base currency at today's rates. Raises MissingRate."""
    base = the_company(session).base_currency
    return round_money(sum(convert_all(session, amounts, base, today), Decimal(0)))


def _chosen(session: Session, found: WriteOff, item_ids: Collection[int], today: date) -> list[Debt]:
    """The debts that were chosen, held until the commit. Raises InvalidAnswer for one that cannot be written off."""
    if not item_ids:
        raise InvalidAnswer("items", _("Choose at least one debt."))
    for item_id in sorted(set(item_ids)):
        hold_item(session, item_id)
    debts = {debt.item.id: debt for debt in debts_of(session, found.customer_id, today)}
    chosen = []
    for item_id in sorted(set(item_ids)):
        if item_id not in debts:
            item = session.get_one(ReceivableItem, item_id)
            if item.customer_id != found.customer_id:
                raise InvalidAnswer("items", _("One of these items belongs to another customer."))
            raise InvalidAnswer(
                "items", _("%(number)s is paid; nothing is left to write off.", number=item.number)
            )
        chosen.append(debts[item_id])
    check_free(session, found, [debt.item for debt in chosen], "items", today)
    return chosen


def check_free(
    session: Session, found: WriteOff, items: Sequence[ReceivableItem], field: str, today: date
) -> None:
    """None of the items is disputed, or part of another write-off under way. Raises InvalidAnswer."""
    ids = [item.id for item in items]
    marked = {mark.item_id for mark in live_marks(session, ids, today) if mark.kind == "disputed"}
    elsewhere = set(
        session.scalars(
            select(WriteOffItem.item_id)
            .join(WriteOff, WriteOff.id == WriteOffItem.write_off_id)
            .where(WriteOffItem.item_id.in_(ids), WriteOff.id != found.id, WriteOff.status.in_(RUNNING))
        )
    )
    for item in items:
        if item.disputed or item.id in marked:
            raise InvalidAnswer(
                field, _("%(number)s is disputed; settle the dispute first.", number=item.number)
            )
        if item.id in elsewhere:
            raise InvalidAnswer(field, _("%(number)s is part of another write-off.", number=item.number))


# --- deciding -----------------------------------------------------------------------------------------------------


def proposers(session: Session, found: WriteOff, action: Action | None = None) -> frozenset[int]:
    """Everybody who began or proposed this write-off in any round, also on whose behalf."""
    people = {found.made_by, found.proposed_by, found.proposed_for}
    if found.instance_id is not None:
        people |= history.people_who_completed(session, found.instance_id, PROPOSE)
    if action is not None and action.actor.person_id is not None and action.node == "propose_write_off":
        people |= {action.actor.person_id, action.actor.on_behalf_of}
    return frozenset(person for person in people if person is not None)


def facts_of_decision(session: Session, found: WriteOff, level: str) -> separation.DecisionFacts:
    """Who may not decide: whoever proposed."""
    return separation.DecisionFacts(level, found.customer.branch_id, proposers(session, found))


def eligible(session: Session, found: WriteOff, level: str) -> frozenset[int]:
    """Ids of the people who may decide at a level in their own right."""
    people = [plain(person) for person in people_with(session, [level])]
    return separation.eligible_persons(people, facts_of_decision(session, found, level))


def deciding_level(action: Action, found: WriteOff) -> str:
    """The level whose band holds the total; the next one above with somebody who may, where nobody of it may."""
    policy = policy_of(action.session, action.today)
    ladder = policy.levels_from(policy.level(found.amount or Decimal(0)))
    return next((level for level in ladder if eligible(action.session, found, level)), ladder[-1])


def decide(action: Action, decision: str, reason: str) -> None:
    """Record what the level decides. Raises InvalidAnswer naming the field, Conflict."""
    session, found = action.session, hold(action, "in_approval")
    if decision != "approve" and len(reason.strip()) < LEAST_TEXT:
        raise InvalidAnswer("reason", _("Give a reason that the proposer and the auditor understand."))
    if decision == "approve":
        _check_still(session, found, action.today)
    session.add(
        WriteOffDecision(
            write_off_id=found.id,
            round=found.round,
            level=action.task.role if action.task else "",
            decision=decision,
            amount=found.amount or Decimal(0),
            reason=reason.strip()[:2000],
            person_id=action.actor.person_id or 0,
            on_behalf_of=action.actor.on_behalf_of,
            decided_at=action.now,
        )
    )
    if decision == "refuse":
        found.status = "refused"
    elif decision == "send_back":
        found.status = "proposing"


def _check_still(session: Session, found: WriteOff, today: date) -> None:
    """Every debt is open as it was proposed. Raises InvalidAnswer naming the first that is not."""
    for row in found.items:
        still_open = hold_item(session, row.item_id).open_amount
        if still_open != row.amount:
            raise InvalidAnswer(
                "choice",
                _(
                    "%(open)s is open of %(number)s now, proposed was %(amount)s; send the proposal back.",
                    open=still_open,
                    number=row.item.number,
                    amount=row.amount,
                ),
            )
    check_free(session, found, [row.item for row in found.items], "choice", today)


def write_debts_off(action: Action) -> None:
    """Adjust every debt to zero and enter its claim into the register; the collection case is looked at again."""
    session, found = action.session, hold(action, "in_approval")
    for row in found.items:
        note = _("Write-off %(number)s", number=found.number)
        entry = adjust_item(
            session, row.item, -row.amount, action.today, "written_off", note, action.today,
            made_by=action.actor.person_id,
        )  # fmt: skip
        row.written, row.adjustment_id = row.amount, entry.id
    found.status, found.written_on = "written_off", action.today
    signal(session, found.customer_id, "written_off")


def told(session: Session, found: WriteOff) -> list[int]:
    """Who proposed, to be told what became of it."""
    people = {found.proposed_by, found.proposed_for}
    active = select(Person.id).where(Person.id.in_([one for one in people if one]), Person.active)
    return sorted(session.scalars(active))
