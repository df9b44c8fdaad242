"""The present instant and day for interfaces, from the platform's clock, so that tests can set it."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from credit_app.i18n import choose_zone
from workflows.clock import now as platform_now


def now() -> datetime:
    """The present instant, aware, UTC."""
    return platform_now()


def today() -> date:
    """The day in the company's zone."""
    return now().astimezone(ZoneInfo(choose_zone())).date()
