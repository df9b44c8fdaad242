"""What our own books say of a customer on a day, kept for each round of an application."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from credit_app.domain.plain import to_json
from credit_app.domain.purchases import monthly_purchases
from credit_app.facts.application import application_of, customer_id_of
from credit_app.facts.customer_figures import Month, MonthPaid, ledger_figures
from credit_app.models import (
    CreditApplication,
    InternalRecord,
    ReceivableItem,
    active_limit,
    convert_all,
    payment_record,
    policy_values,
)
from workflows import Action

EARLIER_APPLICATIONS = 10


def is_collected(action: Action) -> bool:
    """Whether the application's present round has its record already."""
    application = application_of(action)
    record = InternalRecord
    query = exists().where(record.application_id == application.id, record.round == application.round)
    return bool(action.session.scalar(select(query)))


def collect(action: Action) -> None:
    """Keep payment behaviour, open items, purchases, the limit in force and earlier decisions, as of today."""
    application = application_of(action)
    session, today = action.session, action.today
    customer_id, currency = customer_id_of(application), application.currency or ""
    trend_from = int(policy_values(session, today)["rating.trend_from"])
    record = payment_record(session, [customer_id], today, currency, trend_from)
    limit = active_limit(session, customer_id, today)
    payload = {
        "as_of": today,
        "currency": currency,
        "payment_record": record,
        "purchases": _purchases(action, customer_id, currency),
        "paid_by_month": [
            {"month": f"{year}-{month:02}", "count": paid.count, "days_late": paid.days_late}
            for (year, month), paid in sorted(ledger_figures(session, customer_id, today).months.items())
        ],
        "limit": None
        if limit is None
        else {
            "id": limit.id,
            "amount": limit.amount,
            "currency": limit.currency,
            "terms_days": limit.terms_days,
            "valid_to": limit.valid_to,
        },
        "earlier_applications": _earlier(action, application, customer_id),
        "sources": {
            "payment_record": "receivable_item, receipt, allocation",
            "purchases": "receivable_item of the last twelve whole months",
            "paid_by_month": "receivable_item, allocation",
            "limit": "credit_limit",
            "earlier_applications": "credit_application",
        },
    }
    session.add(
        InternalRecord(
            application_id=application.id,
            round=application.round,
            collected_at=action.now,
            payload=to_json(payload),
        )
    )


def paid_by_month(session: Session, record: InternalRecord, customer_id: int) -> Mapping[Month, MonthPaid]:
    """What the customer had paid by month when the record was made; older records leave it to the ledger."""
    kept = record.payload.get("paid_by_month")
    if kept is None:
        day = date.fromisoformat(record.payload["as_of"])
        return ledger_figures(session, customer_id, day).months
    return {
        (int(row["month"][:4]), int(row["month"][5:])): MonthPaid(row["count"], row["days_late"])
        for row in kept
    }


def _purchases(action: Action, customer_id: int, currency: str) -> dict[str, Any] | None:
    query = select(
        ReceivableItem.document_date, ReceivableItem.amount, ReceivableItem.currency, ReceivableItem.kind
    ).where(ReceivableItem.customer_id == customer_id)
    rows = action.session.execute(query).all()
    amounts = [(-row.amount if row.kind == "credit_note" else row.amount, row.currency) for row in rows]
    in_currency = convert_all(action.session, amounts, currency, action.today)
    invoices = [(row.document_date, amount) for row, amount in zip(rows, in_currency, strict=True)]
    found = monthly_purchases(invoices, action.today)
    if found is None:
        return None
    return {
        "first_month": found.first_month,
        "months": found.months,
        "total": found.total,
        "average_month": found.average_month,
        "season_factor": found.season_factor,
    }


def _earlier(action: Action, application: CreditApplication, customer_id: int) -> list[dict[str, Any]]:
    query = (
        select(CreditApplication)
        .where(CreditApplication.customer_id == customer_id, CreditApplication.id != application.id)
        .order_by(CreditApplication.id.desc())
        .limit(EARLIER_APPLICATIONS)
    )
    return [
        {
            "id": row.id,
            "number": row.number,
            "status": row.status,
            "requested_limit": row.requested_limit,
            "approved_limit": row.approved_limit,
            "currency": row.currency,
            "decided_on": row.decided_at.date() if row.decided_at else None,
        }
        for row in action.session.scalars(query)
    ]
