"""The tabs of a customer's file and who may open which."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import LazyString

from credit_app.i18n import _l
from credit_app.models import Customer
from credit_app.screens.access import person
from credit_app.screens.acting import may


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: its name in the address, its words, and what one must be allowed to open it."""

    name: str
    label: LazyString
    action: str = "customer.list"


TABS = (
    Tab("overview", _l("Overview")),
    Tab("master", _l("Master data")),
    Tab("information", _l("Information"), "customer.file"),
    Tab("investigations", _l("Investigations"), "customer.file"),
    Tab("statements", _l("Statements"), "customer.file"),
    Tab("ratings", _l("Ratings"), "customer.file"),
    Tab("limits", _l("Limits")),
    Tab("items", _l("Open items")),
    Tab("applications", _l("Applications"), "application.list"),
    Tab("contracts", _l("Contracts"), "contract.see"),
    Tab("documents", _l("Documents"), "customer.file"),
    Tab("access", _l("Access"), "customer.access_log"),
)
BY_NAME = {tab.name: tab for tab in TABS}
# Names that a tab had before.
FORMER = {"decisions": "applications"}


def named(name: str) -> Tab:
    """The tab of this name; the overview for one that there is not."""
    return BY_NAME.get(FORMER.get(name, name), TABS[0])


def offered(customer: Customer, current: str) -> list[dict[str, Any]]:
    """The tabs that the signed-in person may open, as the tab bar takes them."""
    return [
        {"label": tab.label, "url": address(customer, tab.name), "current": tab.name == current}
        for tab in TABS
        if may(person(), tab.action)
    ]


def address(customer: Customer, tab: str) -> str:
    """Where a tab of this customer's file is."""
    return url_for("customers.show", number=customer.number, tab=tab if tab != "overview" else None)
