"""What an open inbox asks for from time to time: how much is new, and which of its rows somebody else has taken."""

from datetime import datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from credit_app.db import db
from credit_app.i18n import _
from credit_app.models import Person
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import own_lanes
from credit_app.screens.clock import now
from credit_app.screens.inbox_rows import Row
from credit_app.screens.listing import BadParameter
from workflows import inbox

blueprint = Blueprint("inbox_news", __name__, url_prefix="/inbox/news")

MOST = 50
LONGEST_ID = 18


def news_url(tab: str, rows: list[Row]) -> str:
    """Return the address that a list asks: what it shows, and since when."""
    shown = ",".join(str(row.id) for row in rows)
    return url_for("inbox_news.news", tab=tab, since=now().isoformat(), ids=shown or None)


@blueprint.get("")
@allowed("inbox.see")
def news() -> ResponseReturnValue:
    """Answer with a line about new tasks and a word for each row that is no longer to be had."""
    session, me = db.session(), person()
    tab = request.args.get("tab", "groups")
    if tab not in ("mine", "groups"):
        raise BadParameter(_("The inbox has no such list."))
    lanes = own_lanes(me)
    fresh = inbox.count_new(session, me.id, None if tab == "mine" else lanes, since())
    return render_template(
        "inbox/_news.html", fresh=fresh, url=url_for(f"inbox.{tab}"), taken=taken(me, set(lanes), ids())
    )


def since() -> datetime:
    """Return the instant of the address. Raises BadParameter."""
    try:
        found = datetime.fromisoformat(request.args.get("since", ""))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadParameter(_("This is no point in time."))
    return found


def ids() -> list[int]:
    """Return the numbers of the rows that the list shows; what is none is left out."""
    texts = request.args.get("ids", "").split(",")[:MOST]
    return [int(one) for one in texts if one.isascii() and one.isdigit() and len(one) <= LONGEST_ID]


def taken(me: Person, lanes: set[inbox.Lane], shown: list[int]) -> dict[int, str]:
    """Return what to say of each row that is gone, or claimed by somebody else of the person's own groups."""
    still = {task.id: task for task in inbox.tasks(db.session(), shown)}
    found = {number: _("no longer open: it was done meanwhile") for number in shown if number not in still}
    held = {
        number: task.claimed_by
        for number, task in still.items()
        if task.claimed_by not in (None, me.id)
        and (task.role, task.scope or 0) in lanes
        and me.id not in task.excluded
    }
    query = select(Person.id, Person.name).where(Person.id.in_(set(held.values())))
    names = dict(db.session.execute(query).all())
    return found | {
        number: _("%(name)s has it now", name=names[who]) for number, who in held.items() if who in names
    }
