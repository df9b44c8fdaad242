"""Answers to downloads: lists as files for a spreadsheet, sent while they are made, and whole documents."""

from collections.abc import Sequence

from flask import Response, stream_with_context
from flask_babel import get_timezone

from credit_app.reports.tables import FORMS, Cell, Rows, table


def send_table(form: str, name: str, title: str, headings: Sequence[Cell], rows: Rows) -> Response:
    """Answer with a table as `name`.csv or .xlsx. `rows` is a generator that asks the database only once it is read:
    the request's own session is over by then.

    What has to be written down about the export is committed before: reading the rows may outlive the request.
    """
    chunks = table(form, title, headings, rows, str(get_timezone()))
    answer = Response(stream_with_context(chunks), mimetype=FORMS[form].partition(";")[0])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


def attached(content: bytes, kind: str, name: str) -> Response:
    """An answer that is saved and not kept by anybody on the way."""
    answer = Response(content, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
