"""What the frame around every page shows: navigation by role, counts, company, person, colours."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_babel import LazyString
from flask_login import current_user

from credit_app.db import db
from credit_app.i18n import _, _l, listed
from credit_app.models import Company
from credit_app.permissions import roles_of
from credit_app.screens.acting import may
from credit_app.screens.words import role_word


@dataclass(frozen=True)
class Item:
    """One line of the navigation: where it leads and who may see it."""

    key: str
    label: LazyString
    icon: str
    endpoint: str
    action: str


PARTS = {
    "watching": "inbox",
    "inbox_bulk": "inbox",
    "legal": "collection",
    "releases": "orders",
}  # areas that belong to another one's line
NEW = "applications_flow.new"  # by POST: it opens a draft
WORK = (
    Item("start", _l("Start"), "home", "start.home", "start.see"),
    Item("inbox", _l("Inbox"), "inbox", "inbox.mine", "inbox.see"),
    Item("applications", _l("Applications"), "file", "applications.index", "application.list"),
    Item("customers", _l("Customers"), "customers", "customers.index", "customer.list"),
    Item("orders", _l("Orders"), "check", "orders.index", "order.see"),
    Item("receivables", _l("Receivables"), "coins", "receivables.board", "receivables.board"),
    Item("collection", _l("Collection"), "alert", "collection.index", "collection.see"),
    Item("contracts", _l("Contracts"), "file", "contracts.index", "contract.see"),
    Item("blacklist", _l("Blacklist"), "lock", "blacklist.index", "blacklist.see"),
    Item("bank", _l("Bank"), "coins", "bank.index", "bank.see"),
    Item("imports", _l("Imports"), "import", "imports.index", "import.see"),
)
ADMINISTRATION = (
    Item("people", _l("People"), "people", "people.index", "people.see"),
    Item("substitutes", _l("Substitutes"), "swap", "substitutes.index", "people.see"),
    Item("calendar", _l("Calendar"), "calendar", "calendar.index", "calendar.change"),
    Item("organisation", _l("Branches"), "customers", "organisation.index", "organisation.see"),
    Item("currencies", _l("Currencies"), "coins", "currencies.index", "currency.see"),
    Item("policy", _l("Policy"), "sliders", "policy.index", "policy.see"),
    Item("definitions", _l("Processes"), "diagram", "definitions.index", "definition.see"),
    Item("tokens", _l("Interfaces"), "swap", "tokens.index", "token.see"),
    Item("outbox", _l("Outbox"), "mail", "outbox.index", "outbox.see"),
    Item("incidents", _l("Incidents"), "alert", "incidents.index", "incident.see"),
)


def init_app(app: Flask) -> None:
    """Give every template `frame`, read only when a page with a frame is rendered."""
    app.context_processor(
        lambda: {"frame": Frame(), "may": lambda action, obj=None: may(current_user, action, obj)}
    )


class Frame:
    """The values of templates/layout.html; each is read when the template asks for it."""

    @property
    def person(self) -> Any:
        """The signed-in person."""
        return current_user

    @property
    def initials(self) -> str:
        """The first letters of first and last name."""
        parts = str(current_user.name).split()
        return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()

    @property
    def role_words(self) -> str:
        """The person's roles in words."""
        return listed(role_word(role) for role in sorted(roles_of(current_user))) or _("no role yet")

    @property
    def company(self) -> Company | None:
        """The company, read once a request."""
        if "company" not in g:
            g.company = db.session.get(Company, 1)
        found: Company | None = g.company
        return found

    @property
    def theme(self) -> str:
        """auto, light or dark, as the person chose on this device."""
        chosen = request.cookies.get("theme", "auto")
        return chosen if chosen in ("light", "dark") else "auto"

    @property
    def theme_now(self) -> str:
        """The colours to begin with; with `auto` theme.js asks the device before anything is drawn."""
        return "dark" if self.theme == "dark" else "light"

    @property
    def may_apply(self) -> bool:
        """Whether to offer a new application."""
        return may(current_user, "application.create") and NEW in current_app.view_functions

    @property
    def new_application_url(self) -> str:
        """Where a new application begins."""
        return url_for(NEW)

    @property
    def nav(self) -> list[dict[str, Any]]:
        """The groups of links this person may open."""
        groups: list[dict[str, Any]] = [
            {"title": None, "items": lines(WORK)},
            {"title": _("Administration"), "items": lines(ADMINISTRATION)},
        ]
        return [group for group in groups if group["items"]]


def lines(items: tuple[Item, ...]) -> list[dict[str, Any]]:
    """Return the items whose page exists and is open to the person."""
    return [
        line(item)
        for item in items
        if item.endpoint in current_app.view_functions and may(current_user, item.action)
    ]


def line(item: Item) -> dict[str, Any]:
    """Return one item as the template needs it."""
    area = request.blueprint or ""
    here = PARTS.get(area, area) == item.endpoint.split(".")[0]
    return {
        "key": item.key,
        "label": item.label,
        "icon": item.icon,
        "url": url_for(item.endpoint),
        "current": here,
        "exact": request.endpoint == item.endpoint,
        "count": count(item.key),
    }


def count(key: str) -> str:
    """Return the number beside an item, capped; the counters are registered by the screens that own them."""
    counter = current_app.extensions.get("nav_counts", {}).get(key)
    found = counter(current_user) if counter else 0
    return "" if not found else "999+" if found > 999 else str(found)
