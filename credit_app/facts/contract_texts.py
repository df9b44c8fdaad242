"""The template texts of contracts: the newest of each, shipped ones until the company has its own, and filling one."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from credit_app import resources
from credit_app.domain.contract_text import filled
from credit_app.domain.contracts import TERMS
from credit_app.domain.errors import DomainError
from credit_app.facts.contract_words import TERM_WORDS, Words, term_said
from credit_app.i18n import _, _l, force_locale, said, written_day
from credit_app.models import the_company
from credit_app.models.contract import LANGUAGES, Contract, ContractTemplate, ContractVersion
from workflows import InvalidAnswer

LOCALES = {"en": "en", "zh": "zh_Hans_CN"}


# Fields of a template beside the terms; their values come from the contract, the other side and the company.
OTHER_FIELDS: Words = {
    "company": _l("Our company"),
    "date": _l("Day of the draft"),
    "number": _l("Number of the contract"),
    "title": _l("Title of the contract"),
    "other_side": _l("The other side"),
    "other_side_number": _l("Its number with us"),
    "other_side_address": _l("Its address"),
}
# Every field of a template with what it stands for.
FIELDS: Words = {**OTHER_FIELDS, **TERM_WORDS}


@dataclass(frozen=True, slots=True)
class TemplateText:
    """The newest version of a text; `version` 0 is one that is shipped, which has no row. No draft begins from one
    that is `withdrawn`."""

    code: str
    side: str
    language: str
    title: str
    body: str
    version: int = 0
    withdrawn: bool = False

    @property
    def key(self) -> str:
        """What names it in a form."""
        return f"{self.code}:{self.language}"


def all_texts(session: Session) -> list[TemplateText]:
    """The newest text of each code and language, also those that are withdrawn, by title."""
    found = {text.key: text for text in shipped()}
    key = ContractTemplate.code, ContractTemplate.language
    newest = select(ContractTemplate).ext(distinct_on(*key)).order_by(*key, ContractTemplate.version.desc())
    for row in session.scalars(newest):
        text = as_text(row)
        found[text.key] = text
    return sorted(found.values(), key=lambda text: (text.language, text.title, text.code))


def texts_for(session: Session, side: str) -> list[TemplateText]:
    """The texts that a draft of this side can begin from."""
    return [text for text in all_texts(session) if text.side == side and not text.withdrawn]


def as_text(row: ContractTemplate) -> TemplateText:
    """A version as it was published."""
    return TemplateText(row.code, row.side, row.language, row.title, row.body, row.version, row.withdrawn)


@cache
def shipped() -> tuple[TemplateText, ...]:
    """The texts that every company starts with."""
    found = []
    for language in LANGUAGES:
        with (resources.templates() / "contracts" / "texts" / f"{language}.toml").open("rb") as file:
            kept: dict[str, dict[str, str]] = tomllib.load(file)
        found += [
            TemplateText(code, text["side"], language, text["title"], text["body"].strip())
            for code, text in kept.items()
        ]
    return tuple(found)


def fill(
    session: Session, text: TemplateText, contract: Contract, terms: Mapping[str, Any], day: date
) -> str:
    """The text with the contract's fields put in, in the text's language.

    Raises InvalidAnswer at the field `template` when it names a field that there is not.
    """
    try:
        return filled(text.body, values_of(session, contract, terms, day, text.language))
    except DomainError as error:
        raise InvalidAnswer(
            "template", _("The template cannot be used: %(problem)s", problem=said(error.sentence))
        ) from None


def values_of(
    session: Session, contract: Contract, terms: Mapping[str, Any], day: date, language: str
) -> Mapping[str, str]:
    """Each of FIELDS with what stands for it in a text of this language."""
    other, company = contract.other_side, the_company(session)
    draft = ContractVersion(**{name: terms.get(name) for name in TERMS})
    place = ", ".join(part for part in (other.address, other.city, other.country) if part)
    with force_locale(LOCALES[language]):
        values = {name: term_said(draft, name) for name in TERMS}
        return values | {
            "company": company.name, "date": written_day(day), "number": contract.number, "title": contract.title,
            "other_side": other.name, "other_side_number": other.number, "other_side_address": place,
        }  # fmt: skip
