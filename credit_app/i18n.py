"""Languages: the gettext functions every module imports, and how the language and zone of a request are chosen."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from flask import Flask, current_app, has_request_context, request
from flask_babel import (
    Babel,
    force_locale,
    format_date,
    format_datetime,
    format_decimal,
    get_locale,
    gettext,
    ngettext,
)
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.datastructures import LanguageAccept

from credit_app.po import PoDomain

# Flask-Babel ships no types; the name is the one that message extraction looks for.
_: Callable[..., str] = gettext

__all__ = [
    "LANGUAGES",
    "Templated",
    "_",
    "_l",
    "all_said",
    "choose_locale",
    "country_name",
    "date_pattern",
    "force_locale",
    "get_locale",
    "in_a_row",
    "init_app",
    "known_word",
    "listed",
    "ngettext",
    "said",
    "value_said",
    "written_day",
    "written_moment",
]

# The name of a language is written in the language itself, so that whoever needs it can read it.
LANGUAGES = {"en": "English", "zh_Hans_CN": "简体中文"}
# Days come into sentences as ISO text, under one of these names or one that ends with _on or day.
DAYS = ("as_of", "newest", "first", "last", "since", "until")
# Values that hold several codes, with blanks between them.
SEVERAL = ("payment_ways",)
ISO_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d|Z)$")
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Templated(Protocol):
    """What says one sentence: a rule's Sentence, or an error of the platform."""

    @property
    def template(self) -> str: ...

    @property
    def values(self) -> Mapping[str, Any]: ...


def said(sentence: Templated | Mapping[str, Any]) -> str:
    """A sentence of a rule or of the platform in the reader's language; also one that was kept as JSON.

    Sentences kept before their template was kept too are shown as they were written, in English.
    """
    if isinstance(sentence, Mapping):
        template = sentence.get("template")
        if template is None:
            return _(str(sentence.get("text", "")))
        values = sentence.get("values") or {}
    else:
        template, values = sentence.template, sentence.values
    text = _(str(template))
    return text % {name: value_said(name, value) for name, value in values.items()} if values else text


def value_said(name: str, value: Any) -> Any:
    """A value of a sentence as the reader writes it: inner sentences, days, and codes that have a word."""
    if isinstance(value, Mapping) or hasattr(value, "template"):
        return said(value)
    if isinstance(value, list | tuple):
        return listed(value_said(name, each) for each in value)
    if isinstance(value, str):
        return text_said(name, value)
    if isinstance(value, datetime):
        return written_moment(value)
    if isinstance(value, date):
        return written_day(value)
    return format_decimal(value) if isinstance(value, Decimal) else value


def text_said(name: str, value: str) -> str:
    """A text among the values: a day or an instant that was kept as text, one or several codes, else as it stands."""
    if (name in DAYS or name.endswith(("_on", "day"))) and ISO_DAY.fullmatch(value):
        return written_day(date.fromisoformat(value))
    if ISO_INSTANT.match(value):
        return written_moment(datetime.fromisoformat(value))
    if name in SEVERAL:
        return listed(known_word(name, each) for each in value.split())
    return known_word(name, value)


def known_word(name: str, value: str) -> str:
    """The word for a code that a sentence carries under this name, such as a grade's level or a method."""
    words = current_app.extensions["sentence_words"].get(name, {})
    return str(words.get(value, value))


def all_said(sentences: Iterable[Templated | Mapping[str, Any]]) -> str:
    """Several sentences one after the other."""
    return in_a_row(said(sentence) for sentence in sentences)


def in_a_row(sentences: Iterable[str]) -> str:
    """Several sentences that are in the reader's language already; Chinese sets no blank between them."""
    return ("" if in_chinese() else " ").join(sentences)


def listed(items: Iterable[Any]) -> str:
    """Several things of a kind in a row, with the comma that the reader's language has for lists."""
    return ("、" if in_chinese() else ", ").join(str(item) for item in items)


def in_chinese() -> bool:
    """Tell whether the reader reads Chinese, which sets no blanks between sentences and has its own list comma."""
    locale = get_locale()
    return locale is not None and locale.language == "zh"


def country_name(code: str) -> str:
    """A country in the language of the page; its letters where nobody knows it."""
    locale = get_locale()
    return str(locale.territories.get(code, code)) if locale is not None else code


def written_day(value: date) -> str:
    """A day as the house writes it: 23 Nov 2026, 2026年11月23日."""
    return str(format_date(value, date_pattern("d MMM y", "yMMMd")))


def written_moment(value: datetime) -> str:
    """An instant in the company's zone as the house writes it: 23 Nov 2026, 14:05."""
    return str(format_datetime(value, date_pattern("d MMM y,", "yMMMd") + " HH:mm"))


def date_pattern(english: str, skeleton: str) -> str:
    """The pattern of a date: the house's own in English, elsewhere what the language does with the skeleton."""
    locale = get_locale() or Locale("en")
    return english if locale.language == "en" else str(locale.datetime_skeletons[skeleton].pattern)


def init_app(app: Flask) -> None:
    """Connect Flask-Babel; the templates get `_` and `ngettext` from it."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "en")
    babel = Babel(app, locale_selector=choose_locale, timezone_selector=choose_zone)
    # The translations are read from the text that translators edit; there is no compiled copy to forget.
    babel.domain_instance = PoDomain()
    app.extensions.setdefault("sentence_words", {})
    app.jinja_env.globals.update(languages=LANGUAGES, get_locale=get_locale)


def choose_locale() -> str:
    """Return the person's language when signed in, else the best one the browser asks for; systems read English."""
    if not has_request_context() or request.blueprint == "api":
        return "en"
    wanted = getattr(current_user, "locale", None)
    return str(wanted) if wanted in LANGUAGES else asked_for(request.accept_languages)


def asked_for(accepted: LanguageAccept) -> str:
    """Return the first language of a browser's list that we have, whatever its script or country."""
    for tag, quality in accepted:
        primary = tag.replace("_", "-").split("-")[0].lower()
        for code in LANGUAGES if quality > 0 else ():
            if code.split("_")[0] == primary:
                return code
    return "en"


def choose_zone() -> str:
    """Return the zone that instants are shown in: the company's own, UTC before there is a company."""
    find = current_app.extensions.get("company_zone")
    name = str(find()) if find else "UTC"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"
    return name
