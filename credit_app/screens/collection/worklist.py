"""The collector's worklist: open cases by a score that explains itself, filtered by the address."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.facts.worklist_lines import Line, lines
from credit_app.i18n import _, listed
from credit_app.models import CollectionCase
from credit_app.models.worklist import CollectionScore
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import may
from credit_app.screens.clock import today
from credit_app.screens.collection import blueprint
from credit_app.screens.collection.asked import FAR, SORTS, Asked, choices, with_scores
from credit_app.screens.collection.views import colleagues, views
from credit_app.screens.collection.words import contact_outcome_word, reason_code_word
from credit_app.screens.collection.worklist_words import SHOWN, action_word, is_late, reasons, tag_word
from credit_app.screens.exporting import send_table
from credit_app.screens.listing import Listing
from credit_app.screens.words import status_word

SIZE = 25  # with reasons and the next step, a row says much
AT_A_TIME = 500


@blueprint.get("")
@allowed("collection.see")
def index() -> ResponseReturnValue:
    """Show the open cases, those on top that need somebody most, each with why and what to do next."""
    session, listing = db.session(), Listing(SORTS, CollectionCase.id, "-score", SIZE)
    asked = Asked(listing)
    ids = session.scalars(listing.apply(asked.ids())).all()
    found = session.execute(listing.ordered(with_scores(ids))).all()
    rows = listing.page(found, lambda row: (mark_of(listing.sort, *row), row[0].id))
    return render_template(
        "collection/worklist.html",
        listing=listing,
        rows=lines(session, [(row[0], row[1]) for row in rows], today()),
        asked=asked,
        tabs=views(asked.scope),
        choices=choices(asked),
        reasons=reasons,
        shown=SHOWN,
        today=today(),
        may_lead=may(person(), "collection.lead"),
        colleagues=colleagues() if may(person(), "collection.lead") else [],
        is_late=is_late,
    )


@blueprint.get("/worklist.<any(csv, xlsx):form>")
@allowed("collection.see")
def export_worklist(form: str) -> ResponseReturnValue:
    """Send the worklist as it is filtered and sorted, all pages of it."""
    listing = Listing(SORTS, CollectionCase.id, "-score")
    query = listing.ordered(with_scores(Asked(listing).ids()))
    heads = [
        _("Customer"), _("Number"), _("Case"), _("Grade"), _("Overdue"), _("Currency"), _("Days past due"), _("Stage"),
        _("Score"), _("Why"), _("Tags"), _("Collector"), _("Reason"), _("Last contact"), _("Outcome"),
        _("Look again on"), _("What to do next"),
    ]  # fmt: skip
    return send_table(form, f"worklist-{today().isoformat()}", _("Worklist"), heads, exported(query, today()))


def mark_of(sort: str, case: CollectionCase, score: CollectionScore | None) -> Any:
    """The value by which a case stands where it stands."""
    if sort == "score":
        return score.score if score is not None else 0
    return (case.amount or 0) if sort == "overdue" else (case.oldest_due or FAR)


def exported(query: Any, day: date) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the export, some hundred cases at a time."""
    for part in db.session.execute(query.execution_options(yield_per=AT_A_TIME)).partitions():
        for line in lines(db.session(), [(row[0], row[1]) for row in part], day):
            yield cells(line, day)


def cells(line: Line, day: date) -> tuple[Any, ...]:
    """The cells of a case."""
    case, score, last = line.case, line.score, line.last
    why = listed(
        _("%(reason)s (%(points)s)", reason=reason, points=points) for reason, points in reasons(case, score)
    )
    return (
        case.customer.name, case.customer.number, case.number, score.grade if score else None, case.amount,
        case.currency, (day - case.oldest_due).days if case.oldest_due else None,
        status_word(f"stage_{case.shown_stage}").label, score.score if score else 0, why,
        listed(tag_word(one.tag) for one in line.tags), case.collector.name if case.collector else None,
        reason_code_word(case.reason_code), last.made_at if last else None,
        contact_outcome_word(line.said) if line.said else None, case.follow_up_on, action_word(line),
    )  # fmt: skip
