"""Whether two company names may mean the same company, whatever their legal form, case and signs."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, decimal_of

# What a name says of the legal form only; two companies do not differ by it alone.
_FORMS = frozenset(
    [
        "ag",
        "co",
        "corp",
        "corporation",
        "eg",
        "gmbh",
        "inc",
        "kg",
        "kgaa",
        "limited",
        "llc",
        "llp",
        "ltd",
        "mbh",
        "ohg",
        "oy",
        "plc",
        "sa",
        "sarl",
        "sas",
        "se",
        "sl",
        "spa",
        "sro",
        "srl",
        "ug",
        "und",
        "und",
        "and",
        "et",
        "y",
        "bv",
        "nv",
        "ab",
        "as",
        "aps",
        "the",
        "gesellschaft",
        "company",
    ]
)
_CHINESE_FORMS = re.compile(r"(股份)?有限(责任)?公司|集团|公司")
SHORTEST = 3  # letters of a word that other names are looked up by


@dataclass(frozen=True, slots=True)
class DuplicatePolicy:
    """From which likeness on (0 to 1) two names may mean the same company."""

    likeness: Decimal

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy when it is no share above zero."""
        likeness = decimal_of(values, "duplicates.likeness")
        if not 0 < likeness <= 1:
            raise InvalidPolicy(key="duplicates.likeness", problem="no share above 0 and up to 1")
        return cls(likeness)


def plain_name(name: str) -> str:
    """The name without case, accents, signs and legal form: “Müller & Söhne GmbH” is “muller sohne”."""
    flat = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    flat = "".join(sign for sign in flat if not unicodedata.combining(sign)).replace(".", "")
    words = re.findall(r"\w+", _CHINESE_FORMS.sub(" ", flat))
    kept = [word for word in words if word not in _FORMS]
    return " ".join(kept or words)


def likeness(one: str, other: str) -> Decimal:
    """How alike two names are, 0 to 1; 1 when they differ by legal form, case, accents and signs only."""
    first, second = plain_name(one), plain_name(other)
    if not first or not second:
        return Decimal(0)
    return Decimal(str(round(SequenceMatcher(None, first, second, autojunk=False).ratio(), 4)))


def is_alike(one: str, other: str, policy: DuplicatePolicy) -> bool:
    """Whether the two may mean the same company."""
    return likeness(one, other) >= policy.likeness


def search_word(name: str) -> str:
    """The longest word of the name, by which others are looked up; empty when there is none long enough."""
    word = max(plain_name(name).split(), key=len, default="")
    return word if len(word) >= SHORTEST or not word.isascii() else ""
