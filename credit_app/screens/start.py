"""The start page: what waits for this person, and what is going on, by role."""

from typing import Any

from flask import Blueprint, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from credit_app.db import db
from credit_app.domain.status import DECIDED
from credit_app.facts import following
from credit_app.i18n import _
from credit_app.models import CreditApplication, ImportBatch, Person
from credit_app.models.orders import SalesOrder
from credit_app.permissions import CREDIT, SALES, roles_of
from credit_app.screens import visible
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import may
from credit_app.screens.clock import now, today

blueprint = Blueprint("start", __name__)

RUNNING = ("submitted", "under_investigation", "in_approval", "waiting_for_conditions", "sent_back")


@blueprint.get("/")
@allowed("start.see")
def home() -> ResponseReturnValue:
    """Show the person's day."""
    me = person()
    recent = recent_applications(me) if may(me, "application.list") else []
    return render_template(
        "start.html",
        greeting=greeting(first_name(me.name)),
        figures=figures(me),
        recent=recent,
        tasks=waiting_tasks(me),
        shortcuts=shortcuts(me),
        follow_ups=following.follow_ups_due(db.session(), me.id, today()),
    )


@blueprint.get("/help")
@allowed("start.see")
def help_page() -> ResponseReturnValue:
    """Show the keys and the words of the product."""
    return render_template("help.html", roles=sorted(roles_of(person())))


def first_name(name: str) -> str:
    """The first word of a name that is no title such as Dr."""
    words = name.split()
    return next((word for word in words if not word.endswith(".")), name)


def greeting(first_name: str) -> str:
    """Return the heading."""
    return _("Welcome, %(name)s", name=first_name)


def figures(me: Person) -> list[dict[str, Any]]:
    """Return the key figures a person's roles make interesting: applications by status, and administration."""
    found: list[dict[str, Any]] = []
    if may(me, "application.list"):
        counts: dict[str, int] = dict(
            db.session.execute(
                select(CreditApplication.status, func.count())
                .where(visible.applications(me), CreditApplication.status.in_((*RUNNING, "draft")))
                .group_by(CreditApplication.status)
            ).all()
        )
        words = {
            "draft": _("Drafts"),
            "sent_back": _("Sent back"),
            "under_investigation": _("Under investigation"),
            "in_approval": _("In approval"),
            "waiting_for_conditions": _("Waiting for conditions"),
        }
        found += [
            {
                "label": label,
                "value": counts.get(status, 0),
                "url": url_for("applications.index", status=status),
            }
            for status, label in words.items()
        ]
    if CREDIT & roles_of(me):
        found.append(reviews_under_way(me))
    if SALES & roles_of(me):
        found.append(orders_on_hold(me))
    if may(me, "people.change"):
        active = db.session.scalar(select(func.count()).select_from(Person).where(Person.active))
        locked = db.session.scalar(
            select(func.count()).select_from(Person).where(Person.locked_until > now())
        )
        found += [
            {"label": _("Active people"), "value": active or 0, "url": url_for("people.index")},
            {
                "label": _("Locked accounts"),
                "value": locked or 0,
                "url": url_for("people.index", show="locked"),
            },
        ]
    if may(me, "import.see"):
        bad = db.session.scalar(select(func.sum(ImportBatch.rows_bad)).where(ImportBatch.dry_run.is_(False)))
        found.append(
            {"label": _("Import rows to repair"), "value": bad or 0, "url": url_for("imports.index")}
        )
    return found


def reviews_under_way(me: Person) -> dict[str, Any]:
    """Return how many limits of this person's branches are under review."""
    running = select(func.count()).where(
        CreditApplication.kind == "review",
        CreditApplication.status.not_in(DECIDED),
        visible.applications(me),
    )
    return {
        "label": _("Limits under review"),
        "value": db.session.scalar(running) or 0,
        "url": url_for("applications.index", kind="review"),
    }


def orders_on_hold(me: Person) -> dict[str, Any]:
    """Return how many orders of this person's customers are on hold."""
    held = select(func.count()).select_from(SalesOrder).join(SalesOrder.customer)
    count = db.session.scalar(held.where(SalesOrder.is_held, visible.customers(me)))
    return {"label": _("Orders on hold"), "value": count or 0, "url": url_for("orders.index", show="held")}


def recent_applications(me: Person) -> list[CreditApplication]:
    """Return the newest applications this person may see."""
    query = (
        select(CreditApplication)
        .where(visible.applications(me))
        .options(*visible.WITH_NAMES)
        .order_by(CreditApplication.created_at.desc(), CreditApplication.id.desc())
        .limit(8)
    )
    return list(db.session.scalars(query))


def waiting_tasks(me: Person) -> Any:
    """Return the first tasks of the person's inbox, or None while there is no inbox."""
    reader = current_app.extensions.get("start_tasks")
    return reader(me) if reader and may(me, "inbox.see") else None


def shortcuts(me: Person) -> list[tuple[str, str, str]]:
    """Return what a person without a list of applications does most: label, address, explanation."""
    offers = [
        (
            "people.change",
            _("People and roles"),
            "people.index",
            _("Add somebody, change roles, send a password link"),
        ),
        (
            "import.run",
            _("Import data"),
            "imports.index",
            _("Customers, invoices, receipts and bank statements"),
        ),
        ("definition.see", _("Processes"), "definitions.index", _("The diagrams this company works by")),
    ]
    return [
        (label, url_for(endpoint), text)
        for action, label, endpoint, text in offers
        if may(me, action) and endpoint in current_app.view_functions
    ]
