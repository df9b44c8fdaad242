"""Reports of an SMS gateway: a delivered message is proof of a letter's delivery."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.api.clock import now, today
from credit_app.api.inputs import SMS_REPORT_ROW
from credit_app.api.taking import read_row, reader_of, refused
from credit_app.facts.api_tokens import Caller
from credit_app.facts.dunning_proof import ON_THE_WAY, Proof, record_proof
from credit_app.facts.dunning_sending import held_letter
from credit_app.importers.checks import Values
from credit_app.importers.report import Problem
from credit_app.models.dunning import DunningLetter

WORDS = ("new", "same", "unknown")


def take_reports(session: Session, token: Caller, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Write down what became of messages; the answer with what became of each row. Raises ApiProblem."""
    reader = reader_of(token, "entries", SMS_REPORT_ROW, own=True)
    problems: list[Problem] = []
    results: list[dict[str, Any]] = []
    for number, row in enumerate(rows, 1):
        _number, found, wrong = read_row(reader, number, row, SMS_REPORT_ROW)
        problems += wrong
        results += [{"row": number, "result": _report(session, token, values)} for values in found]
    if problems:
        raise refused([{"row": number, "result": "same"} for number, _row in enumerate(rows, 1)], problems)
    said = [result["result"] for result in results]
    return {word: said.count(word) for word in WORDS} | {"rows": results}


def _report(session: Session, token: Caller, values: Values) -> str:
    number = str(values["message"]).upper()
    query = select(DunningLetter.id).where(DunningLetter.number == number, DunningLetter.channel == "sms")
    letter_id = session.scalar(query)
    if letter_id is None:
        return "unknown"
    letter = held_letter(session, letter_id)
    if letter.status not in ON_THE_WAY or (letter.status, values["state"]) == ("failed", "failed"):
        return "same"
    # The gateway's day may be one off ours, for it counts in a zone of its own.
    first = letter.sent_on or letter.letter_on
    day = max(first, min(values["happened_on"] or today(), today()))
    proof = Proof(values["state"], day, letter.address, letter.number, values["note"] or "")
    record_proof(session, letter, proof, today(), now(), reported_by=token.name)
    return "new"
