"""A limit on a day as the rules of its review see it, and which limits are worth a look."""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, and_, case, column, exists, func, or_, select, table
from sqlalchemy.orm import Session, aliased

from credit_app.domain.dates import day_in_zone
from credit_app.domain.grades import GradePolicy
from credit_app.domain.policy_values import whole_of
from credit_app.domain.ratio_table import RATIO
from credit_app.domain.ratios import figure_of
from credit_app.domain.review import EVENTS, LimitState, ReviewPolicy, Trigger, due_triggers
from credit_app.domain.status import DECIDED
from credit_app.domain.warning_line import RECORD, Now, WarningLine
from credit_app.facts.customer_figures import newest_rating
from credit_app.facts.exposure_parts import exposure_of
from credit_app.facts.statement_rows import as_statement, statements_on_file
from credit_app.models import (
    CreditApplication,
    CreditLimit,
    ItemBalance,
    MissingRate,
    Rating,
    ReceivableItem,
    Security,
    payment_record,
    policy_values,
    the_company,
)


def triggers_of(session: Session, limit: CreditLimit, day: date) -> tuple[Trigger, ...]:
    """Why the limit has to be reviewed on `day`, the most urgent first; empty: it need not be."""
    values = policy_values(session, day)
    policy, grades = ReviewPolicy.from_policy(values), GradePolicy.from_policy(values)
    return due_triggers(state_of(session, limit, day, policy), day, policy, grades)


def state_of(session: Session, limit: CreditLimit, day: date, policy: ReviewPolicy) -> LimitState:
    """The limit with all that may start its review."""
    rating, line = newest_rating(session, limit.customer_id), _line(limit)
    return LimitState(
        limit.valid_from,
        limit.valid_to,
        limit.review_on,
        session.scalar(_oldest_due(limit.customer_id, limit.valid_from, day, policy)),
        _grade_then(session, limit),
        rating.grade if rating is not None else None,
        session.scalar(_next_expiry(limit.customer_id, day)),
        line,
        _now(session, limit, line, rating, day),
        _rested(session, limit, day, policy),
    )


def worth_a_look(day: date, policy: ReviewPolicy) -> ColumnElement[bool]:
    """The condition for limits that may be due: by a date, an old open item, a newer rating, a security, a line.

    Wide on purpose and cheap; `triggers_of` decides. Without a running review, and the last of its customer.
    """
    newer, running = aliased(CreditLimit), aliased(CreditApplication)
    stands = or_(
        CreditLimit.status == "active",
        and_(
            CreditLimit.status == "expired",
            ~exists().where(
                newer.customer_id == CreditLimit.customer_id,
                newer.kind == "permanent",
                newer.id > CreditLimit.id,
                newer.status.in_(("active", "expired")),
            ),
            ~exists().where(running.reviewed_limit_id == CreditLimit.id),
        ),
    )
    overdue_from = day - timedelta(days=policy.overdue_days)
    may_be_due = or_(
        CreditLimit.review_on <= day,
        CreditLimit.valid_to <= day + timedelta(days=policy.days_before_expiry),
        CreditLimit.warning_score.is_not(None),
        CreditLimit.warning_grade.is_not(None),
        CreditLimit.warning_utilisation.is_not(None),
        CreditLimit.warning_indicators != {},
        exists().where(
            Rating.customer_id == CreditLimit.customer_id, Rating.rated_at >= CreditLimit.created_at
        ),
        exists().where(
            ReceivableItem.customer_id == CreditLimit.customer_id,
            ReceivableItem.due_date <= overdue_from,
            ReceivableItem.due_date >= CreditLimit.valid_from - policy.overdue_days,
        ),
        exists().where(
            Security.customer_id == CreditLimit.customer_id,
            Security.status == "confirmed",
            Security.expires_on <= day + timedelta(days=policy.days_before_security_expires),
        ),
    )
    return and_(
        CreditLimit.kind == "permanent",
        stands,
        ~exists().where(running.reviewed_limit_id == CreditLimit.id, running.status.not_in(DECIDED)),
        may_be_due,
    )


# --- inside -------------------------------------------------------------------------------------------------------


def _oldest_due(customer_id: int, valid_from: date, day: date, policy: ReviewPolicy) -> Select[date | None]:
    """The oldest due date of an invoice open on `day` that became overdue for too long since the limit opened."""
    entries = table("item_entry", column("item_id"), column("on_date"), column("amount"))
    open_then = (
        select(func.sum(entries.c.amount))
        .where(entries.c.item_id == ItemBalance.item_id, entries.c.on_date <= day)
        .scalar_subquery()
    )
    still_open = case((ItemBalance.last_on <= day, ItemBalance.open_amount), else_=open_then)
    return select(func.min(ItemBalance.due_date)).where(
        ItemBalance.customer_id == customer_id,
        ItemBalance.kind == "invoice",
        ItemBalance.document_date <= day,
        ItemBalance.due_date >= valid_from - timedelta(days=policy.overdue_days),
        ItemBalance.due_date <= day - timedelta(days=policy.overdue_days),
        or_(ItemBalance.open_amount != 0, ItemBalance.last_on > day),
        still_open != 0,
    )


def _grade_then(session: Session, limit: CreditLimit) -> str | None:
    """The grade on which the limit was granted; None where it came without an application."""
    if limit.application_id is None:
        return None
    own = select(Rating.grade).where(Rating.application_id == limit.application_id)
    found = session.scalar(own.order_by(Rating.id.desc()).limit(1))
    if found is not None:
        return found
    before = select(Rating.grade).where(
        Rating.customer_id == limit.customer_id, Rating.rated_at <= limit.created_at
    )
    return session.scalar(before.order_by(Rating.rated_at.desc(), Rating.id.desc()).limit(1))


def _next_expiry(customer_id: int, day: date) -> Select[date | None]:
    """The first day on which a confirmed security that still stands expires; gone ones count no more."""
    return select(func.min(Security.expires_on)).where(
        Security.customer_id == customer_id, Security.status == "confirmed", Security.expires_on >= day
    )


def _line(limit: CreditLimit) -> WarningLine:
    watched = {key: Decimal(str(value)) for key, value in (limit.warning_indicators or {}).items()}
    return WarningLine(
        limit.warning_score,
        limit.warning_grade,
        limit.warning_utilisation,
        watched,
        limit.warning_measures,
    )


def _now(session: Session, limit: CreditLimit, line: WarningLine, rating: Rating | None, day: date) -> Now:
    return Now(
        rating.score if rating is not None else None,
        rating.grade if rating is not None else None,
        _utilisation(session, limit, day) if line.utilisation is not None else None,
        _figures(session, limit, tuple(line.indicators), day) if line.indicators else {},
    )


def _figures(
    session: Session, limit: CreditLimit, keys: tuple[str, ...], day: date
) -> dict[str, Decimal | None]:
    """Today's value of each figure watched: of the payment record, or of the newest statement."""
    found: dict[str, Decimal | None] = {}
    if any(key in RECORD for key in keys):
        trend_from = whole_of(policy_values(session, day), "rating.trend_from")
        record = payment_record(session, [limit.customer_id], day, limit.currency, trend_from)
        found = {key: _decimal(getattr(record, key)) for key in keys if key in RECORD}
    rows = statements_on_file(session, limit.customer_id)
    row = next((row for row in rows if row.period_end <= day), None)
    if row is not None:
        statement = as_statement(row)
        found |= {key: figure_of(key, statement).value for key in keys if key in RATIO}
    return found


def _decimal(value: Decimal | int | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _utilisation(session: Session, limit: CreditLimit, day: date) -> Decimal | None:
    """How far the limit that holds is used; None without a rate: the pages say so, and nothing is guessed."""
    try:
        own = exposure_of(session, limit.customer, day).own
    except MissingRate:
        return None
    return own.utilisation if own is not None else None


def _rested(session: Session, limit: CreditLimit, day: date, policy: ReviewPolicy) -> frozenset[str]:
    """Events that a review of the customer has looked at within the days of rest; any trigger of a refused one."""
    zone = the_company(session).time_zone
    rows = session.execute(
        select(
            CreditApplication.review_trigger,
            CreditApplication.review_reasons,
            CreditApplication.decided_at,
            CreditApplication.reviewed_limit_id,
        ).where(
            CreditApplication.customer_id == limit.customer_id,
            CreditApplication.kind == "review",
            CreditApplication.decided_at.is_not(None),
        )
    ).all()
    rested: set[str] = set()
    for row in rows:
        if (day - day_in_zone(row.decided_at, zone)).days >= policy.rest_days:
            continue
        looked_at = {row.review_trigger, *(reason["kind"] for reason in row.review_reasons)}
        rested |= looked_at if row.reviewed_limit_id == limit.id else looked_at & EVENTS
    return frozenset(rested)
