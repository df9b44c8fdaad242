"""The policy: every figure with its versions, publishing a new one, and what was in force on any day."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from credit_app.db import db
from credit_app.domain.policy_shape import FigureUnreadable, read, typed
from credit_app.facts.matrices import matrices
from credit_app.facts.policy import figure, figures, publish_figure, try_value
from credit_app.forms.policy import FigureForm
from credit_app.i18n import _, said, written_day
from credit_app.models import Person
from credit_app.screens import policy_reading
from credit_app.screens.access import allowed, check, person
from credit_app.screens.clock import today
from credit_app.screens.listing import BadParameter
from workflows import Refused
from workflows.grid import read_grid

blueprint = Blueprint("policy", __name__, url_prefix="/policy")


@blueprint.get("")
@allowed("policy.see")
def index() -> ResponseReturnValue:
    """List every figure by group, and the decision tables."""
    return render_template(
        "policy/index.html",
        groups=policy_reading.groups(figures(db.session()), today()),
        tables=[
            {"decision": kept.decision, "ruling": kept.on(today()), "next": kept.upcoming(today())}
            for kept in matrices(db.session())
        ],
        today=today(),
    )


@blueprint.route("/figures/<key>", methods=["GET", "POST"])
@allowed("policy.see")
def show(key: str) -> ResponseReturnValue:
    """Show a figure with its versions; publish a new one."""
    kept = figure(db.session(), key)
    ruling = kept.on(today())
    given = ruling.value if ruling else kept.versions[0].value
    form = FigureForm(value=typed(given, kept.shape), valid_from=today())
    changes: list[dict[str, str]] = []
    if request.method == "POST":
        check("policy.publish")
        value = asked(form, kept.shape)
        if value is not None:
            changes = policy_reading.changes(given, value)
            form.value.errors = [*form.value.errors, *refusal(key, value)]
            if "publish" in request.form and publish(form, key, value):
                return redirect(url_for("policy.show", key=key))
    return render_template(
        "policy/figure.html",
        kept=kept,
        name=policy_reading.figure_name(key),
        ruling=ruling,
        lines=policy_reading.value_lines(given, kept.shape),
        versions=versions(kept),
        form=form,
        changes=changes,
        checked=request.method == "POST" and not form.errors,
        names=names_of(row.changed_by for row in kept.versions),
        today=today(),
    ), 422 if form.errors else 200


def asked(form: FigureForm, shape: Any) -> Any:
    """Return the value that was typed; None, with the error at its field, when it cannot be read."""
    sound = "publish" not in request.form or form.validate_on_submit()
    try:
        value = read(form.value.data or "", shape)
    except FigureUnreadable as error:
        if not form.value.errors:
            form.value.errors = [said(error.sentence)]
        return None
    return value if sound else None


def refusal(key: str, value: Any) -> list[str]:
    """Return what a rule says against the value, as it would when it is published today."""
    try:
        try_value(db.session(), key, value, today())
    except Refused as refused:
        return [said(refused)]
    return []


def publish(form: FigureForm, key: str, value: Any) -> bool:
    """Publish and say so; a refusal stands at the field that it is about, with everything typed kept."""
    day = form.valid_from.data
    try:
        publish_figure(
            db.session(),
            key,
            value,
            day,
            form.reason.data or "",
            form.source.data or "",
            person().id,
            today(),
        )
    except Refused as refused:
        db.session.rollback()
        field = form.valid_from if day < today() else form.value
        field.errors = [*field.errors, said(refused)]
        return False
    db.session.commit()
    flash(_("Published. It rules from %(day)s on.", day=written_day(day)), "success")
    return True


def versions(kept: Any) -> list[dict[str, Any]]:
    """Return every version, the newest first, with what it changed against the one before it."""
    ordered = sorted(kept.versions, key=lambda row: (row.valid_from, row.id))
    found = []
    for before, row in zip([None, *ordered], ordered, strict=False):
        changed = policy_reading.changes(before.value, row.value) if before is not None else []
        found.append({"row": row, "changes": changed})
    return found[::-1]


@blueprint.get("/on")
@allowed("policy.see")
def jump() -> ResponseReturnValue:
    """Lead from the day typed to its page."""
    return redirect(url_for("policy.on", day=day_of(request.args.get("day", "")).isoformat()))


@blueprint.get("/on/<day>")
@allowed("policy.see")
def on(day: str) -> ResponseReturnValue:
    """Show the policy that was in force on a day, and what differs from today's."""
    asked_day = day_of(day)
    then_and_now = [(kept, kept.on(asked_day), kept.on(today())) for kept in figures(db.session()).values()]
    tables = [(kept, kept.on(asked_day), kept.on(today())) for kept in matrices(db.session())]
    return render_template(
        "policy/day.html",
        day=asked_day,
        today=today(),
        changed=[
            {"key": kept.key, "name": policy_reading.figure_name(kept.key), "then": then, "now": now}
            | {"changes": policy_reading.changes(then.value if then else None, now.value if now else None)}
            for kept, then, now in then_and_now
            if (then.value if then else None) != (now.value if now else None)
        ],
        same=[
            {"key": kept.key, "name": policy_reading.figure_name(kept.key), "then": then}
            | {"short": policy_reading.short_value(then.value, kept.shape)}
            for kept, then, now in then_and_now
            if then is not None and now is not None and then.value == now.value
        ],
        tables=[
            {
                "decision": kept.decision,
                "then": then,
                "now": now,
                "changes": table_changes(kept.text_on(asked_day), kept.text_on(today())),
            }
            for kept, then, now in tables
        ],
    )


def table_changes(then: str, now: str) -> list[dict[str, str]]:
    """Return what differs between two texts of a decision table."""
    if then == now:
        return []
    after = read_grid(now)
    return policy_reading.row_changes(after, read_grid(then), after)


def day_of(text: str) -> date:
    """Return the day of an address; BadParameter when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadParameter(_("This is no date.")) from None


def names_of(ids: Iterable[int | None]) -> dict[int, str]:
    """Return the names of people by id."""
    wanted = {one for one in ids if one is not None}
    return dict(db.session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted))).all())
