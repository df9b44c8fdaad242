"""What was found out, proposed and asked for with an application, for its page."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from credit_app.facts.entry import customer_names
from credit_app.facts.securities import securities_of
from credit_app.models import CreditApplication, CreditReport, FinancialStatement, Investigation, Person


def of_application(session: Session, application: CreditApplication) -> dict[str, Any]:
    """The newest investigation, report and statements of the application, its securities, and who stands behind."""
    investigations = (
        select(Investigation)
        .where(Investigation.application_id == application.id)
        .options(selectinload(Investigation.findings), selectinload(Investigation.investigator))
        .order_by(Investigation.id.desc())
        .limit(1)
    )
    reports = select(CreditReport).where(CreditReport.application_id == application.id)
    statements = select(FinancialStatement).where(FinancialStatement.application_id == application.id)
    return {
        "investigation": session.scalars(investigations).first(),
        "report": session.scalars(reports.order_by(CreditReport.id.desc()).limit(1)).first(),
        "statements": session.scalars(
            statements.order_by(FinancialStatement.period_end.desc()).limit(3)
        ).all(),
        "securities": securities_of(session, application),
        "duplicates": duplicates_of(session, application),
    }


def duplicates_of(session: Session, application: CreditApplication) -> dict[str, Any] | None:
    """Which customers a new company was said to be none of, or which one it is, and by whom."""
    answer = application.duplicate_answer
    if not answer:
        return None
    by = session.get(Person, answer["by"] or 0)
    return {
        "candidates": customer_names(session, answer["candidates"]),
        "meant": answer["meant"] is not None,
        "by": by.name if by is not None else "",
    }
