"""What the forms of the ledger share: a refusal beside its field, and the way on after an entry."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import flash, redirect
from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.i18n import said
from credit_app.screens.file.opening import Opened
from workflows import Refused


@contextmanager
def beside(field: Any) -> Iterator[None]:
    """Undo what is refused inside and tell it at the form's field; the page then shows the form as it was typed."""
    try:
        yield
    except Refused as refused:
        db.session.rollback()
        field.errors = [*field.errors, said(refused)]


def done(file: Opened, address: str, sentence: str, details: Mapping[str, Any]) -> ResponseReturnValue:
    """Log and commit, say what was done and show where."""
    file.log("change", "account", details)
    db.session.commit()
    flash(sentence, "success")
    return redirect(address)
