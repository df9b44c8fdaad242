"""What the worker does regularly. Each job is safe to run twice and beside other workers."""

import logging
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, TypeVar, cast

from apscheduler.schedulers.base import BaseScheduler
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from credit_app import (
    agencies,
    cash,
    collecting,
    confirmations,
    contract_credit,
    contracting,
    disputes,
    holds,
    legal,
    letters,
    orders,
    promises,
    releases,
    renewing,
    reviews,
    visits,
)
from credit_app.config import Config
from credit_app.db import db
from credit_app.domain.dates import day_in_zone
from credit_app.facts import (
    collection_stage,
    contract_items,
    contract_warnings,
    digest,
    ledger_check,
    provision,
    worklist,
)
from credit_app.facts.dispute_marks import changed_by_payments
from credit_app.facts.matching import Names
from credit_app.importers import waiting
from credit_app.mail import deliverer
from credit_app.models import Company, IdempotencyKey
from workflows import Engine, Refused, clock, fire_due, outbox

T = TypeVar("T")
MOST_A_RUN = 200
ANSWERS_KEPT = timedelta(days=30)
log = logging.getLogger(__name__)


def register(scheduler: BaseScheduler, app: Flask) -> None:
    """Add every job to the worker's scheduler."""
    scheduler.add_job(heartbeat, "interval", seconds=15, args=[app], id="heartbeat")
    scheduler.add_job(fire_timers, "interval", seconds=1, args=[app], id="timers")
    scheduler.add_job(send_outbox, "interval", seconds=1, args=[app], id="outbox")
    scheduler.add_job(expire_limits, "interval", minutes=5, args=[app], id="expire_limits")
    scheduler.add_job(start_reviews, "interval", minutes=5, args=[app], id="start_reviews")
    scheduler.add_job(forget_answers, "interval", hours=1, args=[app], id="forget_answers")
    scheduler.add_job(match_bank_entries, "interval", seconds=5, args=[app], id="match_bank_entries")
    scheduler.add_job(open_matching_cases, "interval", seconds=5, args=[app], id="open_matching_cases")
    scheduler.add_job(start_confirmations, "interval", hours=1, args=[app], id="start_confirmations")
    scheduler.add_job(run_collection, "interval", seconds=10, args=[app], id="run_collection")
    scheduler.add_job(move_cases, "interval", seconds=1, args=[app], id="move_cases")
    scheduler.add_job(follow_placements, "interval", minutes=1, args=[app], id="follow_placements")
    scheduler.add_job(look_at_held_orders, "interval", minutes=1, args=[app], id="look_at_held_orders")
    scheduler.add_job(look_at_changed_orders, "interval", minutes=1, args=[app], id="look_at_changed_orders")
    scheduler.add_job(follow_visits, "interval", minutes=1, args=[app], id="follow_visits")
    scheduler.add_job(follow_releases, "interval", minutes=1, args=[app], id="follow_releases")
    scheduler.add_job(follow_holds, "interval", minutes=1, args=[app], id="follow_holds")
    scheduler.add_job(check_ledger, "cron", hour=2, minute=30, args=[app], id="check_ledger")
    scheduler.add_job(remind_before_due, "interval", hours=1, args=[app], id="remind_before_due")
    scheduler.add_job(send_letters, "interval", seconds=2, args=[app], id="send_letters")
    scheduler.add_job(run_provisions, "interval", hours=1, args=[app], id="run_provisions")
    scheduler.add_job(recognise_payments, "interval", seconds=30, args=[app], id="recognise_payments")
    scheduler.add_job(tell_contract_reviews, "interval", seconds=30, args=[app], id="tell_contract_reviews")
    scheduler.add_job(follow_taken_back, "interval", seconds=30, args=[app], id="follow_taken_back")
    scheduler.add_job(tell_legal_cases, "interval", seconds=30, args=[app], id="tell_legal_cases")
    scheduler.add_job(warn_of_legal_dates, "interval", hours=1, args=[app], id="warn_of_legal_dates")
    scheduler.add_job(link_contract_items, "interval", minutes=2, args=[app], id="link_contract_items")
    scheduler.add_job(warn_of_contract_dates, "interval", hours=1, args=[app], id="warn_of_contract_dates")
    scheduler.add_job(start_renewals, "interval", minutes=30, args=[app], id="start_renewals")
    scheduler.add_job(expire_contracts, "interval", minutes=30, args=[app], id="expire_contracts")
    scheduler.add_job(settle_disputes, "interval", seconds=30, args=[app], id="settle_disputes")
    scheduler.add_job(post_digests, "interval", seconds=60, args=[app], id="digests")
    scheduler.add_job(run_imports, "interval", seconds=1, args=[app], id="imports")
    scheduler.add_job(sweep_imports, "interval", hours=1, args=[app], id="sweep_imports")


def heartbeat(app: Flask) -> None:
    """Leave the time of the last sign of life, for supervisors and for the administration page."""
    config: Config = app.extensions["config"]
    path = config.var / "worker.heartbeat"
    path.write_text(f"{time.time():.0f}\n")


def fire_timers(app: Flask) -> int:
    """Fire the timers that are due; returns how many."""
    with app.app_context():
        return fire_due(sessions(), app.extensions["engine"], MOST_A_RUN)


def send_outbox(app: Flask) -> int:
    """Send what is due in the outbox, each row in its own transaction; returns how many were tried."""
    config: Config = app.extensions["config"]
    with app.app_context():
        open_session, deliver = sessions(), deliverer(app, config)
        for tried in range(MOST_A_RUN):
            with open_session() as session:
                sent = outbox.send_next(session, deliver)
                session.commit()
            if sent is None:
                return tried
        return MOST_A_RUN


def expire_limits(app: Flask) -> int:
    """End the limits whose last day is over, each in its own transaction; returns how many."""
    with app.test_request_context():
        open_session, ended = sessions(), 0
        while True:
            with open_session() as session:
                limit = reviews.expire_next(session)
                session.commit()
            if limit is None:
                return ended
            ended += 1


def start_reviews(app: Flask) -> int:
    """Start the reviews that are due, a limit at a time, each in its own transaction; returns how many.

    A limit whose review cannot start is logged and does not hold up the others.
    """
    with app.test_request_context():
        open_session, started, last = sessions(), 0, 0
        while True:
            with open_session() as session:
                try:
                    looked = reviews.start_next(session, app.extensions["engine"], last)
                    session.commit()
                except reviews.NotStarted as failed:
                    session.rollback()
                    log.exception("The review of the limit %s did not start.", failed.limit_id)
                    last = failed.limit_id
                    continue
            if looked is None:
                return started
            last, review = looked
            started += review is not None


def start_confirmations(app: Flask) -> int:
    """Ask the customers that are due to confirm their balance, each in its own transaction; returns how many.

    One that cannot be asked is logged and does not hold up the others; it is tried again at the next run.
    """
    return _each(
        app,
        confirmations.due_today,
        confirmations.start_due,
        "The balance confirmation of the customer %s did not start.",
    )


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


def recognise_payments(app: Flask) -> int:
    """Tell the promises, plans and extensions whose payment has come, each in its own transaction; returns how many.

    One that cannot go on is logged and does not hold up the others; it is tried again at the next run.
    """
    return _each(app, promises.paid_now, promises.tell, "The payment of %s was not recognised.")


def follow_taken_back(app: Flask) -> int:
    """Have promises, plans and extensions go on whose payment was taken back, each in its own transaction; returns how
    many went on.

    One that cannot is logged and does not hold up the others; it is tried again at the next run.
    """
    return _each(
        app,
        promises.taken_back_now,
        lambda session, engine, one: promises.take_back(session, engine, *one),
        "The payment of %s that was taken back was not followed.",
    )


def tell_legal_cases(app: Flask) -> int:
    """Tell the legal cases whose debts were paid, each in its own transaction; returns how many heard it.

    One that cannot be told is logged and does not hold up the others; it is tried again at the next run.
    """
    return _each(app, legal.paid_cases, legal.tell_of_payment, "The legal case %s was not told of a payment.")


def tell_contract_reviews(app: Flask) -> int:
    """Tell the reviews of contracts whose credit was decided, each in its own transaction; returns how many heard it.

    One that cannot be told is logged and does not hold up the others; it is tried again at the next run.
    """
    return _each(
        app,
        contract_credit.to_tell,
        contract_credit.tell,
        "The contract review %s was not told of its credit.",
    )


def warn_of_legal_dates(app: Flask) -> int:
    """Queue the day's warnings of legal dates; returns of how many dates."""
    with app.test_request_context(), sessions()() as session:
        warned = legal.warn_today(session)
        session.commit()
        return warned


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
    return _each(app, renewing.to_ask, renewing.ask, "The renewal of the contract %s was not asked about.")


def expire_contracts(app: Flask) -> int:
    """End or prolong the contracts whose last day is over, each in its own transaction; returns how many.

    One that cannot be ended is logged and does not hold up the others; it is tried again at the next run.
    """
    return _each(app, renewing.ended, renewing.end_or_prolong, "The contract %s was not ended.")


def settle_disputes(app: Flask) -> int:
    """Take what was paid out of the disputes, and what was taken back in again, each in its own transaction; returns
    how many have ended by it.

    One that cannot go on is logged and does not hold up the others; it is tried again at the next run.
    """
    return _each(
        app, changed_by_payments, disputes.take_in, "What was paid of the dispute %s was not taken out of it."
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


def follow_holds(app: Flask) -> int:
    """Drop the proposals of holds whose cases are cleared and put active holds up for release; returns how many."""
    return _each(app, holds.to_follow, holds.follow, "The hold %s was not followed.")


def follow_visits(app: Flask) -> int:
    """Drop the visits that payment overtook; returns how many."""
    return _each(app, visits.to_follow, visits.follow, "The visit %s was not followed.")


def look_at_held_orders(app: Flask) -> int:
    """Check the orders on hold again that were not looked at for some minutes; returns how many pass now."""
    return _look_at_orders(app, orders.held_now)


def look_at_changed_orders(app: Flask) -> int:
    """Check the orders that pass again whose customer has changed since; returns how many are on hold now."""
    return _look_at_orders(app, orders.changed_now)


def _look_at_orders(app: Flask, find: Callable[[Session], list[int]]) -> int:
    """Check the orders that `find` finds until it finds no more; returns of how many it says something else now.

    One that cannot be checked, for a rate is missing, is logged and comes to its turn again.
    """
    with app.test_request_context():
        open_session, changed = sessions(), 0
        while True:
            with open_session() as session:
                found = find(session)
            for order_id in found:
                with open_session() as session:
                    try:
                        changed += orders.look_again(session, order_id)
                        session.commit()
                    except Exception:
                        session.rollback()
                        log.exception("The order %s was not checked again.", order_id)
                        orders.put_off(session, order_id)
                        session.commit()
            if len(found) < orders.LOOKS_A_TIME:
                return changed


def follow_releases(app: Flask) -> int:
    """Tell the releases whose order passes without them, that are used or that something revokes; returns how many."""
    return _each(app, releases.to_follow, releases.follow, "The release %s was not followed.")


def follow_placements(app: Flask) -> int:
    """End the placements with agencies of which nothing is open any more; returns how many."""
    return _each(app, agencies.to_follow, agencies.follow, "The placement %s was not followed.")


def _each(
    app: Flask,
    find: Callable[[Session], Iterable[T]],
    act: Callable[[Session, Engine, T], object],
    failed: str,
) -> int:
    """Act on everything that `find` finds, each in its own transaction; returns on how many `act` did something.

    One that fails is logged, by `failed` with its name, and holds up no other; the next run tries it again.
    """
    with app.test_request_context():
        open_session, done = sessions(), 0
        with open_session() as session:
            found = find(session)
        for one in found:
            with open_session() as session:
                try:
                    acted = act(session, app.extensions["engine"], one)
                    session.commit()
                except Exception:
                    session.rollback()
                    log.exception(failed, one)
                    continue
            done += bool(acted)
        return done


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


def post_digests(app: Flask) -> int:
    """Queue the day's digests that are due, each person in a transaction; returns how many have something to tell."""
    with app.app_context():
        open_session = sessions()
        with open_session() as session:
            day, people = digest.people_due(session, clock.now())
        posted = 0
        for person_id in people:
            with open_session() as session:
                posted += digest.post(session, person_id, day, clock.now())
                session.commit()
        return posted


def run_imports(app: Flask) -> int:
    """Import the files that wait, one after the other; returns how many came to an end."""
    config: Config = app.extensions["config"]
    with app.app_context():
        ended = 0
        while waiting.run_next(sessions(), config.imports, clock.now) is not None:
            ended += 1
        return ended


def sweep_imports(app: Flask) -> int:
    """Remove uploads that nobody waits for any more; returns how many."""
    config: Config = app.extensions["config"]
    with app.app_context(), sessions()() as session:
        return waiting.sweep(session, config.imports, time.time())


def forget_answers(app: Flask) -> int:
    """Drop the kept answers to other systems that are too old to be asked for again; returns how many."""
    with app.app_context(), sessions()() as session:
        gone = session.execute(
            delete(IdempotencyKey).where(IdempotencyKey.created_at < clock.now() - ANSWERS_KEPT)
        )
        session.commit()
        return int(cast(Any, gone).rowcount)


def sessions() -> Callable[[], Session]:
    """Sessions of their own for jobs, on the application's engine."""
    engine: Any = db.engine
    return lambda: Session(engine)
