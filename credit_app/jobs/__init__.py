"""What the worker does regularly. Each job is safe to run twice and beside other workers.

A job stands in the module of its area and is named here, where the clock finds it.
"""

from apscheduler.schedulers.base import BaseScheduler
from flask import Flask

from credit_app.jobs.collection import (
    follow_holds,
    follow_placements,
    follow_taken_back,
    follow_visits,
    move_cases,
    recognise_payments,
    remind_before_due,
    run_collection,
    send_letters,
    settle_disputes,
    tell_legal_cases,
    warn_of_legal_dates,
)
from credit_app.jobs.common import sessions
from credit_app.jobs.contracts import (
    expire_contracts,
    link_contract_items,
    start_renewals,
    tell_contract_reviews,
    warn_of_contract_dates,
)
from credit_app.jobs.credit import expire_limits, start_reviews
from credit_app.jobs.orders import follow_releases, look_at_changed_orders, look_at_held_orders
from credit_app.jobs.platform import (
    fire_timers,
    forget_answers,
    heartbeat,
    post_digests,
    run_imports,
    send_outbox,
    sweep_imports,
)
from credit_app.jobs.receivables import (
    check_ledger,
    match_bank_entries,
    open_matching_cases,
    run_provisions,
    start_confirmations,
)

__all__ = [
    "check_ledger",
    "expire_contracts",
    "expire_limits",
    "fire_timers",
    "follow_holds",
    "follow_placements",
    "follow_releases",
    "follow_taken_back",
    "follow_visits",
    "forget_answers",
    "heartbeat",
    "link_contract_items",
    "look_at_changed_orders",
    "look_at_held_orders",
    "match_bank_entries",
    "move_cases",
    "open_matching_cases",
    "post_digests",
    "recognise_payments",
    "register",
    "remind_before_due",
    "run_collection",
    "run_imports",
    "run_provisions",
    "send_letters",
    "send_outbox",
    "sessions",
    "settle_disputes",
    "start_confirmations",
    "start_renewals",
    "start_reviews",
    "sweep_imports",
    "tell_contract_reviews",
    "tell_legal_cases",
    "warn_of_contract_dates",
    "warn_of_legal_dates",
]


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
