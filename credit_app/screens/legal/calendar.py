"""The calendar of legal dates: by kind, person and time, on the screen and as a table."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.facts.legal_dates import LegalDay, legal_days
from credit_app.facts.legal_words import DATE_WORDS, word
from credit_app.facts.people import people_with
from credit_app.i18n import _, listed
from credit_app.models import Person
from credit_app.models.legal import LEGAL_DATE_KINDS, WORKED_OUT_KINDS, LegalDate
from credit_app.permissions import LEDGER
from credit_app.reports.tables import FORMS
from credit_app.screens.access import allowed
from credit_app.screens.clock import today
from credit_app.screens.exporting import send_table
from credit_app.screens.legal import blueprint
from credit_app.screens.legal.cases import mine
from credit_app.screens.listing import Listing, Sort

KINDS = (*WORKED_OUT_KINDS, *LEGAL_DATE_KINDS)
SPANS = ("30", "90", "180", "365", "overdue")
USUAL, LONGEST = "90", "365"
MOST = 500
IN_CHARGE = tuple(sorted({"collector", "counsel"} & LEDGER))


@blueprint.get("/calendar")
@allowed("legal.see")
def calendar() -> ResponseReturnValue:
    """Show the dates that come, or have passed, of the customers of one's branches."""
    listing, rows, span, kind, who = asked()
    return render_template(
        "legal/calendar.html",
        listing=listing,
        rows=rows[:MOST],
        more=len(rows) > MOST,
        spans=_chips(listing, "span", span, [(one, _span_word(one)) for one in SPANS]),
        kinds=_chips(
            listing, "kind", kind, [(None, _("all")), *((one, word(DATE_WORDS, one)) for one in KINDS)]
        ),
        people=people_with(db.session(), IN_CHARGE),
        who=who,
        longer=None if span == LONGEST else listing.url(span=LONGEST),
        names=names(rows),
        day=today(),
    )


@blueprint.get("/calendar.<form>")
@allowed("legal.see")
def calendar_table(form: str) -> ResponseReturnValue:
    """The same dates as a table."""
    if form not in FORMS:
        abort(404)
    _listing, rows, _span, _kind, _who = asked()
    heads = [
        _("Day"), _("Days left"), _("Kind"), _("Customer number"), _("Customer"), _("Of"), _("Legal case"),
        _("Amount"), _("Currency"), _("In charge"),
    ]  # fmt: skip
    return send_table(form, f"legal-dates-{today().isoformat()}", _("Legal dates"), heads, _cells(rows))


# --- inside -------------------------------------------------------------------------------------------------------


def asked() -> tuple[Listing, Sequence[LegalDay], str, str | None, int | None]:
    """The dates as the address asks for them: (listing, dates, span, kind, person)."""
    listing = Listing({"day": Sort(LegalDate.due_on)}, LegalDate.id, "day")
    span = listing.choice("span", SPANS) or USUAL
    kind = listing.choice("kind", KINDS)
    people = {str(one.id): one.id for one in people_with(db.session(), IN_CHARGE)}
    who = people.get(listing.choice("person", tuple(people)) or "")
    day = today()
    until = day - timedelta(days=1) if span == "overdue" else day + timedelta(days=int(span))
    rows = legal_days(db.session(), day, until, mine())
    return (
        listing,
        [
            one
            for one in rows
            if (span == "overdue" or one.due_on >= day)
            and (kind is None or one.kind == kind)
            and (who is None or who in one.people)
        ],
        span,
        kind,
        who,
    )


def names(rows: Sequence[LegalDay]) -> dict[int, str]:
    """Person id -> name of everybody in charge."""
    ids = {person for one in rows for person in one.people}
    return {row.id: row.name for row in db.session.query(Person).where(Person.id.in_(ids))} if ids else {}


def _cells(rows: Sequence[LegalDay]) -> Iterator[list[Any]]:
    known, day = names(rows), today()
    for one in rows:
        yield [
            one.due_on, one.days_left(day), word(DATE_WORDS, one.kind), one.customer_number, one.customer_name,
            one.label, one.case_number, one.amount, one.currency, listed(known[person] for person in one.people),
        ]  # fmt: skip


def _span_word(span: str) -> str:
    return _("overdue") if span == "overdue" else _("next %(days)s days", days=span)


def _chips(
    listing: Listing, name: str, chosen: str | None, values: Sequence[tuple[str | None, str]]
) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": listing.url(**{name: value}), "current": value == chosen}
        for value, label in values
    ]
