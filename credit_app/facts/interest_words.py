"""What late interest is made of, in words that a debtor understands."""

from collections.abc import Mapping

from flask_babel import LazyString, format_decimal

from credit_app.domain.interest_policy import Rate
from credit_app.i18n import _, _l, written_day

REFERENCES: Mapping[str, LazyString] = {
    "ecb_rate": _l("refinancing rate of the European Central Bank"),
    "bank_rate": _l("Bank Rate of the Bank of England"),
    "lpr": _l("one-year loan prime rate"),
}
JURISDICTIONS: Mapping[str, LazyString] = {
    "eu": _l("European Union"),
    "uk": _l("United Kingdom"),
    "china": _l("China"),
    "elsewhere": _l("other countries"),
}


def formula() -> str:
    """How late interest is computed."""
    return _(
        "Late interest is simple interest from the day after the due date: what was open on each day × rate a year × "
        "days ÷ 365, rounded once for each invoice. A payment counts from the next day on."
    )


def rate_word(rate: Rate) -> str:
    """Why the rate is what it is."""
    if rate.basis == "small":
        return _("%(rate)s %% a day by the rules for small enterprises", rate=_number(rate.added))
    if rate.basis == "agreed":
        return _("as agreed")
    if rate.basis == "fixed" or rate.fixed_on is None:
        return _("fixed rate")
    parts = {
        "reference": str(REFERENCES.get(rate.reference, rate.reference)),
        "rate": _number(rate.reference_rate),
        "day": written_day(rate.fixed_on),
        "added": _number(rate.added),
    }
    if rate.basis == "factor":
        return _("%(reference)s of %(day)s, %(rate)s %%, × %(added)s", **parts)
    return _("%(reference)s of %(day)s, %(rate)s %%, plus %(added)s points", **parts)


def percent_word(value: object) -> str:
    """A rate in per cent with its sign."""
    return _("%(number)s %%", number=_number(value))


def jurisdiction_word(name: str) -> str:
    """Whose law it is."""
    return str(JURISDICTIONS.get(name, name))


def _number(value: object) -> str:
    return str(format_decimal(value)) if value is not None else ""
