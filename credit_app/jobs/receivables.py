"""Jobs of receivables: bank entries, balance confirmations, the check of the ledger, provisions."""

import logging

from flask import Flask

from credit_app import cash, confirmations
from credit_app.domain.dates import day_in_zone
from credit_app.facts import ledger_check, provision
from credit_app.facts.matching import Names
from credit_app.jobs.common import each, sessions
from credit_app.models import Company
from workflows import Refused, clock

log = logging.getLogger(__name__)


def start_confirmations(app: Flask) -> int:
    """Ask the customers that are due to confirm their balance, each in its own transaction; returns how many.

    One that cannot be asked is logged and does not hold up the others; it is tried again at the next run.
    """
    return each(
        app,
        confirmations.due_today,
        confirmations.start_due,
        "The balance confirmation of the customer %s did not start.",
    )


def match_bank_entries(app: Flask) -> int:
    """Book the new bank entries that are certain, some thousand in a transaction; returns how many were looked at."""
    with app.test_request_context():
        open_session, looked = sessions(), 0
        with open_session() as session:
            if session.get(Company, 1) is None or not cash.anything_new(session):
                return 0
            names = Names(session)
        while True:
            with open_session() as session:
                found = cash.match_batch(session, names.within(session))
                session.commit()
            if not found.entries:
                return looked
            looked += found.entries


def open_matching_cases(app: Flask) -> int:
    """Open a case for each bank entry that a person must see, some in a transaction; returns how many."""
    with app.test_request_context():
        open_session, opened = sessions(), 0
        while True:
            with open_session() as session:
                found = cash.open_cases(session, app.extensions["engine"])
                session.commit()
            opened += found
            if found < cash.CASES_A_TIME:
                return opened


def check_ledger(app: Flask) -> int:
    """Compare the kept balances with their entries, once a night; returns how many do not tie.

    They are logged, and stand as an incident until a night in which all tie again.
    """
    with app.app_context(), sessions()() as session:
        found = ledger_check.report(session)
        session.commit()
    for difference in found:
        log.error("The ledger does not tie. %s", difference)
    return len(found)


def run_provisions(app: Flask) -> int:
    """Run the provision of every month that is over and was not run, each in its own transaction; returns how many.

    A month that cannot be run, for a rate is missing, is logged and tried again at the next run.
    """
    with app.test_request_context():
        open_session, ended = sessions(), 0
        while True:
            with open_session() as session:
                company = session.get(Company, 1)
                if company is None:
                    return ended
                today = day_in_zone(clock.now(), company.time_zone)
                month = provision.due_month(session, today)
                if month is None:
                    return ended
                try:
                    provision.run_until(session, month, today, None)
                    session.commit()
                except Refused as refused:
                    session.rollback()
                    log.error("The provision of %s was not run: %s", month, refused)
                    return ended
            ended += 1
