"""Decision tables: the version in force, its rows as a grid to change, and publishing without gap or overlap."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.domain.errors import DomainError
from credit_app.domain.matrix_cells import answer_from_typed, from_typed, typed, typed_answer
from credit_app.drawn_texts import in_other_words
from credit_app.facts.matrices import (
    Kept,
    MatrixRefused,
    columns_of,
    matrix,
    outputs_of,
    problems_of,
    publish_matrix,
)
from credit_app.forms.policy import PublishForm
from credit_app.i18n import LANGUAGES, _, force_locale, said, written_day
from credit_app.screens import policy_reading
from credit_app.screens.access import allowed, person
from credit_app.screens.clock import today
from credit_app.screens.policy import names_of
from credit_app.security import POLICY
from workflows import NotFound, Refused
from workflows.grid import Grid, GridRow, read_grid

blueprint = Blueprint("matrices", __name__, url_prefix="/policy/tables")
MOST_ROWS = 200
LONGEST_CELL = 500


@blueprint.get("/<decision>")
@allowed("policy.see")
def show(decision: str) -> ResponseReturnValue:
    """Show a version of a table (asked for, else the one in force), and all versions."""
    kept = matrix(db.session(), decision)
    number = version_asked(kept)
    content = text_of(kept, number)
    table = read_grid(content)
    before = read_grid(text_of(kept, number - 1)) if number else None
    answer = make_response(
        render_template(
            "policy/table.html",
            kept=kept,
            table=table,
            heads=policy_reading.heads(table),
            rows=[(row, policy_reading.cells(table, row)) for row in table.rows],
            number=number,
            ruling=kept.on(today()),
            names=names_of(row.published_by for row in kept.versions),
            changes=policy_reading.row_changes(table, before, table) if before else [],
            today=today(),
        )
    )
    # The viewer of decision tables (dmn-js) writes style attributes; scripts and style sheets stay ours alone.
    answer.headers["Content-Security-Policy"] = f"{POLICY}; style-src-attr 'unsafe-inline'"
    return answer


@blueprint.get("/<decision>/<int:number>.dmn")
@allowed("policy.see")
def file(decision: str, number: int) -> ResponseReturnValue:
    """Hand out a version as DMN for the viewer, in the words of a language when asked; 0 is the program's own."""
    content = text_of(matrix(db.session(), decision), number)
    if request.args.get("lang") in LANGUAGES:
        with force_locale(request.args["lang"]):
            content = in_other_words(content.encode(), _).decode()
    answer = Response(content, mimetype="text/plain")
    answer.headers["Content-Disposition"] = "attachment"
    return answer


@blueprint.route("/<decision>/edit", methods=["GET", "POST"])
@allowed("policy.publish")
def edit(decision: str) -> ResponseReturnValue:
    """Change the rows of the table in force: add, take out, check, publish. What was typed is kept."""
    kept = matrix(db.session(), decision)
    table = read_grid(kept.text_on(today()))
    form = PublishForm(valid_from=today())
    rows = typed_rows(table) if request.method == "GET" else posted(table, request.form)
    problems: list[str] = []
    if request.method == "POST":
        rows = moved(table, rows, request.form)
        if "check" in request.form or "publish" in request.form:
            given, problems = read_rows(table, rows)
            problems = problems or [said(one) for one in problems_of(table, given)]
            if "publish" in request.form and form.validate_on_submit() and not problems:
                problems = publish(kept, given, form)
                if not problems:
                    return redirect(url_for("matrices.show", decision=decision))
    failed = bool(problems or form.errors)
    return render_template(
        "policy/table_edit.html",
        kept=kept,
        table=table,
        heads=policy_reading.heads(table),
        rows=rows,
        form=form,
        problems=problems,
        sound="check" in request.form and not problems,
        options=[column.values for column in table.outputs],
    ), 422 if failed else 200


def publish(kept: Kept, rows: list[GridRow], form: PublishForm) -> list[str]:
    """Publish the rows and say so; return why not, if not."""
    day = form.valid_from.data
    try:
        made = publish_matrix(db.session(), kept, rows, day, form.reason.data or "", person().id, today())
    except MatrixRefused as refused:
        db.session.rollback()
        return [said(one) for one in refused.problems]
    except Refused as refused:
        db.session.rollback()
        return [said(refused)]
    db.session.commit()
    message = _(
        "Version %(version)s is published. It rules from %(day)s on.",
        version=made.version,
        day=written_day(day),
    )
    flash(message, "success")
    return []


# --- the grid as it is typed --------------------------------------------------------------------------------------


def typed_rows(table: Grid) -> list[dict[str, Any]]:
    """Return the rows of a table as they are typed."""
    return [
        {
            "id": row.id,
            "note": row.note,
            "conditions": [
                typed(cell, column) for cell, column in zip(row.conditions, columns_of(table), strict=True)
            ],
            "results": [
                typed_answer(cell, column)
                for cell, column in zip(row.results, outputs_of(table), strict=True)
            ],
        }
        for row in table.rows
    ]


def posted(table: Grid, form: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the rows as they were typed, in the order of the page."""
    numbers = sorted({int(found[1]) for name in form if (found := re.fullmatch(r"r([0-9]{1,4})-note", name))})

    def cell(number: int, name: str) -> str:
        typed = "".join(sign for sign in form.get(f"r{number}-{name}", "") if sign.isprintable())
        return typed.strip()[:LONGEST_CELL]  # what XML cannot hold is not printable either

    return [
        {
            "id": cell(number, "id"),
            "note": cell(number, "note"),
            "conditions": [cell(number, f"c{one}") for one in range(len(table.inputs))],
            "results": [cell(number, f"o{one}") for one in range(len(table.outputs))],
        }
        for number in numbers[:MOST_ROWS]
    ]


def moved(table: Grid, rows: list[dict[str, Any]], form: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the rows after “add a row” or “take out” was pressed."""
    if "add" in form:
        empty = {
            "id": "",
            "note": "",
            "conditions": [""] * len(table.inputs),
            "results": [""] * len(table.outputs),
        }
        return [*rows, empty]
    out = form.get("take_out", "")
    return [row for number, row in enumerate(rows) if str(number) != out]


def read_rows(table: Grid, rows: list[dict[str, Any]]) -> tuple[list[GridRow], list[str]]:
    """Return the rows as the table keeps them, and what could not be read, by row."""
    found, problems = [], []
    for number, row in enumerate(rows, 1):
        try:
            conditions = tuple(
                from_typed(text, column)
                for text, column in zip(row["conditions"], columns_of(table), strict=True)
            )
            results = tuple(
                answer_from_typed(text, column)
                for text, column in zip(row["results"], outputs_of(table), strict=True)
            )
        except DomainError as error:
            problems.append(_("Row %(row)s: %(problem)s", row=number, problem=said(error.sentence)))
            continue
        found.append(GridRow(row["id"], row["note"], conditions, results))
    return found, problems


def version_asked(kept: Kept) -> int:
    """Return the number of the version to show: of the address, else of the one in force; 0 is the program's own."""
    asked = request.args.get("version", "")
    if asked:
        return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else -1
    ruling = kept.on(today())
    return ruling.version if ruling is not None else 0


def text_of(kept: Kept, number: int) -> str:
    """Return the text of a version; NotFound when there is none with that number."""
    if number == 0:
        return kept.shipped
    found = next((row.content for row in kept.versions if row.version == number), None)
    if found is None:
        raise NotFound(_("There is no such version of the table."))
    return found
