"""Who may withdraw what sales asked for until it is decided: who asked or their substitute; a review: its manager."""

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
        return acts_for_sales(application.requester, application.branch_id, person)
    if holds(person, CANCELS_REVIEWS, application.branch_id):
        return 0
    principals = (one.id for one in substituted(person) if holds(one, CANCELS_REVIEWS, application.branch_id))
    return next(principals, None)


def acts_for_sales(asked: Person, branch_id: int | None, person: Person) -> int | None:
    """The same for what `asked` of sales has asked for in a branch."""
    found = acts_for(asked.id, person)
    # Of somebody who has left nobody is the substitute: their head of sales ends what they began.
    left = found is None and not asked.active
    return 0 if left and holds(person, HEAD_OF_SALES, branch_id) else found


def acts_for_requester(application: CreditApplication, person: Person) -> int | None:
    """0 for the requester, the requester's id for a substitute of today, None for everybody else."""
    return acts_for(application.requested_by, person)


def acts_for(asked_by: int, person: Person) -> int | None:
    """0 for whoever asked, their id for a substitute of today, None for everybody else."""
    if asked_by == person.id:
        return 0
    return asked_by if asked_by in {one.id for one in substituted(person)} else None
