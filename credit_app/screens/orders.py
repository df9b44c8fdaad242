"""Orders: the check of one that is only asked about, the list with what is on hold first, and one with its history."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import joinedload

from credit_app import orders as acting_on
from credit_app.db import db
from credit_app.domain.order_policy import HOLD
from credit_app.domain.plain import to_json
from credit_app.facts.order_check import check_order
from credit_app.facts.order_reading import Asked
from credit_app.facts.order_releases import releases_of
from credit_app.forms.order_releases import AskForm
from credit_app.forms.orders import OrderCheckForm
from credit_app.i18n import _, _l, written_day
from credit_app.models import Customer, currency_codes, the_company
from credit_app.models.orders import WAITING_RELEASES, OrderCheck, SalesOrder
from credit_app.screens import visible
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import may
from credit_app.screens.clock import now, today
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.listing import Listing, Sort
from credit_app.screens.order_words import CAUSE_WORDS, RULE_WORDS
from credit_app.screens.problems import general_of
from workflows import InvalidAnswer, NotFound, Refused

blueprint = Blueprint("orders", __name__, url_prefix="/orders")

HELD = SalesOrder.is_held
SORTS = {
    "held": Sort(HELD, lambda text: text == "True"),
    "entered": Sort(SalesOrder.id, int),
}
SHOWS: Mapping[str, tuple[Any, Any]] = {
    "held": (_l("on hold"), HELD),
    "released": (_l("released for delivery"), SalesOrder.release_id.is_not(None)),
    "warned": (_l("with a warning"), and_(SalesOrder.outcome == "warn", SalesOrder.release_id.is_(None))),
    "passed": (_l("passed"), SalesOrder.outcome == "pass"),
    "ended": (_l("cancelled or closed"), SalesOrder.status != "open"),
}


def init_app(app: Flask) -> None:
    """Give the templates the words of rules and causes."""
    app.add_template_filter(order_rule_word)
    app.add_template_filter(order_cause_word)
    app.add_template_filter(order_state)


def order_rule_word(rule: str) -> str:
    """A rule of the order check in words."""
    return str(RULE_WORDS.get(rule, rule))


def order_cause_word(cause: str) -> str:
    """What made a check, in words."""
    return str(CAUSE_WORDS.get(cause, cause))


def order_state(row: SalesOrder | OrderCheck) -> str:
    """The status word of an order or a check."""
    if getattr(row, "status", "open") != "open":
        return f"order_{getattr(row, 'status', '')}"
    return "order_released" if row.release_id is not None else f"order_{row.outcome}"


@blueprint.get("")
@allowed("order.see")
def index() -> ResponseReturnValue:
    """List the orders of one's customers, those on hold first."""
    listing = Listing(SORTS, SalesOrder.id, "-held")
    show, words = listing.choice("show", tuple(SHOWS)), listing.args.get("q", "").strip()[:100]
    query = select(SalesOrder).join(SalesOrder.customer).where(visible.customers(person()))
    query = query.options(joinedload(SalesOrder.customer), joinedload(SalesOrder.release))
    if show:
        query = query.where(SHOWS[show][1])
    if words:
        query = query.where(or_(SalesOrder.external_id == words, Customer.number == words.split()[0].upper()))
    rows = listing.page(
        db.session().scalars(listing.apply(query)).all(),
        lambda row: (row.is_held if listing.sort == "held" else row.id, row.id),
    )
    return render_template(
        "orders/index.html", listing=listing, rows=rows, chips=chips(listing, show), show=show, words=words,
        may_check=may(person(), "order.check"), holding=holding_rules(row.id for row in rows if row.is_held),
    )  # fmt: skip


def holding_rules(order_ids: Iterable[int]) -> dict[int, list[str]]:
    """Order id -> the rules that hold it, as its last check said."""
    query = select(OrderCheck.order_id, OrderCheck.findings).where(OrderCheck.order_id.in_(list(order_ids)))
    last = query.ext(distinct_on(OrderCheck.order_id)).order_by(OrderCheck.order_id, OrderCheck.id.desc())
    return {
        order_id: [one["rule"] for one in findings if one["severity"] == HOLD and not one["released"]]
        for order_id, findings in db.session.execute(last)
    }


@blueprint.get("/check")
@allowed("order.check")
def ask() -> ResponseReturnValue:
    """Show the form of the order check."""
    return form_page(OrderCheckForm(formdata=None))


@blueprint.post("/check")
@allowed("order.check")
def answer() -> ResponseReturnValue:
    """Say what the order check makes of an order; nothing is kept but that the customer's account was looked at."""
    form, session = OrderCheckForm(), db.session()
    offer(form)
    if not form.validate():
        return form_page(form), 422
    try:
        if form.amount.given <= 0:
            raise InvalidAnswer("amount", _("The amount has to be above zero."))
        if form.deliver_on.data is not None and form.deliver_on.data < today():
            raise InvalidAnswer(
                "deliver_on",
                _(
                    "%(day)s is over; an order is delivered today at the earliest.",
                    day=written_day(form.deliver_on.data),
                ),
            )
        file = opened((form.customer.data or "").split()[0])
        asked = Asked(
            file.customer.id, form.amount.given, form.currency.data, form.payment_days.number or 0,
            form.payment_method.data, deliver_on=form.deliver_on.data,
        )  # fmt: skip
        result = check_order(session, asked, today())
    except Refused as refused:
        session.rollback()
        return form_page(form, refused), refused.status
    shown: Any = to_json(result.findings)
    page = form_page(form, None, file, result.outcome, dict(result.figures), shown)
    file.log("view", "account")
    session.commit()
    return page


@blueprint.get("/<int:order_id>")
@allowed("order.see")
def order(order_id: int) -> ResponseReturnValue:
    """Show an order with every check."""
    found, file = fetch(order_id)
    page = order_page(found, file)
    file.log("view", "account")
    db.session.commit()
    return page


@blueprint.post("/<int:order_id>/check")
@allowed("order.check")
def check_again(order_id: int) -> ResponseReturnValue:
    """Check an order again as things stand now."""
    session = db.session()
    found, file = fetch(order_id)
    check("order.check")
    acting_on.hold_customers(session, [found.customer_id])
    session.refresh(found)  # as it stands now that nobody else changes it
    if found.status != "open":
        raise Refused(_("This order is not open any more; there is nothing left to check."))
    acting_on.recheck(session, found, "screen", today(), now(), person().id)
    file.log("change", "account", {"order_check": [None, found.outcome]})
    session.commit()
    flash(_("The order was checked again."), "success")
    return redirect(url_for("orders.order", order_id=order_id))


def order_page(
    found: SalesOrder, file: Opened, form: AskForm | None = None, problem: str | None = None
) -> str:
    """An order with every check and its releases; sales asks here for the release of what is on hold."""
    session = db.session()
    last, *before = reversed(found.checks)
    releases = releases_of(session, found)
    asked = any(row.order_id == found.id and row.status in WAITING_RELEASES for row in releases)
    may_ask = found.is_held and not asked and may(person(), "order.release", file.customer)
    return render_template(
        "orders/order.html", order=found, customer=file.customer, last=last, before=before,
        bar=bar_of(last.figures), may_check=may(person(), "order.check") and found.status == "open",
        releases=releases, form=(form or AskForm(formdata=None)) if may_ask else None, problem=problem,
    )  # fmt: skip


def fetch(order_id: int) -> tuple[SalesOrder, Opened]:
    """The order and its customer's file. Raises NotFound, ReasonNeeded."""
    query = select(SalesOrder).where(SalesOrder.id == order_id).options(joinedload(SalesOrder.customer))
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(_("There is no such order."))
    return found, opened(found.customer.number)


def offer(form: OrderCheckForm) -> None:
    """Fill the choices of the form."""
    session = db.session()
    form.offer(currency_codes(session), the_company(session).base_currency)


def form_page(
    form: OrderCheckForm,
    refused: Refused | None = None,
    file: Opened | None = None,
    outcome: str | None = None,
    figures: Mapping[str, Any] | None = None,
    findings: Any = (),
) -> str:
    """The form, and beside it the result where there is one."""
    offer(form)
    return render_template(
        "orders/check.html", form=form, general=general_of(form, refused), file=file, outcome=outcome,
        figures=figures, findings=findings, bar=bar_of(figures) if figures else None, today=today(),
    )  # fmt: skip


def bar_of(figures: Mapping[str, Any]) -> dict[str, Any]:
    """What the exposure bar shows of a check's figures, as computed or as kept."""

    def amount(name: str) -> Decimal | None:
        return Decimal(figures[name]) if figures.get(name) is not None else None

    before, after = amount("exposure_before") or Decimal(0), amount("exposure_after") or Decimal(0)
    return {
        "currency": figures["currency"],
        "exposure": before,
        "added": after - before,
        "added_label": _("This order"),
        "limit": amount("limit"),
        "limit_label": _("Limit of %(name)s", name=figures["limit_of"]) if figures.get("limit_of") else None,
    }


def chips(listing: Listing, chosen: str | None) -> list[dict[str, Any]]:
    """The filters; how many are on hold is counted, of the others there may be very many."""
    held = select(func.count()).select_from(SalesOrder).join(SalesOrder.customer)
    count = db.session.scalar(held.where(HELD, visible.customers(person())))
    found = [{"label": _("all"), "url": listing.url(show=None), "current": chosen is None}]
    return found + [
        {
            "label": str(label),
            "url": listing.url(show=show),
            "current": show == chosen,
            **({"count": count} if show == "held" else {}),
        }
        for show, (label, _condition) in SHOWS.items()
    ]
