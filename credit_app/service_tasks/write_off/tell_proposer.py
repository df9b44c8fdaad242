"""Tell proposer: the write-off was refused."""

from credit_app.facts import write_off as facts_of
from workflows import Action


def run(action: Action) -> None:
    """One mail to whoever proposed."""
    found = facts_of.write_off_of(action)
    action.mail(facts_of.told(action.session, found), "write_off_decided", write_off_id=found.id)
