"""Why the analyst has an application again: a level sent it back, or the rating did not stand."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.facts.investigations import investigation_of
from credit_app.models import ApprovalDecision, CreditApplication


@dataclass(frozen=True, slots=True)
class Returned:
    """Who asks for what; `by` is empty where the analyst's own colleagues ask."""

    by: str
    reason: str


def returned_because(session: Session, application: CreditApplication) -> list[Returned]:
    """What a level asked for when it returned the application to the analyst, then what the rating asked for."""
    query = (
        select(ApprovalDecision)
        .where(
            ApprovalDecision.application_id == application.id,
            ApprovalDecision.round == application.round - 1,
            ApprovalDecision.decision == "send_back",
            ApprovalDecision.rework_to.is_not(None),
            ApprovalDecision.rework_to != "entry",
            ApprovalDecision.retracted_at.is_(None),
        )
        .order_by(ApprovalDecision.id.desc())
        .limit(1)
    )
    found = []
    level = session.scalars(query).first()
    if level is not None:
        found.append(Returned(level.person.name if level.person else "", level.reason or ""))
    investigation = investigation_of(session, application)
    if investigation is not None and investigation.asked_again:
        found.append(Returned("", investigation.asked_again))
    return found
