"""The page of a customer's file: head, tabs, what each area reads for its tab, and the line in the access log."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.facts.blacklist import blacklisted
from credit_app.facts.customer_figures import figures_of
from credit_app.facts.exposure_reading import exposure_view
from credit_app.screens.access import check, person
from credit_app.screens.acting import may
from credit_app.screens.clock import now, today
from credit_app.screens.file import tabs
from credit_app.screens.file.opening import Opened

Forms = Mapping[str, Any]
Reader = Callable[[Opened, Forms], dict[str, Any]]
_READERS: dict[str, list[Reader]] = {}


def reads(tab: str) -> Callable[[Reader], Reader]:
    """Mark a function that reads values for a tab's template: (file, forms as they were sent, by name)."""

    def add(reader: Reader) -> Reader:
        _READERS.setdefault(tab, []).append(reader)
        return reader

    return add


def tab_page(file: Opened, name: str, **forms: Any) -> ResponseReturnValue:
    """The page of a tab, logged and committed; 422 with what was typed when a form has errors."""
    tab = tabs.named(name)
    check(tab.action)
    session = db.session()
    values = {key: value for read in _READERS.get(tab.name, ()) for key, value in read(file, forms).items()}
    page = render_template(
        f"customers/file/{tab.name}.html",
        customer=file.customer,
        grant=file.grant,
        tab=tab.name,
        tab_items=tabs.offered(file.customer, tab.name),
        figures=figures_of(session, file.customer, today()),
        by_component=exposure_view(session, file.customer, today()),
        barred=blacklisted(session, today(), customer=file.customer),
        may_here=lambda action: may(person(), action, file.customer),
        today=today(),
        printed_at=now(),
        **values,
    )
    file.log("view", tab.name)
    session.commit()
    return page, 422 if any(form.errors for form in forms.values()) else 200


def back_to(file: Opened, tab: str, said: str) -> ResponseReturnValue:
    """Commit, say what was done and show the tab."""
    where = tabs.address(file.customer, tab)
    db.session.commit()
    flash(said, "success")
    return redirect(where)
