"""Export of everything held on a customer, and its print; both are written into the access log first."""

from collections.abc import Iterator

from flask import Response, flash, redirect, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from credit_app.db import db
from credit_app.i18n import _
from credit_app.models import Customer
from credit_app.reports.customer_archive import archive
from credit_app.screens.access import allowed, person
from credit_app.screens.clock import now
from credit_app.screens.customers import blueprint
from credit_app.screens.file.opening import opened


@blueprint.post("/<number>/export")
@allowed("customer.export")
def export(number: str) -> ResponseReturnValue:
    """Send everything held on a customer as a ZIP, made while it is sent."""
    file = opened(number)
    customer_id, customer_number, by, instant = file.customer.id, file.customer.number, person().name, now()
    file.log("export", "everything")
    db.session.commit()

    def chunks() -> Iterator[bytes]:
        engine = db.engine.execution_options(isolation_level="REPEATABLE READ")
        with Session(engine) as session:
            yield from archive(session, session.get_one(Customer, customer_id), by, instant)

    answer = Response(stream_with_context(chunks()), mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{customer_number}.zip"'
    return answer


@blueprint.post("/<number>/print")
@allowed("customer.list")
def print_out(number: str) -> ResponseReturnValue:
    """Write down that the overview is printed; the page that follows opens the print dialogue."""
    file = opened(number)
    file.log("print", "overview")
    db.session.commit()
    flash(_("The print is written down in the access log. Print this page now."), "info")
    return redirect(url_for("customers.show", number=file.customer.number, print="now"))
