"""The template texts of contracts: the newest of each, shipped ones until the company has its own, and filling one."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app import resources
from credit_app.domain.contract_text import filled
from credit_app.domain.contracts import TERMS
from credit_app.domain.errors import DomainError
from credit_app.facts.contract_words import term_said
from credit_app.i18n import _, force_locale, said, written_day
from credit_app.models import the_company
from credit_app.models.contract import LANGUAGES, Contract, ContractTemplate, ContractVersion
from workflows import InvalidAnswer

LOCALES = {"en": "en", "zh": "zh_Hans_CN"}
DASH = "–"


@dataclass(frozen=True, slots=True)
class TemplateText:
    """A text in force; `version` 0 is one that is shipped, which has no row."""

    code: str
    side: str
    language: str
    title: str
    body: str
    version: int = 0

    @property
    def key(self) -> str:
        """What names it in a form."""
        return f"{self.code}:{self.language}"


def texts_for(session: Session, side: str) -> list[TemplateText]:
    """The newest text of each code and language for a side, by title."""
    found = {text.key: text for text in shipped() if text.side == side}
    query = select(ContractTemplate).where(ContractTemplate.side == side).order_by(ContractTemplate.version)
    for row in session.scalars(query):
        text = TemplateText(row.code, row.side, row.language, row.title, row.body, row.version)
        found[text.key] = text
    return sorted(found.values(), key=lambda text: (text.language, text.title))


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
    other, company = contract.other_side, the_company(session)
    draft = ContractVersion(**{name: terms.get(name) for name in TERMS})
    with force_locale(LOCALES[text.language]):
        values = {name: term_said(draft, name) or DASH for name in TERMS}
        place = ", ".join(part for part in (other.address, other.city, other.country) if part)
        values |= {
            "company": company.name, "date": written_day(day), "number": contract.number, "title": contract.title,
            "other_side": other.name, "other_side_number": other.number, "other_side_address": place or DASH,
        }  # fmt: skip
    try:
        return filled(text.body, values)
    except DomainError as error:
        raise InvalidAnswer(
            "template", _("The template cannot be used: %(problem)s", problem=said(error.sentence))
        ) from None
