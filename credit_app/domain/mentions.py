"""Whom a text mentions: @ and somebody's full name or the part of their e-mail address before the @."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from credit_app.domain.errors import DomainError
from credit_app.domain.sentences import N_

# An @ inside an e-mail address mentions nobody.
_AT = re.compile(r"(?<![A-Za-z0-9_.+@-])@(?=\w)")
_WORD = re.compile(r"[\w.-]*\w")
_FIRST_OF_CJK = 0x2E80  # Chinese is written without blanks: a name may be followed by any sign


class UnknownMention(DomainError):
    """Nobody has that name."""

    code = "mentions.unknown"
    template = N_("“@%(word)s” is the name of nobody; write @ and the full name, or choose from the list.")


class AmbiguousMention(DomainError):
    """Several people have that name."""

    code = "mentions.ambiguous"
    template = N_("Several people are called “%(word)s”; write @ and the first part of the e-mail address.")


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody with the names that they can be mentioned by."""

    person_id: int
    name: str
    email: str

    @property
    def handles(self) -> tuple[str, str]:
        """Full name and the local part of the e-mail address, as compared."""
        return " ".join(self.name.split()).lower(), self.email.partition("@")[0].lower()


def mentioned(text: str, people: Iterable[Named]) -> tuple[int, ...]:
    """Ids of the people that `text` mentions, in its order. Raises UnknownMention, AmbiguousMention."""
    by_handle: dict[str, set[int]] = {}
    for one in people:
        for handle in one.handles:
            by_handle.setdefault(handle, set()).add(one.person_id)
    found: dict[int, None] = {}
    for at in _AT.finditer(text):
        found[_who(text[at.end() :], by_handle)] = None
    return tuple(found)


def _who(rest: str, by_handle: dict[str, set[int]]) -> int:
    lower = rest.lower()
    fitting = [
        handle for handle in by_handle if handle and lower.startswith(handle) and _ends(rest[len(handle) :])
    ]
    if not fitting:
        word = _WORD.match(rest)
        raise UnknownMention(word=(word.group() if word else rest)[:60])
    handle = max(fitting, key=len)
    if len(by_handle[handle]) > 1:
        raise AmbiguousMention(word=rest[: len(handle)])
    return next(iter(by_handle[handle]))


def _ends(after: str) -> bool:
    """Whether a name ends where `after` begins."""
    return not after or not after[0].isalnum() or ord(after[0]) >= _FIRST_OF_CJK
