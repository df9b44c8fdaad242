"""Amounts of money: reading what a person typed without guessing, rounding, writing with groups."""

import re
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from credit_app.domain.errors import DomainError
from credit_app.domain.sentences import N_

MAX_DIGITS = 15  # fits NUMERIC(18,2) with room for sums

# ISO 4217 currencies whose minor unit is not a hundredth.
_MINOR_UNITS = dict.fromkeys(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ],
    0,
) | dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3)

_FULL_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)} | {0xFF0C: ",", 0xFF0E: ".", 0xFF0D: "-"}
_SPACES = dict.fromkeys((0x00A0, 0x2007, 0x2009, 0x202F, 0x3000), " ")
_APOSTROPHES = dict.fromkeys((0x2019, 0x02BC, 0xFF07), "'")
_ONE_SPELLING = str.maketrans(_FULL_WIDTH | _SPACES | _APOSTROPHES | {0x2212: "-"})

_ALLOWED = re.compile(r"[0-9]+(?:[., '][0-9]+)*")


class InvalidAmount(DomainError):
    """What was typed is no amount."""

    code = "money.invalid"
    template = N_("“%(typed)s” is not an amount; write digits such as 250000 or 250000.00.")


class AmbiguousAmount(InvalidAmount):
    """What was typed can be read in two ways; `readings` holds both."""

    code = "money.ambiguous"
    template = N_(
        "“%(typed)s” can mean %(grouped)s or %(with_decimals)s; write it again without thousands separators."
    )

    def __init__(self, typed: str, grouped: Decimal, with_decimals: Decimal) -> None:
        self.readings = (grouped, with_decimals)
        cents = with_decimals.quantize(Decimal("0.01"))  # 250.00 is read in one way only, 250.000 in two
        exact = cents if cents == with_decimals else with_decimals
        super().__init__(typed=typed, grouped=f"{grouped:,f}".replace(",", " "), with_decimals=f"{exact:f}")


class NegativeAmount(InvalidAmount):
    """An amount below zero where none makes sense."""

    code = "money.negative"
    template = N_("“%(typed)s” is negative; write an amount without a sign.")


class AmountTooLong(InvalidAmount):
    """More digits than the books hold."""

    code = "money.too_long"
    template = N_("“%(typed)s” has more than %(digits)s digits; write a smaller amount.")


class TooManyDecimals(InvalidAmount):
    """Finer than the currency's smallest unit."""

    code = "money.too_many_decimals"
    template = N_("“%(typed)s” has %(found)s decimals; at most %(allowed)s are possible here.")


def minor_units(currency: str) -> int:
    """Decimals of the currency's smallest unit by ISO 4217: JPY 0, EUR 2, KWD 3."""
    return _MINOR_UNITS.get(currency, 2)


def parse_amount(text: str, decimals: int = 2) -> Decimal:
    """The amount a person typed, zero or more, with at most `decimals` decimals (2: the columns hold two).

    Accepts 250000 · 250,000.00 · 250.000,00 · 250 000 · 1'000.50 · full-width digits. Raises AmbiguousAmount
    for what can be read in two ways (1.234, 250,000, 12,34,5), InvalidAmount and its kinds for the rest.
    """
    typed = text.strip()
    shown = typed if len(typed) <= 40 else typed[:40] + "…"
    plain = typed.translate(_ONE_SPELLING).strip()
    if re.fullmatch(r"-.*|\(.*\)|[0-9.,' ]*-", plain) and re.search(r"[0-9]", plain):
        raise NegativeAmount(typed=shown)
    if not _ALLOWED.fullmatch(plain):
        raise InvalidAmount(typed=shown)
    if sum(character.isdigit() for character in plain) > MAX_DIGITS:
        raise AmountTooLong(typed=shown, digits=MAX_DIGITS)
    whole, fraction = _split(plain, shown)
    if len(fraction) > decimals:
        raise TooManyDecimals(typed=shown, found=len(fraction), allowed=decimals)
    return Decimal(f"{whole}.{fraction}" if fraction else whole)


def _split(plain: str, shown: str) -> tuple[str, str]:
    """(whole digits, decimal digits) of digits and separators; a separator used twice can only group."""
    used = set(re.findall(r"[^0-9]", plain))
    marks = used & {".", ","}
    if len(used - marks) > 1 or (len(used) > 2):
        raise InvalidAmount(typed=shown)
    if not marks:
        return _ungroup(plain, used, shown), ""
    last = max(marks, key=plain.rfind)
    head, tail = plain.rsplit(last, 1)
    if len(used) == 2:  # one kind groups, so the other one, standing once and last, marks the decimals
        if last in head or not tail.isdigit():
            raise InvalidAmount(typed=shown)
        return _ungroup(head, used - {last}, shown), tail
    if last not in head and (len(tail) != 3 or len(head) > 3 or head.startswith("0")):
        return head, tail  # 1234.5, 1234.567, 0.500: no group of three, so decimals
    if last in head and _grouped(plain, last):
        return plain.replace(last, ""), ""
    digits = head.replace(last, "")
    raise AmbiguousAmount(shown, Decimal(digits + tail), Decimal(f"{digits}.{tail}"))


def _grouped(digits: str, separator: str) -> bool:
    first, *others = digits.split(separator)
    return 1 <= len(first) <= 3 and not first.startswith("0") and all(len(group) == 3 for group in others)


def _ungroup(digits: str, separators: set[str], shown: str) -> str:
    for separator in separators:
        if not _grouped(digits, separator):
            raise InvalidAmount(typed=shown)
        digits = digits.replace(separator, "")
    return digits


def round_money(amount: Decimal, decimals: int = 2) -> Decimal:
    """Half up to the smallest unit, as invoices are; -0 becomes 0."""
    return amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) + 0


def round_down(amount: Decimal, step: Decimal) -> Decimal:
    """The largest multiple of `step` (above zero) that is not above `amount`."""
    if step <= 0:
        raise ValueError("a rounding step is above zero")
    return (amount / step).to_integral_value(ROUND_FLOOR) * step


def format_amount(amount: Decimal, currency: str = "", decimals: int | None = None) -> str:
    """English writing with groups, `EUR 250,000.00`; without a currency two decimals."""
    places = decimals if decimals is not None else minor_units(currency) if currency else 2
    digits = f"{round_money(amount, places):,f}"
    return f"{currency} {digits}" if currency else digits
