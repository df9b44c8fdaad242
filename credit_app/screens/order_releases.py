"""Releases of orders on hold: asking for one on the order's page, and the page of one."""

from flask import Flask, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from credit_app import releases
from credit_app.db import db
from credit_app.facts import order_releases as facts_of
from credit_app.forms.order_releases import AskForm, WithdrawForm
from credit_app.i18n import _
from credit_app.models.orders import WAITING_RELEASES, OrderRelease
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import engine
from credit_app.screens.clock import now, today
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.order_words import RELEASE_KIND_WORDS, REVOKED_WORDS
from credit_app.screens.orders import blueprint, fetch, order_page
from credit_app.screens.problems import at_field
from credit_app.screens.withdrawing import acts_for_sales
from workflows import Actor, InvalidAnswer, NotAllowed, NotFound, inbox


def init_app(app: Flask) -> None:
    """Give the templates the words of releases."""
    app.add_template_filter(release_kind_word)
    app.add_template_filter(revoked_word)


def release_kind_word(kind: str) -> str:
    """How far a release goes, in words."""
    return str(RELEASE_KIND_WORDS.get(kind, kind))


def revoked_word(cause: str) -> str:
    """What revoked a release, in words."""
    return str(REVOKED_WORDS.get(cause, cause))


@blueprint.post("/<int:order_id>/release")
@allowed("order.release")
def ask_release(order_id: int) -> ResponseReturnValue:
    """Ask for the release of an order on hold."""
    session = db.session()
    found, file = fetch(order_id)
    check("order.release", file.customer)
    form = AskForm()
    if not form.validate_on_submit():
        return order_page(found, file, form), 422
    try:
        row = releases.ask(
            session, engine(), found, form.wanted(), Actor(person().id), "screen:orders.ask_release", now()
        )
    except InvalidAnswer as refused:
        session.rollback()
        found, file = fetch(order_id)
        return order_page(found, file, form, at_field(form, refused)), 422
    file.log("change", "account", {"order_release": [None, row.number]})
    address = url_for("orders.release", number=row.number)
    session.commit()
    flash(_("The release is asked for."), "success")
    return redirect(address)


@blueprint.get("/releases/<number>")
@allowed("order.see")
def release(number: str) -> ResponseReturnValue:
    """Show a release: what was asked, who assessed and decided, what is delivered under it, what happens next."""
    row, file = fetch_release(number)
    page = release_page(row, file)
    file.log("view", "account")
    db.session.commit()
    return page


@blueprint.post("/releases/<number>/withdraw")
@allowed("order.see")
def withdraw_release(number: str) -> ResponseReturnValue:
    """Withdraw the request for a release that is not decided yet."""
    row, file = fetch_release(number)
    behalf = withdraws_for(row)
    if behalf is None:
        raise NotAllowed(_("Only the person who asked for the release withdraws it."))
    session, form = db.session(), WithdrawForm()
    if not form.validate():
        return release_page(row, file, form), 422
    actor, reason = Actor(person().id, behalf or None), (form.reason.data or "").strip()
    try:
        releases.withdraw(session, engine(), row, reason, actor, "screen:orders.withdraw_release")
    except InvalidAnswer as refused:
        session.rollback()
        row, file = fetch_release(number)
        return release_page(row, file, form, at_field(form, refused)), 422
    file.log("change", "account", {"order_release": [row.number, None]})
    session.commit()
    flash(_("The request is withdrawn; the order stays on hold."), "success")
    return redirect(url_for("orders.release", number=number))


# --- inside -------------------------------------------------------------------------------------------------------


def fetch_release(number: str) -> tuple[OrderRelease, Opened]:
    """The release and its customer's file. Raises NotFound, ReasonNeeded."""
    row = db.session.scalar(select(OrderRelease).where(OrderRelease.number == number))
    if row is None:
        raise NotFound(_("There is no such release, or it is not yours to see."))
    return row, opened(row.customer.number)


def withdraws_for(row: OrderRelease) -> int | None:
    """For whom the signed-in person would withdraw it: see `credit_app.screens.withdrawing`."""
    return acts_for_sales(row.asker, row.customer.branch_id, person()) if row.asker is not None else None


def release_page(
    row: OrderRelease, file: Opened, form: WithdrawForm | None = None, problem: str | None = None
) -> str:
    """The page of a release; `form` is the withdrawal that was refused."""
    session = db.session()
    offered = row.status in WAITING_RELEASES and withdraws_for(row) is not None
    return render_template(
        "orders/release.html",
        release=row,
        order=facts_of.order_of(row),
        customer=file.customer,
        uses=facts_of.uses_of(session, row),
        used=facts_of.used_of(session, row, today()) if row.kind == "up_to" else None,
        tasks=inbox.of_instance(session, row.instance_id) if row.instance_id else [],
        form=(form or WithdrawForm(formdata=None)) if offered else None,
        problem=problem,
    )
