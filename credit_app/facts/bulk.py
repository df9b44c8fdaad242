"""Whether a limit may be decided together with others: looked at again in the transaction that decides."""

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_app.domain.bulk import BulkCase, BulkPolicy, why_not
from credit_app.facts.application import application_of
from credit_app.facts.exposure import weigh
from credit_app.i18n import said
from credit_app.models import policy_values
from workflows import Action, NotAllowed


def check_bulk(action: Action) -> None:
    """Raise NotAllowed with the reason where policy wants the decision taken by itself."""
    session = action.session
    weight = weigh(session, application_of(action), action.today)
    case = BulkCase(
        action.task.role if action.task else "",
        Decimal(weight.limit_in_base),
        weight.currency,
        len(weight.exceptions),
    )
    reason = why_not(bulk_policy(session, action.today), case)
    if reason is not None:
        raise NotAllowed(said(reason))


def bulk_policy(session: Session, day: date) -> BulkPolicy:
    """The policy in force on a day."""
    return BulkPolicy.from_policy(policy_values(session, day))
