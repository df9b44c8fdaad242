"""Applications of a customer and what was decided about them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.models import ApprovalDecision, CreditApplication
from credit_app.screens import visible
from credit_app.screens.access import person
from credit_app.screens.file.opening import Opened
from credit_app.screens.file.page import reads

MOST = 200


@reads("applications")
def read(file: Opened, _forms: Mapping[str, Any]) -> dict[str, Any]:
    """The applications that this person may see and the decisions about them, newest first."""
    mine = select(CreditApplication).where(
        CreditApplication.customer_id == file.customer.id, visible.applications(person())
    )
    ids = mine.with_only_columns(CreditApplication.id)
    decisions = select(ApprovalDecision).where(ApprovalDecision.application_id.in_(ids))
    together = (
        joinedload(ApprovalDecision.application),
        joinedload(ApprovalDecision.person),
        joinedload(ApprovalDecision.principal),
    )
    newest = mine.options(*visible.WITH_NAMES).order_by(CreditApplication.created_at.desc()).limit(MOST)
    return {
        "applications": list(db.session.scalars(newest)),
        "decisions": list(
            db.session.scalars(decisions.options(*together).order_by(ApprovalDecision.id.desc()).limit(MOST))
        ),
    }
