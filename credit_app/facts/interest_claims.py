"""Late interest as claimed and as waived: every day of an item once; what is claimed is owed by items of its own."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from credit_app.domain.errors import DomainError
from credit_app.domain.late_interest import Interest
from credit_app.domain.money import round_money
from credit_app.domain.policy_values import whole_of
from credit_app.domain.waiver import authority, bands_from_policy
from credit_app.facts.late_interest import InterestRefused, interest_of
from credit_app.facts.ledger import OWN_SOURCE, hold_item
from credit_app.facts.ledger_items import adjust_item
from credit_app.i18n import _
from credit_app.models import (
    Customer,
    ItemBalance,
    Person,
    ReceivableItem,
    convert_all,
    known_currency,
    policy_values,
    the_company,
)
from credit_app.models.late_interest import InterestAgreement, InterestClaim
from workflows import InvalidAnswer

ZERO = Decimal(0)
DAY = timedelta(days=1)
LEAST_REASON = 5
LONGEST_NUMBER = 48  # of the invoice's number in that of its interest
_DEALT = text("""
    SELECT c.item_id, sum(CASE WHEN c.outcome = 'claimed' THEN c.amount - w.amount ELSE 0 END) AS claimed,
        sum(CASE WHEN c.outcome = 'waived' THEN c.amount ELSE w.amount END) AS waived
    FROM interest_claim c CROSS JOIN LATERAL (
        SELECT coalesce(-sum(a.amount), 0) AS amount FROM adjustment a
        WHERE a.item_id = c.interest_item_id AND a.reason = 'waived'
    ) w WHERE c.item_id = ANY(:ids) GROUP BY c.item_id
""")


@dataclass(frozen=True, slots=True)
class Taken:
    """How far an item's interest was claimed or waived, whether its fee was, and how often."""

    until: date
    fee: bool
    times: int


def taken(session: Session, item_ids: Iterable[int]) -> dict[int, Taken]:
    """Item id -> what was claimed or waived of its interest, of the items of which anything was."""
    query = (
        select(InterestClaim).where(InterestClaim.item_id.in_(list(item_ids))).order_by(InterestClaim.to_on)
    )
    found: dict[int, Taken] = {}
    for row in session.scalars(query):
        before = found.get(row.item_id)
        found[row.item_id] = Taken(
            row.to_on, row.fee > 0 or (before is not None and before.fee), 1 + (before.times if before else 0)
        )
    return found


def unclaimed_of(
    session: Session, item_ids: Iterable[int], country: str | None, as_of: date
) -> dict[int, Interest]:
    """What `interest_of` says less what was claimed or waived before; items without any left are left out."""
    ids = list(item_ids)
    before = taken(session, ids)
    begins = {item_id: one.until + DAY for item_id, one in before.items()}
    found = interest_of(session, ids, country, as_of, begins)
    for item_id, one in before.items():
        if one.fee and item_id in found:
            found[item_id] = replace(found[item_id], fee=ZERO, fee_currency=None)
    return {item_id: one for item_id, one in found.items() if one.amount or one.fee}


def dealt_with(session: Session, item_ids: Iterable[int]) -> dict[int, tuple[Decimal, Decimal]]:
    """Item id -> interest of it that was claimed and that was waived, for the items of which any was; what was claimed
    and let go afterwards counts as waived."""
    return {
        row.item_id: (row.claimed, row.waived) for row in session.execute(_DEALT, {"ids": list(item_ids)})
    }


def claims_of(session: Session, customer_id: int) -> Sequence[InterestClaim]:
    """What was claimed and waived of a customer, the newest first."""
    query = (
        select(InterestClaim)
        .join(ReceivableItem, ReceivableItem.id == InterestClaim.item_id)
        .where(ReceivableItem.customer_id == customer_id)
    )
    return session.scalars(query.order_by(InterestClaim.id.desc())).all()


def late_items(session: Session, customer_id: int, as_of: date) -> list[int]:
    """The invoices of a customer that were overdue by then and open on some day after their due date."""
    query = select(ItemBalance.item_id).where(
        ItemBalance.customer_id == customer_id,
        ItemBalance.kind == "invoice",
        ItemBalance.due_date < as_of,
        (ItemBalance.open_amount > 0) | (ItemBalance.last_on > ItemBalance.due_date),
    )
    return list(session.scalars(query.order_by(ItemBalance.due_date, ItemBalance.item_id)))


def claim(
    session: Session, customer: Customer, item_ids: Collection[int], today: date, made_by: int | None
) -> list[InterestClaim]:
    """Claim what is left of the interest and fees of these invoices up to today: it is owed by items of its own.

    Raises InterestRefused when nothing is left, so that nothing is claimed twice.
    """
    left = _held(session, customer, item_ids, today)
    due = today + timedelta(days=whole_of(policy_values(session, today), "interest.terms_days"))
    return _claim(session, left, today, due, made_by)


def claim_written(
    session: Session,
    customer: Customer,
    written: Mapping[int, tuple[Decimal, Decimal]],
    until: date,
    today: date,
    due: date,
) -> list[InterestClaim]:
    """Claim what a letter of the day `until` says of invoices: item id -> (interest, fee), owed by `due`.

    Never more than is left: what was claimed or waived since the letter was written is not claimed again.
    """
    for item_id in sorted(written):
        hold_item(session, item_id)
    left = {}
    for item_id, one in unclaimed_of(session, written, customer.country, until).items():
        amount, fee = min(one.amount, written[item_id][0]), min(one.fee, written[item_id][1])
        if amount or fee:
            left[item_id] = replace(
                one, amount=amount, fee=fee, fee_currency=one.fee_currency if fee else None
            )
    return _claim(session, left, today, due, None)


def _claim(
    session: Session, left: Mapping[int, Interest], today: date, due: date, made_by: int | None
) -> list[InterestClaim]:
    times = taken(session, left)
    rows = []
    for item_id, one in left.items():
        item = session.get_one(ReceivableItem, item_id)
        number = times[item_id].times + 1 if item_id in times else 1
        interest_item = _post(session, item, "interest", one, number, today, due, made_by)
        fee_item = _post(session, item, "cost", one, number, today, due, made_by)
        rows.append(_row(one, item, "claimed", made_by, interest_item=interest_item, fee_item=fee_item))
    session.add_all(rows)
    session.flush()
    return rows


def waive(
    session: Session,
    customer: Customer,
    item_ids: Collection[int],
    posted_ids: Collection[int],
    reason: str,
    today: date,
    person: Person,
) -> Decimal:
    """Let go what is left of the interest and fees of these invoices, and what is open of interest claimed before.

    Returns the total in base currency. Raises InterestRefused for more than the person's roles may waive, or nothing;
    InvalidAnswer without a reason.
    """
    if len(reason.strip()) < LEAST_REASON:
        raise InvalidAnswer("reason", _("Say why the interest is waived."))
    left = _held(session, customer, item_ids, today) if item_ids else {}
    posted = _posted(session, customer, posted_ids)
    if not left and not posted:
        raise InterestRefused(_("Choose what is waived."))
    total = worth(session, left, posted, today)
    role = may_waive(session, total, person, today)
    for item_id, one in left.items():
        item = session.get_one(ReceivableItem, item_id)
        session.add(_row(one, item, "waived", person.id, reason=reason.strip()[:500], authority=role))
    for item, still_open in posted:
        adjust_item(session, item, -still_open, today, "waived", reason, today, made_by=person.id)
    session.flush()
    return total


def may_waive(session: Session, total: Decimal, person: Person, today: date) -> str:
    """The role by which the person may waive so much in base currency. Raises InterestRefused, naming who may."""
    bands = bands_from_policy(policy_values(session, today))
    base = the_company(session).base_currency
    try:
        return authority(bands, [row.role for row in person.roles], total, base)
    except DomainError as error:
        raise InterestRefused.by(error) from error


def worth(
    session: Session,
    left: Mapping[int, Interest],
    posted: Sequence[tuple[ReceivableItem, Decimal]],
    today: date,
) -> Decimal:
    """All of it in base currency. Raises MissingRate."""
    amounts = [(one.amount, one.currency) for one in left.values()]
    amounts += [(one.fee, one.fee_currency) for one in left.values() if one.fee_currency]
    amounts += [(still_open, item.currency) for item, still_open in posted]
    base = the_company(session).base_currency
    return round_money(sum(convert_all(session, amounts, base, today), ZERO))


def posted_open(session: Session, customer_id: int) -> list[tuple[ReceivableItem, Decimal]]:
    """Interest and costs of a customer that are owed, with what is open of each."""
    query = (
        select(ReceivableItem, ItemBalance.open_amount)
        .join(ItemBalance, ItemBalance.item_id == ReceivableItem.id)
        .where(
            ItemBalance.customer_id == customer_id,
            ItemBalance.kind.in_(("interest", "cost")),
            ItemBalance.open_amount > 0,
        )
        .order_by(ReceivableItem.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def agree(
    session: Session,
    customer: Customer,
    valid_from: date,
    rate: Decimal | None,
    small_enterprise: bool,
    ground: str,
    made_by: int,
) -> InterestAgreement:
    """Keep what was agreed for debts in default from a day on."""
    row = InterestAgreement(
        customer_id=customer.id,
        valid_from=valid_from,
        rate=rate,
        small_enterprise=small_enterprise,
        ground=ground[:500],
        made_by=made_by,
    )
    session.add(row)
    session.flush()
    return row


def agreements_of(session: Session, customer_id: int) -> Sequence[InterestAgreement]:
    """What was agreed with a customer, the newest first."""
    query = select(InterestAgreement).where(InterestAgreement.customer_id == customer_id)
    return session.scalars(
        query.order_by(InterestAgreement.valid_from.desc(), InterestAgreement.id.desc())
    ).all()


# --- inside -------------------------------------------------------------------------------------------------------


def _held(
    session: Session, customer: Customer, item_ids: Collection[int], today: date
) -> dict[int, Interest]:
    """What is left of the interest of these invoices of the customer, which are held until the commit."""
    for item_id in sorted(item_ids):
        if hold_item(session, item_id).customer_id != customer.id:
            raise InterestRefused(_("One of these items belongs to another customer."))
    left = unclaimed_of(session, item_ids, customer.country, today)
    if not left:
        raise InterestRefused(_("No late interest is left of these items up to today."))
    return left


def _posted(
    session: Session, customer: Customer, posted_ids: Collection[int]
) -> list[tuple[ReceivableItem, Decimal]]:
    for item_id in sorted(posted_ids):
        hold_item(session, item_id)
    owed = {item.id: (item, still_open) for item, still_open in posted_open(session, customer.id)}
    if not set(posted_ids) <= set(owed):
        raise InterestRefused(_("Nothing is open any more of one of these items; look at the page again."))
    return [owed[item_id] for item_id in sorted(posted_ids)]


def _post(
    session: Session,
    item: ReceivableItem,
    kind: str,
    one: Interest,
    number: int,
    today: date,
    due: date,
    made_by: int | None,
) -> ReceivableItem | None:
    """The item that asks for the interest, or for the fee; None where there is none of it."""
    amount, currency = (
        (one.amount, one.currency) if kind == "interest" else (one.fee, one.fee_currency or one.currency)
    )
    if not amount:
        return None
    known_currency(session, currency)
    mark = "INT" if kind == "interest" else "FEE"
    row = ReceivableItem(
        source=OWN_SOURCE,
        external_id=f"{kind}:{item.id}:{one.from_on.isoformat()}",
        customer_id=item.customer_id,
        kind=kind,
        number=f"{item.number[:LONGEST_NUMBER]}/{mark}-{number}",
        document_date=today,
        due_date=due,
        amount=amount,
        currency=currency,
        reference=item.number[:200],
        made_by=made_by,
    )
    session.add(row)
    session.flush()
    return row


def _row(
    one: Interest,
    item: ReceivableItem,
    outcome: str,
    made_by: int | None,
    *,
    interest_item: ReceivableItem | None = None,
    fee_item: ReceivableItem | None = None,
    reason: str = "",
    authority: str = "",
) -> InterestClaim:
    return InterestClaim(
        item_id=item.id,
        outcome=outcome,
        from_on=one.from_on,
        to_on=one.to_on,
        amount=one.amount,
        fee=one.fee,
        fee_currency=one.fee_currency,
        interest_item_id=interest_item.id if interest_item else None,
        fee_item_id=fee_item.id if fee_item else None,
        reason=reason,
        authority=authority,
        made_by=made_by,
    )
