"""The texts of letters: plain text with named fields. Nothing in them is ever run; a field is looked up, once."""

import re
from collections.abc import Mapping

from credit_app.domain.errors import DomainError
from credit_app.domain.sentences import N_

# Where the list of items stands in a text that is filled: set as a table on paper, as lines in a mail.
ITEMS_PLACE = "\f"
ITEMS = "items"
# What may stand anywhere, and what only in the body of a mail or a letter, for it has several lines.
SHORT = (
    "customer",
    "customer_number",
    "contact",
    "company",
    "letter",
    "date",
    "total",
    "interest",
    "fees",
    "due_by",
    "oldest_due",
    "days_overdue",
    "number_of_items",
)
LONG = (ITEMS, "left_out", "bank", "sender")
LONGEST_BODY = 8_000
LONGEST_SUBJECT = 200
LONGEST_SMS = 480  # three parts in Latin letters
_PLACE = re.compile(r"\{([^{}\n]{0,60})\}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class UnknownField(DomainError):
    """The text names a field that there is not."""

    code = "dunning.unknown_field"
    template = N_("“%(name)s” is no field here; the fields are %(fields)s.")


class LooseBrace(DomainError):
    """A brace that opens or closes no field."""

    code = "dunning.loose_brace"
    template = N_(
        "A brace stands alone near “%(near)s”; write fields as in {customer}, other braces are not accepted."
    )


class ItemsMissing(DomainError):
    """A letter that does not say what is owed."""

    code = "dunning.items_missing"
    template = N_("The text has to hold {items} exactly once, on a line of its own.")


class TextTooLong(DomainError):
    """More than fits."""

    code = "dunning.text_too_long"
    template = N_("The text has %(length)s characters; at most %(most)s are accepted here.")


class TextEmpty(DomainError):
    """Nothing to send."""

    code = "dunning.text_empty"
    template = N_("The text is empty.")


def check_subject(text: str) -> None:
    """Raises the DomainError that says what is wrong with a subject."""
    _check(text, SHORT, LONGEST_SUBJECT)


def check_body(text: str, channel: str) -> None:
    """Raises the DomainError that says what is wrong with a body; `channel` is email, letter or sms."""
    if channel == "sms":
        _check(text, SHORT, LONGEST_SMS)
        return
    _check(text, (*SHORT, *LONG), LONGEST_BODY)
    lines = [line.strip() for line in text.splitlines()]
    if lines.count("{items}") != 1 or text.count("{items}") != 1:
        raise ItemsMissing()


def _check(text: str, fields: tuple[str, ...], most: int) -> None:
    if not text.strip():
        raise TextEmpty()
    if len(text) > most:
        raise TextTooLong(length=len(text), most=most)
    for name in _PLACE.findall(text):
        if name not in fields:
            raise UnknownField(name="{" + name + "}", fields=", ".join("{" + one + "}" for one in fields))
    rest = _PLACE.sub("", text)
    loose = re.search(r"[^\n]{0,20}[{}][^\n]{0,20}", rest)
    if loose:
        raise LooseBrace(near=loose.group())


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its fields filled, in one pass: what a value holds is text, also where it looks like a field.

    `{items}` becomes ITEMS_PLACE. Fields without a value, of an older version of the text, stay as they are written.
    """

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if name == ITEMS:
            return ITEMS_PLACE
        return without_control(values[name]) if name in values else found.group()

    return _PLACE.sub(value, text.replace("\r\n", "\n").replace(ITEMS_PLACE, ""))


def without_control(text: str) -> str:
    """Text of a name or number without signs that break lines, turn directions or end pages."""
    return _CONTROL.sub(" ", text.replace("\r\n", "\n"))


def with_items(text: str, items: str) -> str:
    """The text as a mail has it: with the items as lines."""
    return text.replace(ITEMS_PLACE, items)


def around_items(text: str) -> tuple[str, str]:
    """What stands before and after the items."""
    before, _place, after = text.partition(ITEMS_PLACE)
    return before.strip("\n"), after.strip("\n")
