"""Limits and securities of a customer, its exposure by component against them, and the reviews under way."""

from collections.abc import Mapping
from typing import Any

from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.domain.status import DECIDED
from credit_app.facts.customer_securities import release, securities_of_customer
from credit_app.facts.exposure_reading import SECURITY_WORDS
from credit_app.forms.customer_records import ReleaseForm
from credit_app.i18n import _
from credit_app.models import CreditApplication, CreditLimit
from credit_app.screens.access import allowed, check, person
from credit_app.screens.clock import now, today
from credit_app.screens.customers import blueprint
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.file.page import back_to, reads, tab_page

MOST = 200


@reads("limits")
def read(file: Opened, forms: Mapping[str, Any]) -> dict[str, Any]:
    """The limits and securities, newest first, and what they cover."""
    session = db.session()
    query = select(CreditLimit).where(CreditLimit.customer_id == file.customer.id)
    query = query.options(joinedload(CreditLimit.application))
    newest = query.order_by(CreditLimit.valid_from.desc(), CreditLimit.id.desc()).limit(MOST)
    return {
        "limits": list(session.scalars(newest)),
        "reviews": running_reviews(file.customer.id),
        "securities": securities_of_customer(session, file.customer.id, today()),
        "security_words": SECURITY_WORDS,
        "release_form": forms.get("release") or ReleaseForm(formdata=None, prefix="release"),
    }


@blueprint.post("/<number>/securities/<int:security_id>/release")
@allowed("security.release")
def release_security(number: str, security_id: int) -> ResponseReturnValue:
    """Give a security back, with the reason."""
    file = opened(number)
    check("security.release", file.customer)
    form = ReleaseForm(prefix="release")
    if not form.validate():
        return tab_page(file, "limits", release=form)
    row = release(db.session(), file.customer.id, security_id, form.reason.data, person().id, now())
    file.log("change", "limits", {"security": ["confirmed", "released"]})
    return back_to(
        file, "limits", _("The security is released: %(kind)s.", kind=SECURITY_WORDS.get(row.kind, row.kind))
    )


def running_reviews(customer_id: int) -> dict[int, str]:
    """The number of the review that is under way, by limit."""
    query = select(CreditApplication.reviewed_limit_id, CreditApplication.number).where(
        CreditApplication.customer_id == customer_id,
        CreditApplication.kind == "review",
        CreditApplication.status.not_in(DECIDED),
    )
    return {limit_id: number for limit_id, number in db.session.execute(query) if limit_id is not None}
