"""The words of contracts in a history: what their tables, columns and codes are called."""

from collections.abc import Mapping
from typing import Any

from credit_app.facts.contract_words import (
    AREA_WORDS,
    CLAUSE_STATE_WORDS,
    COMMENT_KIND_WORDS,
    LANGUAGE_WORDS,
    RENEWAL_WORDS,
    RETENTION_WORDS,
    TERM_WORDS,
    VERDICT_WORDS,
)
from credit_app.forms.contracts import KIND_WORDS, SIDE_WORDS
from credit_app.i18n import _l
from credit_app.screens.collection.letter_words import LANGUAGE_WORDS as LETTER_LANGUAGES
from credit_app.screens.words import STATUSES

Words = Mapping[str, Any]
YES_NO: Words = {"yes": _l("yes"), "no": _l("no")}
REVIEW_KIND_WORDS: Words = {"new": _l("new contract"), "change": _l("change"), "renewal": _l("renewal")}


def _statuses(prefix: str) -> dict[str, Any]:
    """The words of one kind of case, by its own status."""
    return {code.removeprefix(prefix): one.label for code, one in STATUSES.items() if code.startswith(prefix)}


CONTRACTS_TABLES = {
    "contract_clause": _l("Clause"),
    "contract_comment": _l("Point of a reviewer"),
    "contract_opinion": _l("Opinion"),
    "contract_review": _l("Contract review"),
    "contract_version": _l("Version of a contract"),
}
CONTRACTS_COLUMNS = {
    **TERM_WORDS,
    "area": _l("Area"),
    "areas": _l("Areas asked"),
    "body": _l("What and why"),
    "changes": _l("What is to change, and why"),
    "clause": _l("Clause"),
    "clauses": _l("Clauses"),
    "draft": _l("Draft"),
    "frozen_at": _l("Under review since"),
    "no": _l("Version"),
    "place": _l("Place"),
    "policy_text": _l("What policy says"),
    "quoted": _l("Quoted"),
    "round": _l("Round"),
    "state": _l("State"),
    "text": _l("Text"),
    "verdict": _l("Opinion"),
    "wording": _l("Wording proposed"),
    "checked_by": _l("Checked by"),
    "given_at": _l("Given"),
    "given_by": _l("Given by"),
    "outcome_note": _l("Reason"),
    "for_credit": _l("Credit is asked"),
    "for_finance": _l("Finance is asked"),
    "for_legal": _l("Legal is asked"),
    "for_delivery": _l("Delivery is asked"),
    **{f"{area}_verdict": word for area, word in AREA_WORDS.items()},
}
STATE_WORDS: Words = {**CLAUSE_STATE_WORDS, **_statuses("point_")}
CONTRACTS_STATUSES: Words = _statuses("contract_review_")
CONTRACTS_KINDS: Words = {**KIND_WORDS, **REVIEW_KIND_WORDS, **COMMENT_KIND_WORDS}
CONTRACTS_OUTCOMES: Words = {
    "agreed": _l("agreed"),
    "rework": _l("a new version"),
    "insist": _l("the text stays"),
}
CONTRACTS_CODES: Mapping[str, Words] = {
    "contract_review.status": _statuses("contract_review_"),
    "contract_review.kind": REVIEW_KIND_WORDS,
    "contract_comment.kind": COMMENT_KIND_WORDS,
    "area": AREA_WORDS,
    "language": {**LETTER_LANGUAGES, **LANGUAGE_WORDS},
    "side": SIDE_WORDS,
    "state": STATE_WORDS,
    "verdict": VERDICT_WORDS,
    "renewal": RENEWAL_WORDS,
    "retention_from": RETENTION_WORDS,
    "draft": {"made": _l("made")},
    "clauses": {"checked": _l("checked")},
    **{f"for_{area}": YES_NO for area in AREA_WORDS},
    **{f"{area}_verdict": VERDICT_WORDS for area in AREA_WORDS},
}
