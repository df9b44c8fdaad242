"""The words of contracts as people read them."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from flask_babel import LazyString

from credit_app.facts.contract_words import (
    AREA_WORDS,
    COMMENT_KIND_WORDS,
    LANGUAGE_WORDS,
    RENEWAL_WORDS,
    RETENTION_WORDS,
    TERM_WORDS,
    VERDICT_WORDS,
)
from credit_app.facts.performance import TITLES
from credit_app.forms.contracts import DOCUMENT_WORDS, KIND_WORDS, SIDE_WORDS
from credit_app.forms.parties import PARTY_KIND_WORDS
from credit_app.i18n import _, _l, country_name, ngettext
from credit_app.models.contract import ContractEvent
from credit_app.screens.contracts import performance_words

EVENT_WORDS: Mapping[str, LazyString] = {
    "need_recorded": _l("Need recorded"),
    "version_drafted": _l("Version drafted"),
    "new_review_begun": _l("Review begun"),
    "change_review_begun": _l("Change begun"),
    "renewal_review_begun": _l("Renewal begun"),
    "clauses_checked": _l("Clauses checked"),
    "put_under_review": _l("Put under review"),
    "points_asked": _l("Reviewers ask for changes"),
    "opinions_agree": _l("Reviewers agree"),
    "points_answered": _l("Drafter answered"),
    "objections_overrule": _l("Objections overruled"),
    "objections_uphold": _l("Objections upheld"),
    "objections_refuse": _l("Contract refused over objections"),
    "credit_refused": _l("Credit not granted"),
    "signed": _l("Signed for us"),
    "sent_back": _l("Sent back by a level"),
    "signature_refused": _l("Signature refused"),
    "countersigned": _l("Signed by the other side"),
    "changes_asked": _l("The other side asks for changes"),
    "other_side_declined": _l("The other side declined"),
    "review_filed": _l("Contract filed"),
    "review_refused": _l("Review refused"),
    "review_withdrawn": _l("Review withdrawn"),
    "paper_filed": _l("Paper filed"),
    **performance_words.EVENTS,
}


def side_word(side: str) -> str:
    """Whether we sell or buy."""
    return str(SIDE_WORDS.get(side, side))


def contract_kind_word(kind: str) -> str:
    """What a contract is about."""
    return str(KIND_WORDS.get(kind, kind))


def term_word(name: str) -> str:
    """A term of a contract."""
    return str(TERM_WORDS.get(name, name))


def party_kind_word(kind: str) -> str:
    """What a party is to us."""
    return str(PARTY_KIND_WORDS.get(kind, kind))


def contract_area_word(area: str) -> str:
    """Who gives an opinion."""
    return str(AREA_WORDS.get(area, area))


def contract_renewal_word(renewal: str) -> str:
    """How a contract goes on after its end."""
    return str(RENEWAL_WORDS.get(renewal, renewal))


def contract_retention_word(code: str) -> str:
    """What retention counts from."""
    return str(RETENTION_WORDS.get(code, code))


def country_word(code: str) -> str:
    """A country in the reader's language."""
    return country_name(code)


def contract_event_word(kind: str) -> str:
    """What happened to a contract."""
    return str(EVENT_WORDS.get(kind, kind))


def contract_event_note(event: ContractEvent) -> str:
    """What an event adds; a checklist's departures are counted in words, what the program planned is translated."""
    if event.kind == "clauses_checked" and event.note.isdigit():
        count = int(event.note)
        if not count:
            return str(_("Every clause is as policy asks."))
        return str(
            ngettext("%(num)s clause departs from policy.", "%(num)s clauses depart from policy.", count)
        )
    if event.kind == "milestone_done" and event.note in TITLES.values():
        return str(_(event.note))
    return event.note


def contract_verdict_word(code: str) -> str:
    """What an area says of a version."""
    return str(VERDICT_WORDS.get(code, code))


def contract_comment_word(kind: str) -> str:
    """What kind of point a reviewer raises."""
    return str(COMMENT_KIND_WORDS.get(kind, kind))


def contract_paper_word(kind: str) -> str:
    """A paper beside the versions of a contract."""
    return str(DOCUMENT_WORDS.get(kind, kind))


def contract_language_word(language: str) -> str:
    """The language of a contract's text."""
    return str(LANGUAGE_WORDS.get(language, language))


FILTERS: tuple[Callable[..., Any], ...] = (
    side_word,
    contract_kind_word,
    term_word,
    party_kind_word,
    contract_area_word,
    contract_renewal_word,
    contract_retention_word,
    country_word,
    contract_event_word,
    contract_event_note,
    contract_paper_word,
    contract_verdict_word,
    contract_comment_word,
    contract_language_word,
)


def init_app(app: Flask) -> None:
    """Give the templates the words."""
    for function in (*FILTERS, *performance_words.FILTERS):
        app.add_template_filter(function)
