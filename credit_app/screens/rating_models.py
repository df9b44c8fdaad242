"""Scorecard models: what each is for, its weights and bands, and changing them as a new version."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.domain.errors import DomainError
from credit_app.domain.model_form import fields_of, with_fields
from credit_app.domain.policy_shape import in_order
from credit_app.domain.scorecard_models import DIMENSIONS
from credit_app.facts.policy import figure, publish_figure
from credit_app.forms.policy import PublishForm
from credit_app.i18n import _, said, written_day
from credit_app.screens import policy_reading
from credit_app.screens.access import allowed, check, person
from credit_app.screens.clock import today
from workflows import NotFound, Refused

blueprint = Blueprint("models", __name__, url_prefix="/policy/models")
KEY = "rating.models"


@blueprint.get("")
@allowed("policy.see")
def index() -> ResponseReturnValue:
    """List the models in force: whom each rates, and the weights of its dimensions."""
    return render_template("policy/models.html", models=in_force())


@blueprint.route("/<key>", methods=["GET", "POST"])
@allowed("policy.see")
def show(key: str) -> ResponseReturnValue:
    """Show a model; publish it with other weights or bands."""
    models = in_force()
    model = next((one for one in models if one["key"] == key), None)
    if model is None:
        raise NotFound(_("There is no such model."))
    form, fields, problems, changes = (
        PublishForm(valid_from=today()),
        fields_of(model),
        list[str](),
        list[Any](),
    )
    if request.method == "POST":
        check("policy.publish")
        fields |= {name: text[:4000] for name, text in request.form.items() if name in fields}
        made, wrong = with_fields(model, fields)
        problems = [problem(name, error) for name, error in wrong.items()]
        changes = policy_reading.changes(model, made)
        if "publish" in request.form and not problems and form.validate_on_submit():
            problems = publish(form, [made if one is model else one for one in models])
            if not problems:
                return redirect(url_for("models.show", key=key))
    return render_template(
        "policy/model.html",
        model=model,
        fields=fields,
        form=form,
        problems=problems,
        changes=changes,
        checked=request.method == "POST" and not problems,
    ), 422 if problems or form.errors else 200


def in_force() -> list[dict[str, Any]]:
    """Return the models that rule today."""
    ruling = figure(db.session(), KEY).on(today())
    models = ruling.value if ruling is not None else []
    return [{**model, "dimensions": in_order(model["dimensions"], DIMENSIONS)} for model in models]


def problem(name: str, error: Exception) -> str:
    """Return what could not be read, and in which field."""
    kind, _dash, what = name.partition("-")
    words = {"d": _("dimension"), "w": _("weight"), "b": _("bands")}
    text = said(error.sentence) if isinstance(error, DomainError) else str(error)
    return _(
        "%(field)s %(name)s: %(problem)s",
        field=words.get(kind, ""),
        name=policy_reading.code_word(what or name),
        problem=text,
    )


def publish(form: PublishForm, models: list[dict[str, Any]]) -> list[str]:
    """Publish the models and say so; return why not, if not."""
    day = form.valid_from.data
    try:
        publish_figure(db.session(), KEY, models, day, form.reason.data or "", "", person().id, today())
    except Refused as refused:
        db.session.rollback()
        return [said(refused)]
    db.session.commit()
    flash(_("Published. It rules from %(day)s on.", day=written_day(day)), "success")
    return []
