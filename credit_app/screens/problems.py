"""What is wrong or missing in an answer, each with the field of the form that it is about."""

from types import ModuleType
from typing import Any

from sqlalchemy.orm import Session

from credit_app.i18n import said
from credit_app.models import CreditApplication
from credit_app.screens.clock import today
from workflows import InvalidAnswer, Refused


def problems(form: Any, refused: Refused | None) -> list[tuple[str | None, str]]:
    """What a refusal says, each with the field it is about; marks the fields too."""
    if refused is not None and hasattr(refused, "problems"):
        found_problems = [(field_of(problem.field), said(problem.sentence)) for problem in refused.problems]
    elif isinstance(refused, InvalidAnswer):
        found_problems = [(refused.field, said(refused))]
    elif refused is not None:
        return [(None, said(refused))]
    else:
        return []
    for name, sentence in found_problems:
        if name in form:
            form[name].errors = [*form[name].errors, sentence]
    return [(form[name].id if name in form else None, sentence) for name, sentence in found_problems]


def field_of(name: str) -> str:
    """The form's field for a field of the rules."""
    known = {"customer_id": "customer"}
    return (
        name.replace("new_customer.", "new_") if name.startswith("new_customer.") else known.get(name, name)
    )


def still_missing(
    session: Session, step: ModuleType, application: CreditApplication, refused: Refused | None
) -> list[tuple[str, str]]:
    """What keeps a draft from being submitted; only said on the draft's own page."""
    missing = getattr(step, "missing", None)
    if missing is None or refused is not None or application.version <= 2:
        return []
    try:
        found_problems = missing(session, application, today())
    except Refused as error:
        return [("currency", said(error))]
    return [(field_of(problem.field), said(problem.sentence)) for problem in found_problems]
