"""Old debts: finding their debtors with the facts that speak for a class, and the class that a person gives."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from credit_app.domain.grades import GradePolicy
from credit_app.domain.legacy import CLASS_TAGS, LEGACY_CLASSES, LegacyFacts, LegacyPolicy, classify
from credit_app.facts.rates import worth_of_one
from credit_app.facts.watch_tags import end_tag, set_tag, tags_of
from credit_app.i18n import _
from credit_app.models import policy_values, the_company
from credit_app.models.legacy import LegacyDebt
from workflows import InvalidAnswer

LEAST_REASON = 5
# Every debtor with debts older than the policy's age, or with such of one import, and what is known of it.
_DEBTORS = text("""
    WITH old AS (
        SELECT b.customer_id, b.currency, sum(b.open_amount) AS amount, count(*) AS items, min(b.due_date) AS oldest
        FROM item_balance b JOIN receivable_item i ON i.id = b.item_id
        WHERE b.open_amount > 0 AND b.kind <> 'credit_note' AND b.due_date <= :until
            AND (CAST(:batch AS bigint) IS NULL OR i.batch_id = :batch)
        GROUP BY b.customer_id, b.currency
    )
    SELECT o.customer_id, o.currency, o.amount, o.items, o.oldest, c.enterprise_kind, c.status,
        (SELECT r.grade FROM rating r WHERE r.customer_id = c.id ORDER BY r.rated_at DESC, r.id DESC LIMIT 1) AS grade,
        :today - (SELECT max(r.received_on) FROM receipt r WHERE r.customer_id = c.id) AS last_paid_days,
        (SELECT count(*) FROM collection_contact k WHERE k.customer_id = c.id AND k.outcome IN ('not_reached', 'failed')
            AND NOT EXISTS (SELECT FROM collection_contact l WHERE l.customer_id = c.id AND l.made_at > k.made_at
                AND l.outcome NOT IN ('not_reached', 'failed', 'sent', 'noted'))) AS unreached,
        EXISTS (SELECT FROM contact k WHERE k.customer_id = c.id AND (k.email <> '' OR k.phone <> ''))
            OR coalesce(c.address, '') <> '' AS has_contact,
        (SELECT k.reason_code FROM collection_contact k WHERE k.customer_id = c.id AND k.reason_code IS NOT NULL
            ORDER BY k.made_at DESC, k.id DESC LIMIT 1) AS reason_code
    FROM old o JOIN customer c ON c.id = o.customer_id ORDER BY o.customer_id
""")


def policy_of(session: Session, day: date) -> LegacyPolicy:
    """The policy of `day`."""
    return LegacyPolicy.from_policy(policy_values(session, day))


def triage(session: Session, today: date, now: datetime, batch_id: int | None = None) -> int:
    """Look for old debts, of one import or of all, and suggest a class for each debtor; returns how many were found.

    A class that a person gave stays; amounts and suggestions are brought up to today. The caller commits. Raises
    MissingRate.
    """
    values = policy_values(session, today)
    policy, grades = LegacyPolicy.from_policy(values), GradePolicy.from_policy(values)
    base = the_company(session).base_currency
    until = date.fromordinal(today.toordinal() - policy.age_days)
    found: dict[int, dict[str, Any]] = {}
    for row in session.execute(_DEBTORS, {"until": until, "today": today, "batch": batch_id}):
        worth = row.amount * worth_of_one(session, row.currency, base, today)
        one = found.setdefault(row.customer_id, {"row": row, "amount": 0, "items": 0, "oldest": row.oldest})
        one["amount"] += worth
        one["items"] += row.items
        one["oldest"] = min(one["oldest"], row.oldest)
    for customer_id, one in found.items():
        _note(session, customer_id, one, policy, grades, today, now, batch_id)
    session.flush()
    return len(found)


def _note(
    session: Session,
    customer_id: int,
    one: dict[str, Any],
    policy: LegacyPolicy,
    grades: GradePolicy,
    today: date,
    now: datetime,
    batch_id: int | None,
) -> None:
    row, amount = one["row"], round(one["amount"], 2)
    facts = LegacyFacts(
        oldest_days=(today - one["oldest"]).days,
        amount=amount,
        enterprise_kind=row.enterprise_kind,
        status=row.status,
        risk=grades.risk_of(row.grade) if row.grade else None,
        last_paid_days=row.last_paid_days,
        unreached=row.unreached,
        has_contact=row.has_contact,
        reason_code=row.reason_code,
    )
    suggested, leads = classify(facts, policy)
    shown = {
        "oldest_days": facts.oldest_days, "enterprise_kind": facts.enterprise_kind, "status": facts.status,
        "grade": row.grade, "last_paid_days": facts.last_paid_days, "unreached": facts.unreached,
        "has_contact": facts.has_contact, "reason_code": facts.reason_code,
    }  # fmt: skip
    values = {
        "amount": amount, "items": one["items"], "oldest_due": one["oldest"], "seen_on": today, "facts": shown,
    }  # fmt: skip
    known = session.scalar(select(LegacyDebt).where(LegacyDebt.customer_id == customer_id).with_for_update())
    if known is None:
        query = insert(LegacyDebt).values(
            customer_id=customer_id,
            batch_id=batch_id,
            suggested=suggested,
            leads=list(leads),
            created_at=now,
            **values,
        )
        session.execute(query.on_conflict_do_nothing(index_elements=["customer_id"]))
        return
    for name, value in values.items():
        setattr(known, name, value)
    if known.chosen is None:
        known.suggested, known.leads = suggested, list(leads)


def give_class(
    session: Session, row: LegacyDebt, chosen: str, reason: str, person_id: int, now: datetime
) -> None:
    """Confirm the suggested class, or choose another one with a reason; it sets what is watched about the customer, and
    ends what the class before had set. The caller holds the row and commits.

    Raises InvalidAnswer naming the field.
    """
    if chosen not in LEGACY_CLASSES:
        raise InvalidAnswer("chosen", _("Choose the class of this debtor."))
    if chosen != row.suggested and len(reason) < LEAST_REASON:
        raise InvalidAnswer("reason", _("Say why you choose another class than is suggested."))
    before, since = CLASS_TAGS.get(row.chosen or ""), row.decided_at
    row.chosen, row.reason, row.decided_by, row.decided_at = chosen, reason[:500], person_id, now
    _watch(session, row, before, since, person_id, now)


def _watch(
    session: Session, row: LegacyDebt, before: str | None, since: datetime | None, who: int, now: datetime
) -> None:
    """Set the tag of the class; one that somebody set by hand stays as it is."""
    tag = CLASS_TAGS.get(row.chosen or "")
    tags = {one.tag: one for one in tags_of(session, [row.customer_id]).get(row.customer_id, ())}
    old = tags.get(before or "")
    if old is not None and old.created_at == since and tag != before:
        end_tag(session, old, who)
    if tag is not None and tag not in tags:
        reason = row.reason or _("The class of its old debts.")
        set_tag(session, row.customer_id, tag, reason, who, now)
    elif tag is not None and tags[tag].created_at == since:
        tags[tag].created_at = now  # the class was given once more: the tag is still its own
    session.flush()
