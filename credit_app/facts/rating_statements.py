"""What a rating reads out of financial statements: ratios, trends, plausibility, and the same of the peers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from credit_app.domain.dates import add_months
from credit_app.domain.rating_confidence import StatementsState
from credit_app.domain.ratios import Figure, Trend, figures, trend
from credit_app.domain.scorecard import Reading
from credit_app.domain.scorecard_models import TREND
from credit_app.domain.sentences import N_, Sentence
from credit_app.domain.statement_lines import Statement
from credit_app.domain.statements import StatementPolicy, is_wrong, remarks
from credit_app.facts.statement_rows import as_statement, statements_on_file
from credit_app.models import Customer, FinancialStatement

MOST_PEERS = 500


@dataclass(frozen=True, slots=True)
class Years:
    """A customer's statements of one currency, the earliest first, with their ratios."""

    statements: tuple[Statement, ...]
    currency: str
    figures: Mapping[str, tuple[Figure, ...]]
    trends: Mapping[str, Trend]
    state: StatementsState

    @property
    def newest(self) -> Statement | None:
        """The last year's statement."""
        return self.statements[-1] if self.statements else None

    @property
    def last(self) -> dict[str, Figure]:
        """Ratio -> its figure of the last year."""
        return {key: row[-1] for key, row in self.figures.items() if row}


def years_of(session: Session, customer_id: int, today: date, values: Mapping[str, Any]) -> Years:
    """The statements that count: as many years as policy wants, in the currency of the newest one."""
    policy = StatementPolicy.from_policy(values)
    rows = [row for row in statements_on_file(session, customer_id, policy.years) if row.period_end <= today]
    rows = [row for row in rows if row.currency == rows[0].currency]
    statements = tuple(as_statement(row) for row in reversed(rows))
    found = figures(statements)
    trends = {key: moved for key, row in found.items() if (moved := trend(row)) is not None}
    currency = rows[0].currency if rows else ""
    return Years(statements, currency, found, trends, _state(rows, statements, today, policy))


def _state(
    rows: Sequence[FinancialStatement], statements: Sequence[Statement], today: date, policy: StatementPolicy
) -> StatementsState:
    if not rows:
        return StatementsState()
    found = remarks(statements, policy)
    return StatementsState(
        newest=rows[0].period_end,
        years=len(rows),
        stale=add_months(rows[0].period_end, policy.stale_after_months) < today,
        audited=rows[0].audited,
        wrong=sum(is_wrong([remark]) for remark in found),
        missing_years=tuple(
            remark.year for remark in found if remark.sentence.code == "statements.missing_year"
        ),
    )


def statement_readings(years: Years) -> dict[str, Reading]:
    """Every ratio of the last year (static), and how it moved from the first one (dynamic)."""
    if years.newest is None:
        return {}
    found: dict[str, Reading] = {}
    for key, figure in years.last.items():
        source = Sentence("rating.from.statement", _STATEMENT, {"year": str(figure.year)})
        found[key] = Reading(
            figure.value, source, figure.source, missing=figure.missing, applies=figure.applies
        )
        moved = years.trends.get(key)
        if moved is not None:
            span = {"first": str(moved.first.year), "last": str(moved.last.year)}
            source = Sentence("rating.from.trend", _TREND, span)
            rows = f"{moved.first.source}, {moved.last.source}"
            found[key + TREND] = Reading(moved.change, source, rows)
        else:
            found[key + TREND] = Reading(None, source, missing=_ONE_YEAR)
    return found


def peers_of(session: Session, customer: Customer, today: date) -> dict[str, list[Decimal]]:
    """Ratio -> values of the other customers of the same industry, by their newest statement of two years."""
    industry = (customer.industry or "").strip().lower()
    if not industry:
        return {}
    newest = (
        select(FinancialStatement.id)
        .join(Customer, Customer.id == FinancialStatement.customer_id)
        .where(
            func.lower(func.btrim(Customer.industry)) == industry,
            Customer.id != customer.id,
            FinancialStatement.period_end <= today,
            FinancialStatement.period_end >= add_months(today, -24),
        )
        .ext(distinct_on(FinancialStatement.customer_id))
        .order_by(
            FinancialStatement.customer_id,
            FinancialStatement.period_end.desc(),
            FinancialStatement.id.desc(),
        )
        .limit(MOST_PEERS)
    )
    found: dict[str, list[Decimal]] = {}
    for row in session.scalars(select(FinancialStatement).where(FinancialStatement.id.in_(newest))):
        for key, (figure,) in figures([as_statement(row)]).items():
            if figure.value is not None:
                found.setdefault(key, []).append(figure.value)
    return found


_STATEMENT = N_("financial statement of %(year)s")
_TREND = N_("financial statements of %(first)s and %(last)s")
_ONE_YEAR = Sentence("rating.one_year", N_("A trend needs the figures of two years."))
