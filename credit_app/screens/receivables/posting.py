"""What the forms of the ledger share: a refusal beside its field, and the way on after an entry."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import flash, redirect
from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.forms.base import Form
from credit_app.i18n import said
from credit_app.screens.file.opening import Opened
from workflows import InvalidAnswer, Refused


@contextmanager
def beside(form: Form, usual: str, day: str = "on") -> Iterator[None]:
    """Undo what is refused inside and tell it at the field of the form that it is about, else at the `usual` one.

    `day` is the field of the entry's day. The page then shows the form as it was typed.
    """
    try:
        yield
    except Refused as refused:
        db.session.rollback()
        about = refused.field if isinstance(refused, InvalidAnswer) else getattr(refused, "about", "")
        named = day if about == "day" else about
        field = form[named] if named in form else form[usual]
        field.errors = [*field.errors, said(refused)]


def done(file: Opened, address: str, sentence: str, details: Mapping[str, Any]) -> ResponseReturnValue:
    """Log and commit, say what was done and show where."""
    file.log("change", "account", details)
    db.session.commit()
    flash(sentence, "success")
    return redirect(address)
