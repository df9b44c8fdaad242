"""Template filters: how amounts, days and instants look in the reader's language and the company's zone."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_name, get_currency_precision
from flask import Flask
from flask_babel import format_date, format_decimal, format_timedelta
from markupsafe import Markup, escape

from credit_app.domain.envelope import part_name
from credit_app.facts.exposure_reading import security_word
from credit_app.facts.rating_view import rating_view
from credit_app.facts.review_reading import action_word, review_done, review_reasons
from credit_app.i18n import _, date_pattern, get_locale, listed, said, written_day, written_moment
from credit_app.screens import charts, import_words, words
from credit_app.screens.clock import now
from credit_app.screens.policy_words import source_said

SOON = timedelta(days=2)
RELATIVE = timedelta(days=14)


def init_app(app: Flask) -> None:
    """Register the filters."""
    for function in (
        amount,
        number,
        percent,
        day,
        iso_day,
        weekday,
        moment,
        moment_tag,
        duration,
        clock_time,
        due_state,
        filesize,
        currency_word,
        decimal,
        sentence,
        linked,
        listed,
    ):
        app.add_template_filter(function)
    for shown in (
        words.status_word,
        words.role_word,
        words.match_reason_word,
        words.bank_rule_word,
        words.risk,
        words.risk_word,
        words.payment_word,
        words.decision_word,
        words.opinion_word,
        words.rework_word,
        words.meeting_word,
        words.method_word,
        words.channel_word,
        words.envelope_word,
        words.assessment_word,
        words.security_state_word,
        words.rule_word,
        words.wish_word,
        words.control_word,
        words.import_kind_word,
        words.indicator_word,
        words.mail_word,
        words.proposal_note,
        rating_view,
        source_said,
        security_word,
        review_reasons,
        review_done,
        words.application_kind_word,
        envelope_part,
        action_word,
        charts.exposure_shape,
        charts.trend_shape,
        charts.spark_shape,
    ):
        app.add_template_filter(shown)
    for spoken in import_words.FILTERS:
        app.add_template_filter(spoken)


def amount(value: Decimal | float, currency: str | None = None, digits: int | None = None) -> str:
    """Return a grouped amount with the decimals of its currency, or `digits` when fewer are wanted."""
    places = get_currency_precision(currency) if currency else 2
    places = places if digits is None else min(places, digits)
    return str(format_decimal(Decimal(value), format="#,##0" + ("." + "0" * places if places else "")))


def number(value: Decimal | float | None, digits: int = 0) -> str:
    """Return a grouped number with `digits` decimals; a dash for none."""
    if value is None:
        return "–"
    return str(format_decimal(Decimal(value), format="#,##0" + ("." + "0" * digits if digits else "")))


def percent(share: Decimal | float | None, digits: int = 0) -> str:
    """Return a share (1 = all) as a percentage; a dash for none."""
    return "–" if share is None else per_cent(Decimal(share) * 100, digits)


def per_cent(value: Decimal, digits: int = 0) -> str:
    """Return a percentage with its sign as the language sets it."""
    return _("%(number)s %%", number=number(value, digits))


def day(value: date | None) -> str:
    """Return a date such as 23 Nov 2026; a dash for none."""
    return "–" if value is None else written_day(value)


def iso_day(value: str | None) -> str:
    """Return the same for a date that was kept as text."""
    return "–" if not value else day(date.fromisoformat(value[:10]))


def decimal(value: str | int | Decimal) -> Decimal:
    """Return a figure that was kept as text as the number it is."""
    return Decimal(value)


def sentence(value: Any) -> str:
    """Return a rule's sentence in the reader's language: a Sentence, or one kept as JSON."""
    return said(value)


def weekday(value: date) -> str:
    """Return a date with its weekday, such as Mon 23 Nov 2026."""
    return str(format_date(value, date_pattern("EEE d MMM y", "yMMMEd")))


def clock_time(value: datetime) -> str:
    """Return what the clocks there show, with the day of the week: an instant in its own zone, such as Tue 14:05."""
    return f"{format_date(value.date(), 'EEE')} {value:%H:%M}"


def moment(value: datetime | None) -> str:
    """Return an exact instant in the company's zone; a dash for none."""
    return "–" if value is None else written_moment(value)


def moment_tag(value: datetime | None) -> Markup:
    """Return an instant as people say it (“3 hours ago”, “in 2 days”), the exact one on hover."""
    if value is None:
        return Markup("–")
    exact = moment(value)
    apart = now() - value
    if abs(apart) < timedelta(minutes=1):
        spoken = _("just now")
    elif abs(apart) < RELATIVE:
        spoken = str(format_timedelta(-apart, granularity="minute", add_direction=True, threshold=1.2))
    else:
        spoken = str(format_date(value, date_pattern("d MMM y", "yMMMd")))
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        value.astimezone(UTC).isoformat(timespec="seconds"), exact, escape(spoken)
    )


def duration(value: timedelta) -> str:
    """Return how long something took: hours, minutes and seconds, such as 0:04:12."""
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def due_state(value: datetime) -> str:
    """Return overdue, soon or later for a due instant."""
    if value < now():
        return "overdue"
    return "soon" if value - now() < SOON else "later"


def envelope_part(name: str) -> str:
    """Return whom a part of the credit envelope is for."""
    return said(part_name(name))


def linked(text: str) -> Markup:
    """Return a plain text with its addresses as links; everything in it is escaped."""
    link = Markup('<a href="{0}" rel="noreferrer">{0}</a>')
    parts = re.split(r"(https?://\S+)", text)
    return Markup("").join(link.format(part) if index % 2 else part for index, part in enumerate(parts))


def currency_word(code: str, name: str) -> str:
    """Return a currency's name: as it was entered in English, else as the reader's language calls it."""
    locale = get_locale()
    return name if locale is None or locale.language == "en" else str(get_currency_name(code, locale=locale))


def filesize(size: int) -> str:
    """Return a file's size in kB or MB."""
    if size < 1_000_000:
        return f"{number(Decimal(max(size, 1000)) / 1000)} kB"
    return f"{number(Decimal(size) / 1_000_000, 1)} MB"
