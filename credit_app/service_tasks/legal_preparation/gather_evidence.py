"""Gather evidence: the pack is made from the file and filed there."""

from credit_app.facts.legal import legal_case_of
from credit_app.reports.evidence_pack import file_pack
from workflows import Action


def run(action: Action) -> None:
    """Names what is missing."""
    file_pack(action.session, legal_case_of(action), action.today, action.now, action.actor.person_id)
