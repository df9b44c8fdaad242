"""TEMPORARY until the letters are merged."""

from credit_app.facts.collection import log_contact
from credit_app.models import CollectionCase
from workflows import Action


def demand(action: Action, case: CollectionCase, stage: str) -> None:
    log_contact(action.session, case.customer_id, "email", "sent", note=stage)
