"""The application that an action is about, and the figures in question while it is decided."""

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.i18n import _
from credit_app.models import CreditApplication, LimitProposal, Rating
from credit_app.models.once import once
from workflows import Action, NotFound


def application_of(action: Action) -> CreditApplication:
    """The credit application of the process. Raises NotFound."""
    return get_application(action.session, action.subject_id)


def get_application(session: Session, application_id: int) -> CreditApplication:
    """The credit application with that id. Raises NotFound."""
    found = session.get(CreditApplication, application_id)
    if found is None:
        raise NotFound(_("There is no such credit application."))
    return found


def limit_in_question(application: CreditApplication) -> Decimal:
    """The limit being decided: as a level changed it, else as proposed, else as requested; in its currency."""
    figures = (application.approved_limit, application.proposed_limit, application.requested_limit)
    amount = next((figure for figure in figures if figure is not None), None)
    assert amount is not None, "the database guards that a submitted application has a limit"  # noqa: S101
    return amount


def terms_in_question(application: CreditApplication) -> int:
    """The terms being decided, in days."""
    figures = (application.approved_terms_days, application.proposed_terms_days, application.terms_days)
    days = next((figure for figure in figures if figure is not None), None)
    assert days is not None, "the database guards that a submitted application has terms"  # noqa: S101
    return days


def payment_method_in_question(application: CreditApplication) -> str:
    """The payment method being decided: as a level changed it, else as proposed, else as requested."""
    return (
        application.approved_payment_method
        or application.proposed_payment_method
        or application.payment_method
        or ""
    )


def customer_id_of(application: CreditApplication) -> int:
    """The customer of a submitted application."""
    assert application.customer_id is not None, "the database guards that it has a customer"  # noqa: S101
    return application.customer_id


@once
def rating_of(session: Session, application: CreditApplication) -> Rating:
    """The newest rating made for this application, else the customer's last confirmed one. Raises NotFound.

    An application that is granted by rule, or asks for a temporary limit, is not rated again.
    """
    query = select(Rating).where(Rating.application_id == application.id).order_by(Rating.id.desc()).limit(1)
    found = session.scalars(query).first() or confirmed_rating(session, application.customer_id)
    if found is None:
        raise NotFound(_("This application has not been rated."))
    return found


def confirmed_rating(session: Session, customer_id: int | None) -> Rating | None:
    """The last rating of the customer that a person confirmed."""
    query = select(Rating).where(Rating.customer_id == customer_id, Rating.rated_by.is_not(None))
    return session.scalars(query.order_by(Rating.id.desc()).limit(1)).first()


def proposals_of(session: Session, application: CreditApplication) -> list[LimitProposal]:
    """The limit proposals of the present round, in the order they were made."""
    query = select(LimitProposal).where(
        LimitProposal.application_id == application.id, LimitProposal.round == application.round
    )
    return list(session.scalars(query.order_by(LimitProposal.id)))
