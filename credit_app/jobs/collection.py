"""Jobs of collection: the daily run, cases, letters, promises, disputes, holds, visits, agencies, legal dates."""

import logging

from flask import Flask

from credit_app import agencies, collecting, disputes, holds, legal, letters, promises, visits
from credit_app.facts import collection_stage, worklist
from credit_app.jobs.common import each, sessions

log = logging.getLogger(__name__)


def run_collection(app: Flask) -> int:
    """Look at every account once a day and signal those whose stage changes; returns how many (0: done before)."""
    with app.test_request_context(), sessions()() as session:
        run = collecting.run_day(session)
        found = run.found if run is not None else 0
        session.commit()
        if run is not None:
            collection_stage.refresh(session, run.day)
            session.commit()
            worklist.rescore(session, run.day)
            session.commit()
        return found


def move_cases(app: Flask) -> int:
    """Bring the signalled accounts to their stage, some in a transaction; returns how many signals were taken."""
    with app.test_request_context():
        open_session, moved = sessions(), 0
        while True:
            with open_session() as session:
                taken = collecting.move_some(session, app.extensions["engine"])
                session.commit()
            moved += taken
            if not taken:
                break
        if moved:
            with open_session() as session:
                collecting.finish_runs(session)
                session.commit()
        return moved


def remind_before_due(app: Flask) -> int:
    """Remind customers of what falls due, each in its own transaction; returns how many letters went out.

    What a letter has named is not named again, so the job may run as often as it likes, or miss a day.
    """
    with app.test_request_context():
        open_session, sent = sessions(), 0
        with open_session() as session:
            due = letters.reminders_due(session)
        for customer_id in due:
            with open_session() as session:
                try:
                    letter = letters.remind(session, customer_id)
                    session.commit()
                except Exception:
                    session.rollback()
                    log.exception("The customer %s was not reminded of what falls due.", customer_id)
                    continue
            sent += letter is not None
        return sent


def send_letters(app: Flask) -> int:
    """Send the letters that were released, each in its own transaction; returns how many were dealt with.

    One that cannot be written, for a rate is missing, waits until it can; it does not hold up the others.
    """
    with app.test_request_context():
        open_session, done, stuck = sessions(), 0, 0
        while True:
            with open_session() as session:
                try:
                    letter = letters.send_released(session, stuck)
                    session.commit()
                except letters.NotSent as failed:
                    session.rollback()
                    log.exception("The letter %s was not sent.", failed.letter_id)
                    stuck = failed.letter_id
                    continue
            if letter is None:
                return done
            done += 1


def recognise_payments(app: Flask) -> int:
    """Tell the promises, plans and extensions whose payment has come, each in its own transaction; returns how many.

    One that cannot go on is logged and does not hold up the others; it is tried again at the next run.
    """
    return each(app, promises.paid_now, promises.tell, "The payment of %s was not recognised.")


def follow_taken_back(app: Flask) -> int:
    """Have promises, plans and extensions go on whose payment was taken back, each in its own transaction; returns how
    many went on.

    One that cannot is logged and does not hold up the others; it is tried again at the next run.
    """
    return each(
        app,
        promises.taken_back_now,
        lambda session, engine, one: promises.take_back(session, engine, *one),
        "The payment of %s that was taken back was not followed.",
    )


def settle_disputes(app: Flask) -> int:
    """Take what was paid out of the disputes, and what was taken back in again, each in its own transaction; returns
    how many have ended by it, or go on.

    One that cannot go on is logged and does not hold up the others; it is tried again at the next run.
    """
    return each(
        app, disputes.to_settle, disputes.take_in, "What was paid of the dispute %s was not taken out of it."
    )


def follow_holds(app: Flask) -> int:
    """Drop the proposals of holds whose cases are cleared and put active holds up for release; returns how many."""
    return each(app, holds.to_follow, holds.follow, "The hold %s was not followed.")


def follow_visits(app: Flask) -> int:
    """Drop the visits that payment overtook; returns how many."""
    return each(app, visits.to_follow, visits.follow, "The visit %s was not followed.")


def follow_placements(app: Flask) -> int:
    """End the placements with agencies of which nothing is open any more; returns how many."""
    return each(app, agencies.to_follow, agencies.follow, "The placement %s was not followed.")


def tell_legal_cases(app: Flask) -> int:
    """Tell the legal cases whose debts were paid, each in its own transaction; returns how many heard it.

    One that cannot be told is logged and does not hold up the others; it is tried again at the next run.
    """
    return each(app, legal.paid_cases, legal.tell_of_payment, "The legal case %s was not told of a payment.")


def warn_of_legal_dates(app: Flask) -> int:
    """Queue the day's warnings of legal dates; returns of how many dates."""
    with app.test_request_context(), sessions()() as session:
        warned = legal.warn_today(session)
        session.commit()
        return warned
