"""The investigation of an application's present round."""

from datetime import date

from sqlalchemy import cast, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from credit_app.facts.application import customer_id_of
from credit_app.i18n import _
from credit_app.models import CHANNELS, CreditApplication, Customer, Investigation, policy_value
from workflows import Action, NotFound


def open_investigation(action: Action, application: CreditApplication) -> Investigation:
    """A new investigation by the template for new or for existing customers; the round's own if there is one."""
    found = investigation_of(action.session, application)
    if found is not None:
        return found
    customer = action.session.get(Customer, customer_id_of(application))
    made = Investigation(
        customer_id=customer_id_of(application),
        application_id=application.id,
        round=application.round,
        template="new_customer" if customer is None or customer.is_new else "existing_customer",
        started_at=action.now,
    )
    action.session.add(made)
    action.session.flush()
    return made


def investigation_of(session: Session, application: CreditApplication) -> Investigation | None:
    """The newest investigation of the present round."""
    query = (
        select(Investigation)
        .where(Investigation.application_id == application.id, Investigation.round == application.round)
        .order_by(Investigation.id.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def the_investigation(session: Session, application: CreditApplication) -> Investigation:
    """The investigation that is being worked on. Raises NotFound."""
    found = investigation_of(session, application)
    if found is None:
        raise NotFound(_("There is no investigation of this application."))
    return found


def draft_of(session: Session, application: CreditApplication, node: str) -> dict[str, str]:
    """What was typed into a form of the present round's investigation and is not complete yet."""
    found = investigation_of(session, application)
    return dict(found.drafts.get(node, {})) if found is not None else {}


def keep_draft(session: Session, application: CreditApplication, node: str, texts: dict[str, str]) -> None:
    """Keep what was typed; the drafts of the other forms stay as they are, also when saved at the same moment."""
    found = the_investigation(session, application)
    merged = Investigation.drafts.concat(cast({node: texts}, JSONB))
    session.execute(update(Investigation).where(Investigation.id == found.id).values(drafts=merged))
    session.refresh(found)


def drop_draft(session: Session, application: CreditApplication, node: str) -> None:
    """What was typed is on record now."""
    found = the_investigation(session, application)
    rest = {name: texts for name, texts in found.drafts.items() if name != node}
    if rest != found.drafts:
        found.drafts = rest


def owed_channels(session: Session, investigation: Investigation, day: date) -> tuple[str, ...]:
    """The channels that policy asks for with this template, in the order of the form."""
    owed = policy_value(session, "investigation.channels", day)[investigation.template]
    return tuple(channel for channel in CHANNELS if channel in owed)
