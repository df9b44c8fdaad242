"""The clauses that contracts are checked for: what each asks, and changing them as a new version of the policy."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.domain.clause_form import kept, problems
from credit_app.facts.contract_words import AREA_WORDS
from credit_app.facts.policy import Kept, figure, publish_figure
from credit_app.forms.clauses import ClausesForm
from credit_app.forms.contracts import SIDE_WORDS
from credit_app.i18n import _, in_chinese, listed, said, written_day
from credit_app.screens import policy_reading
from credit_app.screens.access import allowed, check, person
from credit_app.screens.clock import today
from workflows import Conflict, Refused

blueprint = Blueprint("clauses", __name__, url_prefix="/policy/clauses")
KEY = "contract.clauses"


@blueprint.get("")
@allowed("policy.see")
def index() -> ResponseReturnValue:
    """List the clauses in force."""
    kept_figure = figure(db.session(), KEY)
    return render_template(
        "policy/clauses.html",
        clauses=in_force(),
        areas=AREA_WORDS,
        sides=SIDE_WORDS,
        upcoming=kept_figure.upcoming(today()),
        chinese=in_chinese(),
    )


@blueprint.route("/edit", methods=["GET", "POST"])
@allowed("policy.see")
def edit() -> ResponseReturnValue:
    """Change the clauses: check what would change, or publish them from a day on."""
    check("policy.publish")
    kept_figure, before = figure(db.session(), KEY), in_force()
    form = ClausesForm(valid_from=today())
    wrong, changed = list[str](), list[dict[str, str]]()
    if request.method == "GET":
        form.show(before, newest(kept_figure))
    else:
        wrong, made = asked(form)
        changed = changes(before, made) if not wrong else []
        if "publish" in request.form and not wrong and form.validate():
            wrong = publish(form, made, newest(kept_figure))
            if not wrong:
                return redirect(url_for("clauses.index"))
    return render_template(
        "policy/clauses_edit.html",
        form=form,
        problems=wrong,
        changes=changed,
        checked=request.method == "POST" and not wrong and not form.errors,
        upcoming=kept_figure.upcoming(today()),
    ), 422 if wrong or form.errors else 200


def in_force() -> list[dict[str, Any]]:
    """Return the clauses that rule today, as policy keeps them."""
    ruling = figure(db.session(), KEY).on(today())
    return list(ruling.value) if ruling is not None else []


def newest(kept_figure: Kept) -> int:
    """Return the id of the version that was published last."""
    return max(row.id for row in kept_figure.versions)


def asked(form: ClausesForm) -> tuple[list[str], list[dict[str, Any]]]:
    """Return what is wrong in the rows, marked at its fields, and the clauses as policy would keep them."""
    places = [entry.form.place for entry in form.rows.entries]
    unread = [item for item in places if not item.validate(form)]  # reads the numbers, too
    typed = form.typed()
    rows = [row for _number, row in typed]
    wrong = [form.mark(one, [number for number, _row in typed]) for one in problems(rows)]
    return wrong + [f"{item.label.text}: {item.errors[0]}" for item in unread], kept(rows)


def changes(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return what differs, by clause and field, and whether the order of those that stay does."""
    found = policy_reading.changes(_by_code(before), _by_code(after))
    stay = {row["code"] for row in before} & {row["code"] for row in after}
    orders = [[row["title"] for row in rows if row["code"] in stay] for rows in (before, after)]
    if [row["code"] for row in before if row["code"] in stay] != [
        row["code"] for row in after if row["code"] in stay
    ]:
        found.append(
            {"where": _("Order of the list"), "before": listed(orders[0]), "after": listed(orders[1])}
        )
    return found


def _by_code(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        row["code"]: {
            _("Title of the clause"): row["title"],
            _("Title in Chinese"): row["title_zh"],
            _("Judged by"): str(AREA_WORDS[row["area"]]),
            _("Required"): row["required"],
            _("Asked of"): listed(str(SIDE_WORDS[side]) for side in row["sides"]),
            _("The company's text"): row["text"],
            _("The company's text in Chinese"): row["text_zh"],
            _("Recognised by"): listed(row["words"]),
        }
        for row in rows
    }


def publish(form: ClausesForm, clauses: list[dict[str, Any]], newest_id: int) -> list[str]:
    """Publish the clauses and say so; return why not, if not."""
    day = form.valid_from.data
    try:
        if form.seen.data != str(newest_id):
            raise Conflict(_("Somebody has published other clauses meanwhile; look at them first."))
        publish_figure(db.session(), KEY, clauses, day, form.reason.data or "", "", person().id, today())
    except Refused as refused:
        db.session.rollback()
        return [said(refused)]
    db.session.commit()
    flash(_("Published. It rules from %(day)s on.", day=written_day(day)), "success")
    return []
