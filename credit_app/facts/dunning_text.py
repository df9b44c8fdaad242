"""The texts of letters: the version in force, the fields filled with a customer's figures, and new versions."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.support import NullTranslations
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app import resources
from credit_app.domain import dunning_text as rules
from credit_app.domain.dunning import CHANNELS, LETTER_LANGUAGES, LEVELS, DueItem, Total
from credit_app.domain.errors import DomainError
from credit_app.domain.money import format_amount
from credit_app.i18n import _
from credit_app.models.customer import Customer
from credit_app.models.dunning import DunningTemplate
from credit_app.models.once import once
from credit_app.po import load
from workflows import Conflict, InvalidAnswer, NotFound
from workflows.errors import N_

PAY_TO = N_("Please pay %(currency)s to: %(account)s")
DISPUTED = N_("Not claimed: %(amount)s of %(number)s, which you dispute.")
PROMISED = N_("Not claimed: %(amount)s of %(number)s, which you promised to pay.")


@dataclass(frozen=True, slots=True)
class Text:
    """The text in force: `version` 0 is the one that is shipped, which has no row."""

    level: str
    language: str
    channel: str
    subject: str
    body: str
    version: int = 0
    template_id: int | None = None


@once
def text_in_force(session: Session, level: str, language: str, channel: str) -> Text:
    """The newest version, else the shipped text. Raises NotFound for a level, language or channel that is not ours."""
    if level not in LEVELS or language not in LETTER_LANGUAGES or channel not in CHANNELS:
        raise NotFound(_("There is no such text."))
    query = versions_query(level, language, channel).limit(1)
    row = session.scalars(query).first()
    if row is not None:
        return Text(level, language, channel, row.subject, row.body, row.version, row.id)
    kept = shipped(language)[level]
    if channel == "sms":
        return Text(level, language, channel, "", kept["sms"])
    return Text(level, language, channel, kept["subject"], kept["body"])


def versions_query(level: str, language: str, channel: str) -> Any:
    """The versions of a text, the newest first."""
    return (
        select(DunningTemplate)
        .where(
            DunningTemplate.level == level,
            DunningTemplate.language == language,
            DunningTemplate.channel == channel,
        )
        .order_by(DunningTemplate.version.desc())
    )


@cache
def shipped(language: str) -> Mapping[str, Mapping[str, str]]:
    """Level -> subject, body and sms of the texts that every company starts with."""
    with (resources.templates() / "dunning" / f"{language}.toml").open("rb") as file:
        found = tomllib.load(file)
    return {level: {name: text.strip() for name, text in texts.items()} for level, texts in found.items()}


def publish_text(
    session: Session, text: Text, subject: str, body: str, person_id: int, now: Any
) -> DunningTemplate:
    """Add a version after `text`, which the person has seen. Raises InvalidAnswer naming the field, Conflict."""
    check_text(text.channel, subject, body)
    ruling = text_in_force(session, text.level, text.language, text.channel)
    if ruling.version != text.version:
        raise Conflict(_("Somebody has saved a newer version of this text meanwhile; look at it first."))
    row = DunningTemplate(
        level=text.level, language=text.language, channel=text.channel, version=text.version + 1,
        subject="" if text.channel == "sms" else subject, body=body, made_by=person_id, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def check_text(channel: str, subject: str, body: str) -> None:
    """Raises InvalidAnswer that names the field and says what is accepted."""
    try:
        if channel != "sms":
            rules.check_subject(subject)
    except DomainError as error:
        raise InvalidAnswer("subject", error.sentence.template, **error.sentence.values) from None
    try:
        rules.check_body(body, channel)
    except DomainError as error:
        raise InvalidAnswer("body", error.sentence.template, **error.sentence.values) from None


# --- filling ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Facts:
    """What a letter is filled with."""

    number: str
    customer: Customer
    contact: str
    company: str
    letter_on: date
    pay_by: date | None
    items: Sequence[DueItem]
    totals: Sequence[Total]
    accounts: Sequence[tuple[str, str]]
    sender: Sequence[str]


def filled(text: Text, facts: Facts) -> tuple[str, str]:
    """(subject, body) with the fields filled; ITEMS_PLACE stands where the items do."""
    values = fields_of(facts, text.language)
    body = rules.fill(text.body, values)
    # A field without anything to say leaves no hole.
    while "\n\n\n" in body:
        body = body.replace("\n\n\n", "\n\n")
    return " ".join(rules.fill(text.subject, values).split()), body.strip()


def fields_of(facts: Facts, language: str) -> Mapping[str, str]:
    """Every field with its value."""
    claimed = [item for item in facts.items if item.claimed > 0]
    oldest = min(claimed, key=lambda item: item.due_date)
    last = max(item.due_date for item in claimed)
    comma = "、" if language.startswith("zh") else ", "
    return {
        "customer": facts.customer.name,
        "customer_number": facts.customer.number,
        "contact": facts.contact or facts.customer.name,
        "company": facts.company,
        "letter": facts.number,
        "date": day_in(language, facts.letter_on),
        "total": amounts(((total.currency, total.to_pay) for total in facts.totals), comma),
        "interest": amounts(((total.currency, total.interest) for total in facts.totals), comma),
        "fees": amounts(((total.currency, total.fee) for total in facts.totals), comma),
        "due_by": day_in(language, facts.pay_by or last),
        "oldest_due": day_in(language, oldest.due_date),
        "days_overdue": str(max(oldest.days_overdue, 0)),
        "number_of_items": str(len(claimed)),
        "left_out": left_out(facts.items, language),
        "bank": "\n".join(
            said_in(language, PAY_TO, currency=code, account=account) for code, account in facts.accounts
        ),
        "sender": "\n".join(facts.sender),
    }


def amounts(pairs: Iterable[tuple[str, Decimal]], comma: str) -> str:
    """Amounts of several currencies in a row; those of nothing only where all are nothing."""
    pairs = list(pairs)
    some = [(code, amount) for code, amount in pairs if amount] or pairs[:1]
    return comma.join(format_amount(amount, code) for code, amount in some)


def left_out(items: Iterable[DueItem], language: str) -> str:
    """What is open and not claimed, and why; a line each, empty when there is nothing."""
    lines = []
    for item in items:
        for amount, sentence in ((item.disputed, DISPUTED), (item.promised, PROMISED)):
            if amount:
                named = format_amount(amount, item.currency)
                lines.append(said_in(language, sentence, amount=named, number=item.number))
    return "\n".join(lines)


# --- the language of the letter, whoever is at work and also where nobody is --------------------------------------


def said_in(language: str, template: str, **values: str) -> str:
    """A sentence of this program in the letter's language."""
    return _translations(language).gettext(template) % values


@cache
def _translations(language: str) -> NullTranslations:
    return load(language)


def day_in(language: str, day: date) -> str:
    """A day as the house writes it in the letter's language: 23 Nov 2026, 2026年11月23日."""
    locale = Locale.parse(language)
    pattern = "d MMM y" if locale.language == "en" else str(locale.datetime_skeletons["yMMMd"].pattern)
    return str(format_date(day, pattern, locale))


def country_in(language: str, code: str) -> str:
    """The name of a country in the letter's language; an unknown one by its code."""
    return str(Locale.parse(language).territories.get(code, code))
