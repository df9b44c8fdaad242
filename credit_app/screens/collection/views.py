"""The views of collection as tabs: the parts of the worklist, the list by stage, the team; and who is in it."""

from typing import Any

from flask import url_for
from sqlalchemy import or_, select

from credit_app.db import db
from credit_app.i18n import _
from credit_app.models import Person, PersonRole
from credit_app.permissions import branches_of
from credit_app.screens.access import person
from credit_app.screens.acting import may

MINE, BRANCH, ALL = "mine", "branch", "all"
WORKERS = ("collector", "credit_manager")


def scopes() -> tuple[str, ...]:
    """The parts of the worklist that the signed-in person has; the first one is shown first."""
    own = (MINE,) if may(person(), "collection.work") else ()
    branch = (BRANCH,) if branches_of(person(), WORKERS) else ()
    return (*own, *branch, ALL)


def views(current: str) -> list[dict[str, Any]]:
    """The tabs of collection that this person may open; `current` is a scope, "stages" or "team"."""
    words = {MINE: _("My cases"), BRANCH: _("My branch"), ALL: _("All cases")}
    tabs = [(one, words[one], url_for("collection.index", scope=one)) for one in scopes()]
    tabs.append(("stages", _("By stage"), url_for("collection.stages")))
    if may(person(), "collection.lead"):
        tabs.append(("team", _("Team"), url_for("collection.team")))
    return [{"label": label, "url": url, "current": name == current} for name, label, url in tabs]


def colleagues() -> list[tuple[int, str]]:
    """The collectors to whom the signed-in person can give cases, by name."""
    branches = branches_of(person(), ("credit_manager",))
    works = PersonRole.role == "collector"
    if branches is not None:
        works &= or_(PersonRole.branch_id.is_(None), PersonRole.branch_id.in_(branches))
    query = select(Person.id, Person.name).where(Person.active, Person.roles.any(works))
    return [(row.id, row.name) for row in db.session.execute(query.order_by(Person.name, Person.id))]
