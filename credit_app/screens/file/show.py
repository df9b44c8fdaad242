"""The page of a customer's file: its head, its tabs, and the line in the access log for each look."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from credit_app.db import db
from credit_app.facts.blacklist import blacklisted
from credit_app.facts.customer_figures import figures_of
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import may
from credit_app.screens.clock import today
from credit_app.screens.customers import blueprint
from credit_app.screens.file import access, applications, items, limits, overview, tabs
from credit_app.screens.file.opening import Opened, opened

Forms = Mapping[str, Any]
# Each reads what its tab shows: (file, forms as they were sent, by name) -> values of its template.
READERS: dict[str, Callable[[Opened, Forms], dict[str, Any]]] = {
    "overview": overview.read,
    "items": items.read,
    "limits": limits.read,
    "applications": applications.read,
    "access": access.read,
}


@blueprint.get("/<number>")
@allowed("customer.list")
def show(number: str) -> ResponseReturnValue:
    """Show one tab of a customer's file."""
    return tab_page(opened(number), request.args.get("tab", "overview"))


def tab_page(file: Opened, name: str, **forms: Any) -> ResponseReturnValue:
    """The page of a tab, logged and committed; 422 with what was typed when a form has errors."""
    tab = tabs.named(name)
    check(tab.action)
    session = db.session()
    page = render_template(
        f"customers/file/{tab.name}.html",
        customer=file.customer,
        grant=file.grant,
        tab=tab.name,
        tab_items=tabs.offered(file.customer, tab.name),
        figures=figures_of(session, file.customer, today()),
        barred=blacklisted(session, today(), customer=file.customer),
        may_here=lambda action: may(person(), action, file.customer),
        today=today(),
        **READERS[tab.name](file, forms),
    )
    file.log("view", tab.name)
    session.commit()
    return page, 422 if any(form.errors for form in forms.values()) else 200


def back_to(file: Opened, tab: str, said: str) -> Response:
    """Commit, say what was done and show the tab."""
    where = tabs.address(file.customer, tab)
    db.session.commit()
    flash(said, "success")
    return redirect(where)
