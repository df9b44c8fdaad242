"""What a decision is made on, as figures of that moment: for its receipt."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Numeric, or_, select
from sqlalchemy.orm import Session

from credit_app.domain.plain import to_json
from credit_app.domain.receipt import exact
from credit_app.facts.application import limit_in_question, proposals_of, terms_in_question
from credit_app.facts.exposure import weigh
from credit_app.facts.exposure_parts import exposure_of
from credit_app.models import (
    ApprovalDecision,
    Attachment,
    CreditApplication,
    Customer,
    CustomerDocument,
    InternalRecord,
    MissingRate,
    OpinionRequest,
    Rating,
    Security,
    active_limit,
)
from workflows import Action

LIMIT = (
    "id",
    "kind",
    "amount",
    "currency",
    "terms_days",
    "payment_method",
    "valid_from",
    "valid_to",
    "review_on",
)
RATING = (
    "id", "method", "model", "policy_on", "grade", "score", "confidence", "computed_grade", "computed_score",
    "override_reason", "rated_by", "rated_at", "valid_until", "inputs",
)  # fmt: skip
SECURITY = (
    "id", "kind", "amount", "currency", "haircut", "cover", "provider", "reference", "valid_from", "expires_on",
    "status", "document_id",
)  # fmt: skip
OPINION = ("id", "level", "person_id", "question", "status", "opinion", "answer", "answered_at")
EARLIER = ("id", "level", "decision", "person_id", "on_behalf_of", "limit_after", "reason", "decided_at")
DOCUMENT = ("id", "filename", "content_type", "size", "sha256", "uploaded_at")
WARNING_LINE = (
    "warning_score",
    "warning_grade",
    "warning_utilisation",
    "warning_indicators",
    "warning_measures",
)


def picked(row: Any, names: Iterable[str]) -> dict[str, Any]:
    """Columns of a row as JSON data; numbers with the decimals that their column keeps."""
    columns = type(row).__table__.c
    return {name: to_json(exact(as_kept(columns[name].type, getattr(row, name)))) for name in names}


def as_kept(kind: Any, value: Any) -> Any:
    """A number as the database will give it back: what was just set may have fewer decimals."""
    if value is None or not isinstance(kind, Numeric) or kind.scale is None:
        return value
    return Decimal(value).quantize(Decimal(1).scaleb(-kind.scale))


def seen(
    action: Action, application: CreditApplication, today: date, decision_id: int | None
) -> dict[str, Any]:
    """Limits, exposure, grade, payment behaviour, departures, securities, warning line, opinions, decisions before."""
    session = action.session
    held = active_limit(session, application.customer_id or 0, today)
    proposed = ("proposed_limit", "proposed_terms_days", "proposed_payment_method", "proposal_reason")
    rating = _newest(session, Rating, Rating.application_id == application.id)
    record = _newest(
        session,
        InternalRecord,
        InternalRecord.application_id == application.id,
        InternalRecord.round == application.round,
    )
    return {
        "limit_in_question": {
            "amount": to_json(as_kept(Numeric(18, 2), limit_in_question(application))),
            "currency": application.currency,
            "terms_days": terms_in_question(application),
            "payment_method": application.approved_payment_method or application.payment_method,
            **picked(application, ("discount",)),
            "conditions": application.approved_conditions,
        },
        "limit_today": picked(held, LIMIT) if held is not None else None,
        "proposed": picked(application, proposed),
        "proposals": [
            picked(row, ("method", "amount", "currency", "applicable", "inputs"))
            for row in proposals_of(session, application)
        ],
        "exposure": _exposure(session, application, today),
        "rating": picked(rating, RATING) if rating is not None else None,
        "internal_record": exact(record.payload) if record is not None else None,
        "securities": _rows(session, Security, SECURITY, Security.application_id == application.id),
        "warning_line": picked(application, WARNING_LINE),
        "opinions": _rows(
            session,
            OpinionRequest,
            OPINION,
            OpinionRequest.application_id == application.id,
            OpinionRequest.round == application.round,
        ),
        "decisions_before": _rows(
            session,
            ApprovalDecision,
            EARLIER,
            ApprovalDecision.application_id == application.id,
            ApprovalDecision.retracted_at.is_(None),
            *([ApprovalDecision.id < decision_id] if decision_id is not None else []),
        ),
    }


def documents_of(session: Session, application: CreditApplication) -> list[dict[str, Any]]:
    """Every document of the application and of the customer's file, with its SHA-256."""
    attached = select(Attachment).where(Attachment.application_id == application.id).order_by(Attachment.id)
    filed = (
        select(CustomerDocument)
        .where(
            or_(
                CustomerDocument.customer_id == application.customer_id,
                CustomerDocument.application_id == application.id,
            )
        )
        .order_by(CustomerDocument.id)
    )
    return [
        picked(row, DOCUMENT) | {"kind": kind}
        for kind, query in (("attachment", attached), ("customer_document", filed))
        for row in session.scalars(query)
    ]


def _exposure(session: Session, application: CreditApplication, today: date) -> dict[str, Any]:
    """What the group would owe and where that departs from policy; without an exchange rate, that it lacked."""
    try:
        weight = weigh(session, application, today)
    except MissingRate as missing:
        return {"missing": {"template": missing.template, "values": to_json(missing.values)}}
    weighed = to_json(weight)
    members = {member.customer_id for member in weight.resulting.members}
    companies = session.scalars(select(Customer).where(Customer.id.in_(members)).order_by(Customer.id))
    return {
        "weight": weighed,
        "companies": [picked(row, ("id", "number", "name")) for row in companies],
        "own": _own_exposure(session, application, today),
    }


def _own_exposure(session: Session, application: CreditApplication, today: date) -> dict[str, Any] | None:
    """The customer's exposure by component, gross and net, in base currency."""
    if application.customer is None:
        return None
    exposure = exposure_of(session, application.customer, today)
    figures = {"currency": exposure.currency, "parts": exposure.parts.amounts}
    found = to_json(figures | {"gross": exposure.gross, "net": exposure.net})
    return cast(dict[str, Any], found)


def _newest(session: Session, model: Any, *conditions: Any) -> Any:
    return session.scalars(select(model).where(*conditions).order_by(model.id.desc()).limit(1)).first()


def _rows(session: Session, model: Any, names: Iterable[str], *conditions: Any) -> list[dict[str, Any]]:
    wanted = tuple(names)
    return [
        picked(row, wanted) for row in session.scalars(select(model).where(*conditions).order_by(model.id))
    ]
