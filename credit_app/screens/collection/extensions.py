"""Payment extensions: the list, one with what was decided, and the form that asks for one."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from credit_app import promises as starting
from credit_app.db import db
from credit_app.facts import agreements, promised
from credit_app.facts import extensions as facts_of
from credit_app.facts.subjects import EXTENSION
from credit_app.forms.promises import ExtensionForm
from credit_app.i18n import _
from credit_app.models.promises import EXTENSION_STATUSES, PaymentExtension
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import engine
from credit_app.screens.clock import now, today
from credit_app.screens.collection import blueprint
from credit_app.screens.collection.agreed import debts, fetch, for_customer, list_page
from credit_app.screens.problems import at_field
from workflows import Actor, Refused, inbox


@blueprint.get("/extensions")
@allowed("extension.see")
def extensions() -> ResponseReturnValue:
    """Show the payment extensions."""
    return list_page(
        PaymentExtension, EXTENSION, EXTENSION_STATUSES, PaymentExtension.requested_on,
        "collection/extensions.html",
    )  # fmt: skip


@blueprint.get("/extensions/<number>")
@allowed("extension.see")
def extension(number: str) -> ResponseReturnValue:
    """Show an extension: the new day, what came of each item, who decided, what happens next."""
    session, (found, file) = db.session(), fetch(PaymentExtension, number)
    running = found.closed_on is None
    page = render_template(
        "collection/extension.html",
        extension=found,
        customer=file.customer,
        came=promised.came_by_item(session, found.items) if running else {},
        left=agreements.still_open(session, found) if running else None,
        tasks=inbox.of_instance(session, found.instance_id) if found.instance_id else [],
    )
    file.log("view", "account")
    session.commit()
    return page


@blueprint.route("/extensions/new", methods=["GET", "POST"])
@allowed("extension.see")
def new_extension() -> ResponseReturnValue:
    """Ask for an extension."""
    file, session = for_customer("extension.request"), db.session()
    open_debts, form, problem = debts(file.customer), ExtensionForm(), None
    if form.validate_on_submit():
        try:
            row = starting.ask_for_extension(
                session, engine(), file.customer, form.items.ids, form.terms(), form.asked_by.data or "",
                Actor(person().id), "screen:collection.new_extension", now(),
            )  # fmt: skip
        except Refused as refused:
            session.rollback()
            problem = at_field(form, refused)
        else:
            address = url_for("collection.extension", number=row.number)
            file.log("change", "account", {"payment_extension": [None, row.number]})
            session.commit()
            flash(_("The extension is asked for."), "success")
            return redirect(address)
    page = render_template(
        "collection/extension_new.html",
        customer=file.customer,
        debts=open_debts,
        form=form,
        problem=problem,
        policy=facts_of.policy_of(session, today()),
    )
    return (page, 422) if form.is_submitted() else page
