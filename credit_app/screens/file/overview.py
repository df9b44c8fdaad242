"""Overview of a customer's file: exposure, payment trend, what is open, what is missing, what comes next."""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from flask_babel import format_date
from sqlalchemy import select

from credit_app.db import db
from credit_app.domain.status import PENDING
from credit_app.facts.breaches import open_breaches
from credit_app.facts.customer_figures import ZERO, Figures, Month, MonthPaid
from credit_app.facts.customer_file_state import file_state
from credit_app.facts.customer_orders import orders_of
from credit_app.i18n import _, date_pattern
from credit_app.models import CreditApplication, Customer
from credit_app.screens import visible
from credit_app.screens.access import person
from credit_app.screens.acting import may
from credit_app.screens.clock import today
from credit_app.screens.file.opening import Opened
from credit_app.screens.file.page import reads

MONTHS = 24


@reads("overview")
def read(file: Opened, _forms: Mapping[str, Any]) -> dict[str, Any]:
    """What is under way, and the state of the file."""
    return {
        "running": running(file.customer),
        "state": file_state(db.session(), file.customer, today()),
        "orders": orders_of(db.session(), file.customer.id) if may(person(), "order.see") else None,
        "breaches": open_breaches(db.session(), file.customer.id) if may(person(), "contract.see") else (),
        "by_month": by_month,
        "by_age": by_age,
    }


def running(customer: Customer) -> list[CreditApplication]:
    """Return the applications of this customer that are not decided and that this person may see."""
    if not may(person(), "application.list"):
        return []
    query = select(CreditApplication).where(
        CreditApplication.customer_id == customer.id,
        CreditApplication.status.in_(sorted(PENDING)),
        visible.applications(person()),
    )
    return list(db.session.scalars(query.order_by(CreditApplication.created_at.desc()).limit(5)))


def by_month(months: Mapping[Month, MonthPaid], day: date) -> list[dict[str, Any]]:
    """Return the average days late of what was paid in each of the last 24 months, oldest first."""
    last = day.year * 12 + day.month - 1
    shown = [divmod(last - back, 12) for back in reversed(range(MONTHS))]
    return [
        {
            "label": str(format_date(date(year, month + 1, 1), date_pattern("MMM yy", "yM"))),
            "value": paid.days_late / paid.count if (paid := months.get((year, month + 1))) else None,
        }
        for year, month in shown
    ]


def by_age(figures: Figures) -> list[dict[str, Any]]:
    """Return the open amounts by days past due, one row per bucket from not due to the oldest."""
    ends = figures.bucket_ends
    rows = [
        {
            "label": label,
            "amount": figures.by_bucket.get(index, ZERO),
            "tone": "1" if index == 0 else "amber" if ends[index - 1] < 60 else "red",
        }
        for index, label in enumerate(bucket_words(ends))
    ]
    last = max((index for index, row in enumerate(rows) if row["amount"]), default=0)
    return rows[: max(last + 1, 4)]


def bucket_words(ends: Any) -> list[str]:
    """Return the names of the buckets."""
    words = [_("not due")]
    words += [_("%(first)s to %(last)s days", first=first + 1, last=last) for first, last in pairwise(ends)]
    return [*words, _("over %(last)s days", last=ends[-1])]
