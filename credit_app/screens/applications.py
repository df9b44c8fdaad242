"""Credit applications: the list, the page of one, its attachments."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import Blueprint, current_app, render_template, request, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select
from sqlalchemy.orm import undefer

from credit_app.db import db
from credit_app.facts.consultation import added_of, opinions_of
from credit_app.i18n import _
from credit_app.models import (
    APPLICATION_KINDS,
    APPLICATION_STATUSES,
    Attachment,
    CreditApplication,
    CreditLimit,
    Customer,
    InternalRecord,
    LimitProposal,
    Rating,
)
from credit_app.screens import assessment, committee, taking_back, visible
from credit_app.screens.access import allowed, person
from credit_app.screens.listing import Listing, Sort, instant
from credit_app.screens.words import application_kind_word, status_word
from workflows.errors import NotFound

blueprint = Blueprint("applications", __name__, url_prefix="/applications")

CUSTOMER_NAME = func.lower(func.coalesce(Customer.name, CreditApplication.new_customer["name"].astext, ""))
SORTS = {
    "created": Sort(CreditApplication.created_at, instant),
    "number": Sort(CreditApplication.number),
    "customer": Sort(CUSTOMER_NAME),
    "status": Sort(CreditApplication.status),
    "amount": Sort(func.coalesce(CreditApplication.requested_limit, 0), float),
}
# What is shown as it is in the browser; everything else is only saved.
SHOWN = {"application/pdf", "image/png", "image/jpeg"}


@blueprint.get("")
@allowed("application.list")
def index() -> ResponseReturnValue:
    """List the applications this person may see."""
    listing = Listing(SORTS, CreditApplication.id, "-created")
    status = listing.choice("status", APPLICATION_STATUSES)
    mine = listing.choice("mine", ("yes",))
    kind = listing.choice("kind", APPLICATION_KINDS)
    words = listing.args.get("q", "").strip()
    query = (
        select(CreditApplication).outerjoin(CreditApplication.customer).where(visible.applications(person()))
    )
    if status:
        query = query.where(CreditApplication.status == status)
    if kind:
        query = query.where(CreditApplication.kind == kind)
    if mine:
        query = query.where(CreditApplication.requested_by == person().id)
    if words:
        query = query.where(found_by(words))
    query = query.options(*visible.WITH_NAMES)
    rows = listing.page(list(db.session.scalars(listing.apply(query))), mark_of(listing))
    return render_template(
        "applications/index.html",
        listing=listing,
        applications=rows,
        chips=chips(listing, status, mine, kind),
        words=words,
    )


def found_by(words: str) -> Any:
    """Return the condition that number or customer holds the words."""
    like = "%" + words.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return or_(func.lower(CreditApplication.number).like(like), CUSTOMER_NAME.like(like))


def customer_name(application: CreditApplication) -> str:
    """Return whom an application is for; a new customer may not be on file yet, a draft may not name one."""
    if application.customer:
        return application.customer.name
    return (application.new_customer or {}).get("name") or _("no customer yet")


def mark_of(listing: Listing) -> Any:
    """Return how the place of a row in this sort order is read."""
    marks: dict[str, Callable[[Any], Any]] = {
        "created": lambda row: row.created_at,
        "number": lambda row: row.number,
        "customer": lambda row: (
            row.customer.name if row.customer else (row.new_customer or {}).get("name") or ""
        ).lower(),
        "status": lambda row: row.status,
        "amount": lambda row: row.requested_limit or 0,
    }
    read = marks[listing.sort]
    return lambda row: (read(row), row.id)


def chips(listing: Listing, chosen: str | None, mine: str | None, kind: str | None) -> list[dict[str, Any]]:
    """Return the filters of the list."""
    items = [
        {
            "label": _("all"),
            "url": listing.url(status=None, mine=None, kind=None),
            "current": not chosen and not mine and not kind,
        },
        {
            "label": _("requested by me"),
            "url": listing.url(mine=None if mine else "yes"),
            "current": bool(mine),
        },
    ]
    items += [
        {
            "label": application_kind_word(word),
            "url": listing.url(kind=None if word == kind else word),
            "current": word == kind,
        }
        for word in APPLICATION_KINDS
        if word != "limit"
    ]
    return items + [
        {
            "label": status_word(word).label,
            "url": listing.url(status=None if word == chosen else word),
            "current": word == chosen,
        }
        for word in APPLICATION_STATUSES
    ]


@blueprint.get("/<number>")
@allowed("application.list")
def show(number: str) -> ResponseReturnValue:
    """Show one application with what was found, proposed and decided."""
    found = visible.application(person(), number)
    taking_back.opened(db.session(), found.instance_id)
    more = current_app.extensions.get("application_process")
    return render_template(
        "applications/show.html",
        application=found,
        name=customer_name(found),
        rating=rating_shown(found),
        proposals=db.session.scalars(
            select(LimitProposal)
            .where(LimitProposal.application_id == found.id, LimitProposal.round == found.round)
            .order_by(LimitProposal.id)
        ).all(),
        record=newest(InternalRecord, InternalRecord.application_id == found.id, InternalRecord.round),
        limit=limit_about(found),
        process=more(found, person()) if more else None,
        take_back=taking_back.offer(found, person()),
        meetings=committee.of_application(found),
        opinions=opinions_of(db.session(), found),
        added_approvers=added_of(db.session(), found),
        **assessment.of_application(db.session(), found),
    )


def limit_about(application: CreditApplication) -> CreditLimit | None:
    """Return the limit that a review is about, or that a temporary limit opened."""
    if application.kind == "review":
        return db.session.get(CreditLimit, application.reviewed_limit_id or 0)
    query = select(CreditLimit).where(
        CreditLimit.application_id == application.id, CreditLimit.status != "retracted"
    )
    return db.session.scalar(query) if application.kind == "temporary" else None


def rating_shown(application: CreditApplication) -> Rating | None:
    """The application's newest rating; of one granted by rule, the rating in force that the rule relied on."""
    relied_on = (application.granted_by_rule or {}).get("rating")
    if relied_on is not None:
        return db.session.get(Rating, relied_on)
    found: Rating | None = newest(Rating, Rating.application_id == application.id, Rating.id)
    if found is None and application.customer_id is not None:  # until this case brings its own
        found = newest(Rating, Rating.customer_id == application.customer_id, Rating.id)
    return found


def newest(model: Any, condition: Any, order: Any) -> Any:
    """Return the last row of a model under a condition, or None."""
    return db.session.scalar(select(model).where(condition).order_by(order.desc()).limit(1))


@blueprint.get("/<number>/attachments/<int:attachment_id>")
@allowed("application.list")
def attachment(number: str, attachment_id: int) -> ResponseReturnValue:
    """Hand out an attachment of an application that this person may see."""
    found = visible.application(person(), number)
    query = select(Attachment).where(Attachment.id == attachment_id, Attachment.application_id == found.id)
    row = db.session.scalar(query.options(undefer(Attachment.content)))
    if row is None:
        raise NotFound(_("This attachment does not exist."))
    shown = row.content_type in SHOWN and "download" not in request.args
    answer = send_file(
        BytesIO(row.content),
        mimetype=row.content_type if shown else "application/octet-stream",
        as_attachment=not shown,
        download_name=row.filename,
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer
