"""Remind owner: the days in which renewal of a contract can be decided run out."""

from credit_app.facts.people import ids_with
from credit_app.facts.renewals import owner_and_role, renewal_of
from workflows import Action


def run(action: Action) -> None:
    """Queue the mail: to the owner, or once they have left to everybody with their role."""
    row = renewal_of(action)
    owner, role = owner_and_role(action.session, row)
    people = [owner] if owner is not None else ids_with(action.session, role, row.contract.branch_id)
    action.mail(people, "contract_renewal_due", renewal_id=row.id)
