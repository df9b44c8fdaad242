"""Public holidays and exchange rates around a day, invented or computed, for the demo."""

import math
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import insert
from sqlalchemy.orm import Session

from credit_app.models import ExchangeRate, Holiday

# One euro in each currency, about; the demo lets it swing.
RATES = {"USD": "1.09", "GBP": "0.856", "CNY": "7.84", "SEK": "11.31", "CHF": "0.957", "PLN": "4.29"}
# The demo keeps working when it is opened again in a year.
DAYS_AHEAD = 400


def easter(year: int) -> date:
    """Easter Sunday of a year (Butcher's rule for the Gregorian calendar)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def holidays_of(year: int) -> dict[date, str]:
    """The public holidays of all Germany."""
    sunday = easter(year)
    return {
        date(year, 1, 1): "New Year",
        sunday - timedelta(days=2): "Good Friday",
        sunday + timedelta(days=1): "Easter Monday",
        date(year, 5, 1): "Labour Day",
        sunday + timedelta(days=39): "Ascension Day",
        sunday + timedelta(days=50): "Whit Monday",
        date(year, 10, 3): "Day of German Unity",
        date(year, 12, 25): "Christmas Day",
        date(year, 12, 26): "Second day of Christmas",
    }


def add_holidays(session: Session, today: date) -> None:
    """Last year's, this year's and next year's."""
    for year in (today.year - 1, today.year, today.year + 1):
        session.add_all(Holiday(day=day, name=name) for day, name in holidays_of(year).items())
    session.flush()


def add_rates(session: Session, today: date) -> None:
    """A rate of every currency every five days, two years back and DAYS_AHEAD forward, and one of today."""
    first = today - timedelta(days=760)
    days = {first + timedelta(days=step) for step in range(0, 760 + DAYS_AHEAD, 5)} | {today}
    rows = [
        {"base": "EUR", "quote": quote, "day": day, "rate": _rate(quote, rate, day, today), "source": "Demo"}
        for day in sorted(days)
        for quote, rate in RATES.items()
    ]
    session.execute(insert(ExchangeRate), rows)


def _rate(quote: str, rate: str, day: date, today: date) -> Decimal:
    """A slow swing of up to two per cent, the same on every start; constant from today on."""
    passed = min(0, (day - today).days)
    swing = 1 + 0.02 * math.sin(passed / 90 + len(quote) + ord(quote[0]))
    return (Decimal(rate) * Decimal(str(round(swing, 6)))).quantize(Decimal("0.00000001"))
