"""Reads single values out of the elements of a bank statement."""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from credit_app.domain.sentences import N_
from credit_app.importers.errors import BadValue
from credit_app.importers.fields import FIRST_DAY, LAST_DAY
from credit_app.importers.xml_reading import Element

_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,5})?\Z")
_SIGNS = {"CRDT": 1, "DBIT": -1}
# What banks write when they have been told nothing.
NOTHING = frozenset({"NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOREF", "NOTAVAILABLE", "N/A", "NONE"})


@lru_cache(maxsize=1000)
def _qualified(namespace: str, path: str) -> str:
    return "/".join(f"{namespace}{step}" for step in path.split("/"))


def element_of(part: Element, path: str) -> Element | None:
    """The first element at a path of local names, in the part's own namespace."""
    return part.find(_qualified(part.tag[: part.tag.rindex("}") + 1], path))


def elements_of(part: Element, path: str) -> list[Element]:
    """All elements at a path of local names."""
    found: list[Element] = part.findall(_qualified(part.tag[: part.tag.rindex("}") + 1], path))
    return found


def text_of(part: Element, *paths: str) -> str:
    """The text at the first path that has one, on one line; empty when none has."""
    for path in paths:
        found = element_of(part, path)
        if found is not None and found.text and (text := " ".join(found.text.split())):
            return text
    return ""


def told(part: Element, *paths: str) -> str:
    """As `text_of`, but empty for what only says that nothing is known."""
    text = text_of(part, *paths)
    return "" if text.upper() in NOTHING else text


def amount_of(part: Element, path: str, sign: str) -> tuple[Decimal, str]:
    """(amount, below zero for a debit, and its currency) at `path` with the indicator at `sign`. Raises BadValue."""
    found = element_of(part, path)
    text = ((found.text if found is not None else "") or "").strip()
    if found is None or not _AMOUNT.match(text):
        raise BadValue(N_("has no amount that can be read: “%(text)s”"), text=text[:40])
    code = text_of(part, sign)
    if code not in _SIGNS:
        raise BadValue(N_("says neither CRDT nor DBIT"))
    return _SIGNS[code] * Decimal(text), (found.get("Ccy") or "").strip()


def day_of(part: Element, *paths: str) -> date | None:
    """The date at the first path that has one; of an instant the bank's own date. Raises BadValue."""
    text = text_of(part, *paths)
    if not text:
        return None
    try:
        found = date.fromisoformat(text[:10])
        if not FIRST_DAY <= found <= LAST_DAY:
            raise ValueError("no day of this business")
        return found
    except ValueError:
        raise BadValue(N_("has a date that is none: “%(text)s”"), text=text[:40]) from None


def account_of(part: Element, path: str) -> str:
    """IBAN or other number of an account, in capitals without spaces; empty when none is named or it is too long."""
    text = text_of(part, f"{path}/IBAN", f"{path}/Othr/Id").replace(" ", "").upper()
    return text if len(text) <= 40 else ""
