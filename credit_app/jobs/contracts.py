"""Jobs of contracts: reviews, milestones, renewals, ends, and the invoices that name a contract."""

from flask import Flask

from credit_app import contract_credit, contracting, renewing
from credit_app.facts import contract_items, contract_warnings
from credit_app.jobs.common import each, sessions
from credit_app.models import Company
from workflows import clock


def tell_contract_reviews(app: Flask) -> int:
    """Tell the reviews of contracts whose credit was decided, each in its own transaction; returns how many heard it.

    One that cannot be told is logged and does not hold up the others; it is tried again at the next run.
    """
    return each(
        app,
        contract_credit.to_tell,
        contract_credit.tell,
        "The contract review %s was not told of its credit.",
    )


def link_contract_items(app: Flask) -> int:
    """Link the new items of the ledger whose reference names a contract; returns how many."""
    with app.app_context(), sessions()() as session:
        linked = contract_items.link_new(session, clock.now())
        session.commit()
        return linked


def warn_of_contract_dates(app: Flask) -> int:
    """Queue the day's warnings of milestones of contracts; returns of how many."""
    with app.test_request_context(), sessions()() as session:
        if session.get(Company, 1) is None:
            return 0
        warned = contract_warnings.warn(session, contracting.today_of(session))
        session.commit()
        return warned


def start_renewals(app: Flask) -> int:
    """Ask the owners of contracts that end soon whether they go on, each in its own transaction; returns how many.

    One that cannot be asked about is logged and does not hold up the others; it is tried again at the next run.
    """
    return each(app, renewing.to_ask, renewing.ask, "The renewal of the contract %s was not asked about.")


def expire_contracts(app: Flask) -> int:
    """End or prolong the contracts whose last day is over, each in its own transaction; returns how many.

    One that cannot be ended is logged and does not hold up the others; it is tried again at the next run.
    """
    return each(app, renewing.ended, renewing.end_or_prolong, "The contract %s was not ended.")
