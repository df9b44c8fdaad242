"""The words of letters as people read them."""

from collections.abc import Mapping

from flask import Flask
from flask_babel import LazyString

from credit_app.i18n import _l
from credit_app.screens.code_words import LANGUAGE_WORDS, LETTER_LEVEL_WORDS, LETTER_WAY_WORDS

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
