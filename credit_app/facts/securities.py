"""The securities that an application's limit depends on."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.models import CreditApplication, Security
from credit_app.models.once import once


@once
def securities_of(session: Session, application: CreditApplication) -> list[Security]:
    """All that were asked for with this application, in the order they were asked."""
    query = select(Security).where(Security.application_id == application.id).order_by(Security.id)
    return list(session.scalars(query))


def unconfirmed(session: Session, application: CreditApplication) -> list[Security]:
    """Those that keep the limit from opening."""
    return [row for row in securities_of(session, application) if row.status == "required"]
