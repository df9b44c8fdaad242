"""Languages: the gettext functions every module imports, and how the language and zone of a request are chosen."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Flask, current_app, has_request_context, request
from flask_babel import Babel, force_locale, get_locale, gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from credit_app.domain.sentences import Sentence

# Flask-Babel ships no types; the name is the one that message extraction looks for.
_: Callable[..., str] = gettext

__all__ = [
    "LANGUAGES",
    "_",
    "_l",
    "choose_locale",
    "force_locale",
    "get_locale",
    "init_app",
    "ngettext",
    "said",
]

# The name of a language is written in the language itself, so that whoever needs it can read it.
LANGUAGES = {"en": "English"}


def said(sentence: Sentence) -> str:
    """A rule's sentence in the reader's language."""
    return _(sentence.template) % dict(sentence.values)


def init_app(app: Flask) -> None:
    """Connect Flask-Babel; the templates get `_` and `ngettext` from it."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "en")
    Babel(app, locale_selector=choose_locale, timezone_selector=choose_zone)
    app.jinja_env.globals.update(languages=LANGUAGES, get_locale=get_locale)


def choose_locale() -> str:
    """Return the person's language when signed in, else the best one the browser asks for."""
    if not has_request_context():
        return "en"
    wanted = getattr(current_user, "locale", None)
    if wanted in LANGUAGES:
        return str(wanted)
    return request.accept_languages.best_match(list(LANGUAGES), default="en") or "en"


def choose_zone() -> str:
    """Return the zone that instants are shown in: the company's own, UTC before there is a company."""
    find = current_app.extensions.get("company_zone")
    name = str(find()) if find else "UTC"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"
    return name
