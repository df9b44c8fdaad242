"""What belongs to whoever asks for credit until it is submitted: an application, or a temporary limit."""

from sqlalchemy import select

from credit_app.domain import status
from credit_app.facts.application import application_of
from credit_app.facts.people import plain
from credit_app.i18n import _
from credit_app.models import ApprovalDecision
from workflows import Action, Assignment, NotAllowed


def requesters_own(action: Action) -> Assignment:
    """The requester's own work, in the role in which they sell."""
    application = application_of(action)
    seller, branch = plain(application.requester), application.branch_id
    held = {role for role, where in seller.roles if branch is None or where in (None, branch)}
    role = "sales_manager" if "sales_manager" in held and "sales_rep" not in held else "sales_rep"
    return Assignment(role, branch, claimed_by=seller.person_id)


def check_requester(action: Action) -> None:
    """Only the requester, or who substitutes them, works on it. Raises NotAllowed."""
    if application_of(action).requested_by not in (action.actor.person_id, action.actor.on_behalf_of):
        raise NotAllowed(_("This application belongs to the colleague who opened it."))


def sent_back_with(action: Action) -> ApprovalDecision | None:
    """The decision that sent it back to the requester, while it is there again."""
    application = application_of(action)
    return last_return(action) if application.status == status.SENT_BACK else None


def last_return(action: Action) -> ApprovalDecision | None:
    """The decision that sent the application back last."""
    query = select(ApprovalDecision).where(
        ApprovalDecision.application_id == application_of(action).id, ApprovalDecision.decision == "send_back"
    )
    return action.session.scalars(query.order_by(ApprovalDecision.id.desc()).limit(1)).first()
