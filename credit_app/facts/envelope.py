"""The room in the company's own credit envelope for a customer, and what the customer itself can carry."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from credit_app.domain.envelope import CREDIT_SALES, Envelope, EnvelopePolicy, envelope
from credit_app.domain.grades import GradePolicy
from credit_app.domain.ratios import figure_of
from credit_app.domain.security import INSURANCE
from credit_app.facts.statement_rows import as_statement, statements_on_file
from credit_app.models import (
    CreditLimit,
    Rating,
    ReceivableItem,
    Security,
    convert,
    convert_all,
    policy_values,
    the_company,
)
from credit_app.models.once import once

A_YEAR = timedelta(days=365)
UNRATED = "high"  # nobody knows better of a limit whose customer was never rated


@once
def envelope_of(session: Session, customer_id: int, grade: str, day: date) -> Envelope | None:
    """The company's envelope for a customer of that grade, its own limit left out: it is replaced.

    In base currency; None where the basis is not known or the grade has no credit. Raises MissingRate.
    """
    values = policy_values(session, day)
    policy = EnvelopePolicy.from_policy(values)
    grades = GradePolicy.from_policy(values)
    base = the_company(session).base_currency
    sales = own_yearly_sales(session, base, day) if policy.basis == CREDIT_SALES else None
    used = _granted_by_risk(session, customer_id, base, day, grades)
    return envelope(policy, sales, used, grades.risk_of(grade))


@once
def _granted_by_risk(
    session: Session, customer_id: int, base: str, day: date, grades: GradePolicy
) -> dict[str, Decimal]:
    """Limits of all other customers that hold on `day`, by the risk class of their newest rating."""
    limit = (
        select(CreditLimit.customer_id, CreditLimit.amount, CreditLimit.currency)
        .where(
            CreditLimit.customer_id != customer_id,
            CreditLimit.status != "retracted",
            CreditLimit.valid_from <= day,
            CreditLimit.valid_to >= day,
        )
        .ext(distinct_on(CreditLimit.customer_id))
        .order_by(
            CreditLimit.customer_id,
            (CreditLimit.kind != "temporary").asc(),
            CreditLimit.valid_from.desc(),
            CreditLimit.id.desc(),
        )
        .subquery()
    )
    until = datetime.combine(day + timedelta(days=2), time(), UTC)
    newest = (
        select(Rating.grade)
        .where(Rating.customer_id == limit.c.customer_id, Rating.rated_at < until)
        .order_by(Rating.rated_at.desc(), Rating.id.desc())
        .limit(1)
        .correlate(limit)
        .scalar_subquery()
    )
    graded = select(newest.label("grade"), limit.c.currency, limit.c.amount).subquery()
    rows = session.execute(
        select(graded.c.grade, graded.c.currency, func.sum(graded.c.amount)).group_by(
            graded.c.grade, graded.c.currency
        )
    ).all()
    in_base = convert_all(session, [(amount, currency) for _, currency, amount in rows], base, day)
    used: dict[str, Decimal] = {}
    for (grade, _currency, _amount), amount in zip(rows, in_base, strict=True):
        risk = grades.risk_of(grade) if grade else UNRATED
        used[risk] = used.get(risk, Decimal(0)) + amount
    return used


def own_yearly_sales(session: Session, currency: str, day: date) -> Decimal | None:
    """Our credit sales of the last year, in that currency; None when there were none."""
    sign = case((ReceivableItem.kind == "credit_note", -1), else_=1)
    query = (
        select(ReceivableItem.currency, func.sum(sign * ReceivableItem.amount))
        .where(ReceivableItem.document_date > day - A_YEAR, ReceivableItem.document_date <= day)
        .group_by(ReceivableItem.currency)
    )
    rows = [(amount, code) for code, amount in session.execute(query)]
    total = sum(convert_all(session, rows, currency, day), Decimal(0))
    return total if total > 0 else None


@dataclass(frozen=True, slots=True)
class Carrying:
    """What a customer can carry and we can bear, in one currency; None where nothing is known."""

    tangible_net_worth: Decimal | None = None
    working_capital: Decimal | None = None
    insurer_limit: Decimal | None = None
    insurer_cover: Decimal | None = None
    envelope_room: Decimal | None = None

    def as_facts(self) -> Mapping[str, Any]:
        """The arguments of LimitFacts that these are."""
        return {name: getattr(self, name) for name in self.__slots__}


def carrying(session: Session, customer_id: int, grade: str, currency: str, day: date) -> Carrying:
    """Of the newest statement, the confirmed insurance and our envelope, in that currency. Raises MissingRate."""
    row = next((row for row in statements_on_file(session, customer_id) if row.period_end <= day), None)

    def of_statement(key: str) -> Decimal | None:
        value = figure_of(key, as_statement(row)).value if row else None
        return None if row is None or value is None else convert(session, value, row.currency, currency, day)

    insured = session.scalars(
        select(Security)
        .where(
            Security.customer_id == customer_id,
            Security.kind == INSURANCE,
            Security.status == "confirmed",
            Security.cover > 0,
            func.coalesce(Security.valid_from, day) <= day,
            func.coalesce(Security.expires_on, day) >= day,
        )
        .order_by(Security.amount.desc(), Security.id)
        .limit(1)
    ).first()
    room = envelope_of(session, customer_id, grade, day)
    base = the_company(session).base_currency
    return Carrying(
        tangible_net_worth=of_statement("tangible_net_worth"),
        working_capital=of_statement("working_capital"),
        insurer_limit=convert(session, insured.amount, insured.currency, currency, day) if insured else None,
        insurer_cover=insured.cover if insured else None,
        envelope_room=convert(session, room.room, base, currency, day) if room else None,
    )
