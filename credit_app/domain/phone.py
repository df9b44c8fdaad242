"""Telephone numbers as a network takes them: E.164, a plus sign and up to fifteen digits."""

import re

from credit_app.domain.errors import DomainError
from credit_app.domain.sentences import N_

LEAST, MOST = 7, 15  # digits, with the country's code
_ZERO_IN_BRACKETS = re.compile(r"\(0\)")
_BETWEEN = re.compile(r"[\s\u00a0\u202f()./\-\u2010-\u2013]")
_FULL_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)} | {0xFF0B: "+"}


class NotE164(DomainError):
    """What is written is no number that can be called from everywhere."""

    code = "phone.not_e164"
    template = N_("“%(typed)s” is not a number with its country code; write it as in +49 40 1234567.")


def e164(typed: str) -> str:
    """+49401234567 out of +49 (0)40 123-4567 or 0049 40 1234567. Raises NotE164: no country is guessed."""
    plain = _BETWEEN.sub("", _ZERO_IN_BRACKETS.sub("", typed.translate(_FULL_WIDTH)))
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    digits = plain[1:]
    sound = plain.startswith("+") and digits.isascii() and digits.isdigit() and not digits.startswith("0")
    if not sound or not LEAST <= len(digits) <= MOST:
        raise NotE164(typed=typed.strip()[:40])
    return plain


def is_e164(typed: str) -> bool:
    """Whether that is such a number."""
    try:
        e164(typed)
    except NotE164:
        return False
    return True
