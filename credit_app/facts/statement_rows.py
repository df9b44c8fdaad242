"""The financial statements on file of a customer, as rows and as the rules know them."""

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from credit_app.domain.statement_lines import Statement, read_figures
from credit_app.models import FinancialStatement


def statements_on_file(session: Session, customer_id: int, most: int = 3) -> list[FinancialStatement]:
    """The newest row of each period, the latest periods first."""
    newest = (
        select(FinancialStatement.id)
        .where(FinancialStatement.customer_id == customer_id)
        .ext(distinct_on(FinancialStatement.period_end))
        .order_by(FinancialStatement.period_end, FinancialStatement.id.desc())
    )
    query = select(FinancialStatement).where(FinancialStatement.id.in_(newest))
    return list(session.scalars(query.order_by(FinancialStatement.period_end.desc()).limit(most)))


def as_statement(row: FinancialStatement) -> Statement:
    """The row for the rules, in units of its currency."""
    unit = Decimal(row.unit)
    figures = {line: amount * unit for line, amount in read_figures(row.figures).items()}
    return Statement(row.period_end.year, figures, f"financial_statement:{row.id}", row.months, row.audited)
