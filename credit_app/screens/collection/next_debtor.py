"""The next debtor of one's own worklist, without going back to it."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import exists, or_, select, tuple_

from credit_app.db import db
from credit_app.domain.collection import PAUSED
from credit_app.i18n import _, choose_zone
from credit_app.models import CollectionCase, CollectionContact
from credit_app.models.worklist import CollectionScore
from credit_app.screens.access import allowed, person
from credit_app.screens.clock import today
from credit_app.screens.collection import blueprint
from credit_app.screens.collection.asked import SCORE


@blueprint.get("/next")
@allowed("collection.work")
def next_debtor() -> ResponseReturnValue:
    """Open the next debtor of one's own worklist: see `next_case`."""
    found = next_case(request.args.get("case", ""))
    if found is None:
        flash(_("Everybody in your worklist was spoken with today."), "info")
        return redirect(url_for("collection.index"))
    return redirect(url_for("collection.case", number=found.number))


def next_case(number: str) -> CollectionCase | None:
    """The next debtor of one's own worklist that nobody spoke with today and that waits for no later day; else None.

    That is the one on top; after a case that was only looked at, the one below it.
    """
    session = db.session()
    begin = datetime.combine(today(), time(), ZoneInfo(choose_zone()))
    spoken = exists().where(
        CollectionContact.customer_id == CollectionCase.customer_id,
        CollectionContact.made_by.is_not(None),
        CollectionContact.made_at >= begin,
    )
    query = (
        select(CollectionCase)
        .outerjoin(CollectionScore, CollectionScore.case_id == CollectionCase.id)
        .where(CollectionCase.status == "open", CollectionCase.collector_id == person().id, ~spoken)
        .where(
            or_(CollectionCase.follow_up_on.is_(None), CollectionCase.follow_up_on <= today()),
            or_(CollectionCase.stage != PAUSED, CollectionCase.follow_up_on.is_not(None)),
        )
        .order_by(SCORE.desc(), CollectionCase.id.desc())
        .limit(1)
    )
    here = session.execute(
        select(CollectionCase.id, SCORE.label("score"), spoken.label("spoken"))
        .outerjoin(CollectionScore, CollectionScore.case_id == CollectionCase.id)
        .where(CollectionCase.number == number)
    ).first()
    if here is None:
        return session.scalar(query)
    others = query.where(CollectionCase.id != here.id)
    if not here.spoken:
        below = others.where(tuple_(SCORE, CollectionCase.id) < (here.score, here.id))
        return session.scalar(below) or session.scalar(others)
    return session.scalar(others)
