"""Who may withdraw an application until it is decided: who asked for it or their substitute; a review: its manager."""

from credit_app.domain.status import DECIDED
from credit_app.models import CreditApplication, Person
from credit_app.screens.acting import holds, substituted

CANCELS_REVIEWS = "credit_manager"
HEAD_OF_SALES = "sales_manager"


def may(application: CreditApplication, person: Person) -> bool:
    """Whether to offer it."""
    return application.status not in DECIDED and acts_as(application, person) is not None


def acts_as(application: CreditApplication, person: Person) -> int | None:
    """For whom the person would withdraw it: 0 for themselves, else whom they substitute; None: they may not."""
    if application.kind != "review":
        found = acts_for_requester(application, person)
        # Of somebody who has left nobody is the substitute: their head of sales ends what they began.
        left = found is None and not application.requester.active
        return 0 if left and holds(person, HEAD_OF_SALES, application.branch_id) else found
    if holds(person, CANCELS_REVIEWS, application.branch_id):
        return 0
    principals = (one.id for one in substituted(person) if holds(one, CANCELS_REVIEWS, application.branch_id))
    return next(principals, None)


def acts_for_requester(application: CreditApplication, person: Person) -> int | None:
    """0 for the requester, the requester's id for a substitute of today, None for everybody else."""
    if application.requested_by == person.id:
        return 0
    principals = {one.id for one in substituted(person)}
    return application.requested_by if application.requested_by in principals else None
