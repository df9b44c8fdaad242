"""Ratings of a customer: who confirmed or overrode them and why, and the points of one."""

from collections.abc import Mapping
from typing import Any

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import defer

from credit_app.db import db
from credit_app.models import CreditApplication, Person, Rating
from credit_app.screens.file.opening import Opened
from credit_app.screens.file.page import reads

MOST = 100


@reads("ratings")
def read(file: Opened, _forms: Mapping[str, Any]) -> dict[str, Any]:
    """The ratings, newest first; the points of the newest, or of the one that the address names."""
    rows = (
        select(Rating, Person.name, CreditApplication.number)
        .outerjoin(Person, Person.id == Rating.rated_by)
        .outerjoin(CreditApplication, CreditApplication.id == Rating.application_id)
        .where(Rating.customer_id == file.customer.id)
        .options(defer(Rating.inputs))
        .order_by(Rating.rated_at.desc(), Rating.id.desc())
        .limit(MOST)
    )
    found = list(db.session.execute(rows).all())
    asked = request.args.get("rating", "")
    chosen = next((row for row in found if str(row.Rating.id) == asked), found[0] if found else None)
    points = chosen is not None and "rating" in chosen.Rating.inputs
    return {"ratings": found, "chosen": chosen.Rating if chosen else None, "has_points": points}
