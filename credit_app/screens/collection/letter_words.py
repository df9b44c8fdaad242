"""The words of letters as people read them."""

from collections.abc import Mapping

from flask import Flask
from flask_babel import LazyString

from credit_app.i18n import _l

LETTER_LEVEL_WORDS: Mapping[str, LazyString] = {
    "reminder": _l("reminder before due"),
    "friendly_notice": _l("friendly notice"),
    "letter_1": _l("first letter"),
    "letter_2": _l("second letter"),
    "final_demand": _l("final demand"),
    "lawyer_letter": _l("lawyer's letter"),
}
LETTER_WAY_WORDS: Mapping[str, LazyString] = {"email": _l("e-mail"), "letter": _l("paper"), "sms": _l("SMS")}
LANGUAGE_WORDS: Mapping[str, LazyString] = {"en": _l("English"), "zh_Hans_CN": _l("Chinese")}
PROOFS: Mapping[str, LazyString] = {"delivered": _l("delivered"), "failed": _l("not delivered")}


def level_word(level: str) -> str:
    """What letter it is."""
    return str(LETTER_LEVEL_WORDS.get(level, level))


def way_word(channel: str) -> str:
    """By which way a letter goes."""
    return str(LETTER_WAY_WORDS.get(channel, channel))


def letter_language_word(language: str) -> str:
    """The language of a letter."""
    return str(LANGUAGE_WORDS.get(language, language))


def proof_word(kind: str) -> str:
    """What is proven."""
    return str(PROOFS.get(kind, kind))


def init_app(app: Flask) -> None:
    """Make the words filters of every template."""
    for function in (level_word, way_word, letter_language_word, proof_word):
        app.add_template_filter(function)
