"""What every new company starts with: the currencies in common use and the default policy."""

from datetime import date

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from credit_app.domain.default_policy import DEFAULT_POLICY
from credit_app.models import Currency, Policy, policy_values

# ISO 4217; only those whose smallest unit fits the two decimals of the books.
CURRENCIES = {
    "AED": "UAE dirham",
    "AUD": "Australian dollar",
    "BRL": "Brazilian real",
    "CAD": "Canadian dollar",
    "CHF": "Swiss franc",
    "CNY": "Chinese yuan",
    "CZK": "Czech koruna",
    "DKK": "Danish krone",
    "EUR": "Euro",
    "GBP": "Pound sterling",
    "HKD": "Hong Kong dollar",
    "HUF": "Hungarian forint",
    "IDR": "Indonesian rupiah",
    "ILS": "Israeli new shekel",
    "INR": "Indian rupee",
    "JPY": "Japanese yen",
    "KRW": "South Korean won",
    "MXN": "Mexican peso",
    "MYR": "Malaysian ringgit",
    "NOK": "Norwegian krone",
    "NZD": "New Zealand dollar",
    "PHP": "Philippine peso",
    "PLN": "Polish zloty",
    "RON": "Romanian leu",
    "SAR": "Saudi riyal",
    "SEK": "Swedish krona",
    "SGD": "Singapore dollar",
    "THB": "Thai baht",
    "TRY": "Turkish lira",
    "TWD": "New Taiwan dollar",
    "USD": "US dollar",
    "VND": "Vietnamese dong",
    "ZAR": "South African rand",
}
NO_DECIMALS = frozenset({"JPY", "KRW", "VND"})
FROM_THE_START = date(1970, 1, 1)


def seed_currencies(session: Session) -> None:
    """Adds the currencies that are not there yet."""
    rows = [
        {"code": code, "name": name, "minor_units": 0 if code in NO_DECIMALS else 2}
        for code, name in CURRENCIES.items()
    ]
    session.execute(insert(Currency).on_conflict_do_nothing(), rows)


def seed_policy(session: Session) -> None:
    """Adds the default policy, valid from the start of time, for each key that has no value yet."""
    known = policy_values(session, date.max)
    session.add_all(
        Policy(key=key, valid_from=FROM_THE_START, value=figure.value, source=figure.source)
        for key, figure in DEFAULT_POLICY.items()
        if key not in known
    )
    session.flush()


def seed(session: Session) -> None:
    """Currencies and policy; safe to run again."""
    seed_currencies(session)
    seed_policy(session)
