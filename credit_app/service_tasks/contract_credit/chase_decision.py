"""Chase decision: the credit application that a contract waits for is not decided yet."""

from typing import Any

from credit_app.facts.contract_cases import drafter, review_of
from credit_app.facts.deadlines import due_after
from credit_app.models import CreditApplication
from workflows import Action, inbox


def run(action: Action) -> dict[str, Any]:
    """Tell the drafter and whoever has the application open; set when it is chased again."""
    session, review = action.session, review_of(action)
    waited = session.get(CreditApplication, review.application_id or 0)
    people = {drafter(review)}
    if waited is not None:
        people.add(waited.requested_by)
        tasks = inbox.of_instance(session, waited.instance_id) if waited.instance_id else []
        people |= {task.claimed_by for task in tasks if task.claimed_by is not None}
    action.mail(
        sorted(people), "contract_credit_late", review_id=review.id, application_id=review.application_id or 0
    )
    return {"chase_at": due_after(session, action.now, action.today, "contract.chase_days").isoformat()}
