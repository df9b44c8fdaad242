"""The words of legal action as filters of every template."""

from functools import partial

from flask import Flask

from credit_app.facts import legal_words

FILTERS = {
    "legal_date_word": legal_words.DATE_WORDS,
    "limitation_ground_word": legal_words.GROUND_WORDS,
    "why_not_word": legal_words.WHY_NOT_WORDS,
    "evidence_word": legal_words.EVIDENCE_WORDS,
    "missing_word": legal_words.MISSING_WORDS,
    "prospect_word": legal_words.PROSPECT_WORDS,
    "solvency_word": legal_words.SOLVENCY_WORDS,
    "legal_way_word": legal_words.WAY_WORDS,
    "title_word": legal_words.TITLE_WORDS,
    "counsel_word": legal_words.COUNSEL_WORDS,
    "cost_word": legal_words.COST_WORDS,
    "legal_event_word": legal_words.EVENT_WORDS,
}


def init_app(app: Flask) -> None:
    """Make the words filters."""
    for name, words in FILTERS.items():
        app.add_template_filter(partial(_said, words), name)
    app.add_template_filter(_rests_on, "rests_on_word")


def _said(words: legal_words.Words, code: str | None) -> str:
    return legal_words.word(words, code)


def _rests_on(evidence: str) -> str:
    """What an event of limitation rests on; the words of a person stay as they are."""
    words = legal_words.REST_WORDS.get(evidence.partition(":")[0])
    return evidence if words is None else str(words)
