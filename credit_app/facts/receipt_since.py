"""What became of a decision since its receipt was written: taken back, limit replaced, rating and policy changed."""

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.domain.sentences import N_, Sentence
from credit_app.facts.receipt import NOT_READ, policy_in_force
from credit_app.facts.receipt_files import figures_of
from credit_app.models import ApprovalDecision, CreditApplication, CreditLimit, DecisionReceipt, Rating


def changes_since(session: Session, receipt: DecisionReceipt, today: date) -> list[Sentence]:
    """One sentence for each thing that is otherwise now, in the order in which a reader wants them."""
    figures, application = figures_of(receipt), receipt.application
    return [
        *_taken_back(receipt.decision),
        *_later_decisions(session, receipt),
        *_limit(session, application),
        *_rating(session, figures, application),
        *_policy(session, figures, today),
    ]


def _taken_back(decision: ApprovalDecision | None) -> list[Sentence]:
    if decision is None or decision.retracted_at is None:
        return []
    text = N_("This decision was taken back on %(day)s; it counts no more.")
    return [Sentence("receipt.taken_back", text, {"day": decision.retracted_at.date().isoformat()})]


def _later_decisions(session: Session, receipt: DecisionReceipt) -> list[Sentence]:
    if receipt.decision_id is None:
        return []
    rows = session.scalars(
        select(ApprovalDecision)
        .where(
            ApprovalDecision.application_id == receipt.application_id,
            ApprovalDecision.id > receipt.decision_id,
            ApprovalDecision.retracted_at.is_(None),
        )
        .order_by(ApprovalDecision.id)
    )
    text = N_("Later, on %(day)s, at the level %(level)s: %(decision)s.")
    return [
        Sentence(
            "receipt.later_decision",
            text,
            {"day": row.decided_at.date().isoformat(), "level": row.level, "decision": row.decision},
        )
        for row in rows
    ]


def _limit(session: Session, application: CreditApplication) -> list[Sentence]:
    query = select(CreditLimit).where(CreditLimit.application_id == application.id)
    # One that was taken back stands for nothing once another was granted in its place.
    limit = session.scalars(query.order_by(CreditLimit.status == "retracted", CreditLimit.id.desc())).first()
    if limit is None:
        text = N_("The application is now “%(status)s”; no limit came of it.")
        return [Sentence("receipt.application", text, {"status": application.status})]
    if limit.status == "active":
        text = N_("The limit that came of the application is in force until %(until)s.")
        return [Sentence("receipt.limit_active", text, {"until": limit.valid_to.isoformat()})]
    text = N_("The limit that came of the application ended on %(day)s; it is now “%(status)s”.")
    ended = limit.ended_at.date() if limit.ended_at else limit.valid_to
    return [Sentence("receipt.limit_ended", text, {"day": ended.isoformat(), "status": limit.status})]


def _rating(session: Session, figures: dict[str, Any], application: CreditApplication) -> list[Sentence]:
    then = figures["seen"]["rating"]
    if then is None or application.customer_id is None:
        return []
    query = select(Rating).where(Rating.customer_id == application.customer_id).order_by(Rating.id.desc())
    now = session.scalars(query.limit(1)).first()
    if now is None or now.id == then["id"] or now.grade == then["grade"]:
        return []
    text = N_("The customer's grade was %(old_grade)s then and is %(new_grade)s since %(since)s.")
    values = {"old_grade": then["grade"], "new_grade": now.grade, "since": now.rated_at.date().isoformat()}
    return [Sentence("receipt.rating", text, values)]


def _policy(session: Session, figures: dict[str, Any], today: date) -> list[Sentence]:
    then = {key: figure["row"] for key, figure in figures["policy"]["values"].items()}
    now = {
        key: figure["row"]
        for key, figure in policy_in_force(session, today).items()
        if not key.startswith(NOT_READ)
    }
    changed = sum(then.get(key) != row for key, row in now.items() if key in then)
    if not changed:
        return []
    text = N_("Policy figures that are otherwise today: %(count)s.")
    return [Sentence("receipt.policy", text, {"count": changed})]


def receipts_of(session: Session, application_id: int) -> dict[int | None, int]:
    """Decision id (None: granted by rule) -> id of its receipt, for an application's page."""
    rows = session.execute(
        select(DecisionReceipt.decision_id, func.max(DecisionReceipt.id))
        .where(DecisionReceipt.application_id == application_id)
        .group_by(DecisionReceipt.decision_id)
    )
    return {row[0]: row[1] for row in rows}
