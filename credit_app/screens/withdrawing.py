"""Who may withdraw an application: the requester, or whoever substitutes them today, until it is decided."""

from credit_app.domain.status import DECIDED
from credit_app.models import CreditApplication, Person
from credit_app.screens.acting import substituted


def may(application: CreditApplication, person: Person) -> bool:
    """Whether to offer it."""
    return application.status not in DECIDED and acts_for_requester(application, person) is not None


def acts_for_requester(application: CreditApplication, person: Person) -> int | None:
    """0 for the requester, the requester's id for a substitute of today, None for everybody else."""
    if application.requested_by == person.id:
        return 0
    principals = {one.id for one in substituted(person)}
    return application.requested_by if application.requested_by in principals else None
