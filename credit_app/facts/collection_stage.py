"""At which stage of collection each account stands on a day, computed in the database for one customer or for all."""
# ruff: noqa: S608 (put together from the constants of this module; values are bound)

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

import orjson
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from credit_app.domain.ageing import WeightPolicy
from credit_app.domain.collection import PAUSED, STAGES, LadderPolicy, ladder_of, last_business_day
from credit_app.domain.dates import BusinessCalendar
from credit_app.domain.grades import GradePolicy
from credit_app.facts.insolvency import INSOLVENT
from credit_app.facts.rates import worth_of_one
from credit_app.models import ExchangeRate, MissingRate, holidays, policy_values, the_company
from credit_app.models.ledger_queries import CAN_BE_OPEN, STILL_OPEN
from credit_app.models.once import once

CLEARED = "cleared"  # nothing overdue that the ladder asks anything for


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an account stands. `overdue` in base currency less money on account; `target` is the stage that the ladder
    asks for, PAUSED, or CLEARED; `stage` that of the open case, None without one. `oldest_due` is the due date of the
    oldest debt that is neither disputed nor promised."""

    customer_id: int
    case_id: int | None
    stage: str | None
    target: str
    ladder: str
    overdue: Decimal
    oldest_due: date | None


# Amounts per customer and currency first: to value each row by itself would look its rate up a million times.
# Money on account pays the oldest debts in the end; an account that it covers is not collected.
_ACCOUNTS = f"""
    rate AS (SELECT key AS currency, value::numeric AS worth FROM jsonb_each_text(CAST(:rates AS jsonb))),
    pause AS MATERIALIZED (
        SELECT m.item_id, sum(m.amount) AS amount FROM item_mark m {{of_marks}}
        WHERE m.ends_id IS NULL AND m.marked_on <= :as_of AND (m.kind = 'disputed' OR m.due_on >= :promised_from)
            AND NOT EXISTS (SELECT FROM item_mark x WHERE x.ends_id = m.id AND x.marked_on <= :as_of)
        GROUP BY m.item_id
    ),
    item AS (
        SELECT b.customer_id, b.currency, b.due_date, b.kind, {STILL_OPEN} AS amount, p.amount AS paused
        FROM item_balance b LEFT JOIN pause p ON p.item_id = b.item_id WHERE {CAN_BE_OPEN}{{only}}
    ),
    side AS (
        SELECT customer_id, currency,
            sum(amount) FILTER (WHERE kind <> 'credit_note') AS owed,
            sum(amount) FILTER (WHERE kind <> 'credit_note' AND due_date < :as_of) AS overdue,
            sum(least(amount, coalesce(paused, 0))) FILTER (WHERE kind <> 'credit_note' AND due_date < :as_of)
                AS paused,
            sum(amount) FILTER (WHERE kind = 'credit_note') AS credit,
            min(due_date) FILTER (WHERE kind <> 'credit_note' AND due_date < :as_of
                AND amount > coalesce(paused, 0)) AS oldest_due,
            max(due_date) FILTER (WHERE kind <> 'credit_note' AND due_date < :as_of) AS newest_due
        FROM item GROUP BY customer_id, currency
    ),
    account AS (
        SELECT s.customer_id, sum(s.owed * r.worth) AS owed, coalesce(sum(s.overdue * r.worth), 0) AS overdue,
            coalesce(sum(s.paused * r.worth), 0) AS paused, coalesce(sum(s.credit * r.worth), 0) AS credit,
            min(s.oldest_due) AS oldest_due, max(s.newest_due) AS newest_due,
            bool_or(s.overdue > 0 AND r.worth IS NULL) AS unvalued
        FROM side s LEFT JOIN rate r ON r.currency = s.currency GROUP BY s.customer_id
    ),
    money AS (
        SELECT b.customer_id, sum(b.unallocated * r.worth) AS amount
        FROM receipt_balance b JOIN rate r ON r.currency = b.currency WHERE b.unallocated <> 0{{only_money}}
        GROUP BY b.customer_id
    )
"""
_STANDINGS = f"""
    WITH {_ACCOUNTS},
    key_customer AS ({{keys}}),
    given_up AS (
        SELECT customer_id, max(closed_on) AS day FROM collection_case WHERE status = 'given_up' GROUP BY 1
    ),
    insolvent AS ({INSOLVENT}),
    graded AS (
        SELECT DISTINCT ON (r.customer_id) r.customer_id, r.grade FROM rating r {{of_ratings}}
        ORDER BY r.customer_id, r.rated_at DESC, r.id DESC
    ),
    met AS (
        SELECT coalesce(a.customer_id, c.customer_id) AS customer_id, c.id AS case_id, c.stage, c.paused_until,
            c.floor_stage, c.floor_due, a.oldest_due, coalesce(a.unvalued, false) AS unvalued,
            round(coalesce(a.overdue, 0) - coalesce(a.credit, 0) - coalesce(m.amount, 0), 2) AS overdue,
            coalesce(a.overdue, 0) - coalesce(a.paused, 0) - coalesce(a.credit, 0) - coalesce(m.amount, 0) AS free,
            coalesce(a.paused, 0) AS paused, s.customer_id IS NOT NULL AS insolvent,
            CASE WHEN c.ladder = 'key' OR k.customer_id IS NOT NULL THEN 'key'
                ELSE coalesce(CAST(:ladders AS jsonb) ->> g.grade, 'medium') END AS ladder
        FROM (SELECT * FROM account WHERE overdue > 0 OR unvalued) a
        FULL JOIN (SELECT * FROM collection_case c WHERE c.status = 'open'{{only_cases}}) c
            ON c.customer_id = a.customer_id
        LEFT JOIN given_up u ON u.customer_id = a.customer_id AND c.id IS NULL
        LEFT JOIN money m ON m.customer_id = a.customer_id
        LEFT JOIN key_customer k ON k.customer_id = a.customer_id
        LEFT JOIN insolvent s ON s.customer_id = coalesce(a.customer_id, c.customer_id)
        LEFT JOIN graded g ON g.customer_id = coalesce(a.customer_id, c.customer_id)
        WHERE u.day IS NULL OR a.newest_due > u.day
    ),
    stood AS (
        SELECT *, greatest(
            width_bucket(:as_of - oldest_due, CASE ladder WHEN 'low' THEN CAST(:low AS int[])
                WHEN 'medium' THEN CAST(:medium AS int[]) WHEN 'high' THEN CAST(:high AS int[])
                ELSE CAST(:key AS int[]) END),
            CASE WHEN oldest_due <= floor_due THEN array_position(CAST(:stages AS text[]), floor_stage::text) END
        ) AS step
        FROM met
    ),
    aimed AS (
        SELECT customer_id, case_id, stage, ladder, overdue, oldest_due, CASE
            WHEN overdue <= :smallest AND NOT unvalued THEN '{CLEARED}'
            WHEN insolvent OR paused_until >= :as_of THEN '{PAUSED}'
            WHEN oldest_due IS NULL OR free <= :smallest AND NOT unvalued
                THEN CASE WHEN paused > 0 THEN '{PAUSED}' ELSE '{CLEARED}' END
            WHEN coalesce(step, 0) = 0 THEN CASE WHEN paused > 0 THEN '{PAUSED}' ELSE '{CLEARED}' END
            ELSE (CAST(:stages AS text[]))[step] END AS target
        FROM stood
    )
"""
_READ = "SELECT customer_id, case_id, stage, target, ladder, overdue, oldest_due FROM aimed "
# A case is opened by a stage, not by what is paused or not asked for.
_MOVES = (
    f"WHERE target <> coalesce(stage, CASE WHEN target = '{PAUSED}' THEN '{PAUSED}' ELSE '{CLEARED}' END)"
)

_WHOLE = _STANDINGS.format(
    keys="SELECT customer_id FROM account ORDER BY owed DESC NULLS LAST, customer_id LIMIT :keys",
    of_marks="",
    only="",
    only_money="",
    of_ratings="",
    only_cases="",
)
_PART = _STANDINGS.format(
    keys="SELECT unnest(CAST(:key_ids AS bigint[])) AS customer_id",
    of_marks="JOIN receivable_item i ON i.id = m.item_id AND i.customer_id = ANY(:ids)",
    only=" AND b.customer_id = ANY(:ids)",
    only_money=" AND b.customer_id = ANY(:ids)",
    of_ratings="WHERE r.customer_id = ANY(:ids)",
    only_cases=" AND c.customer_id = ANY(:ids)",
)
_ALL, _SOME = text(_WHOLE + _READ + _MOVES), text(_PART + _READ)
_REFRESH = text(
    _WHOLE
    + """
    UPDATE collection_case c SET amount = greatest(a.overdue, 0), oldest_due = a.oldest_due, seen_on = :as_of
    FROM aimed a WHERE c.id = a.case_id
        AND (c.amount, c.oldest_due) IS DISTINCT FROM (greatest(a.overdue, 0), a.oldest_due)
"""
)


@once
def policy_of(session: Session, day: date) -> LadderPolicy:
    """The ladder in force. Raises InvalidPolicy."""
    return LadderPolicy.from_policy(policy_values(session, day))


def standings(
    session: Session, customer_ids: Iterable[int], day: date, key_ids: Iterable[int] = ()
) -> dict[int, Standing]:
    """Where these customers stand at the end of `day`, by id; who has neither a debt overdue nor a case is left out.

    `key_ids` are those that the daily run, which alone sees all, found to be key customers; a case remembers it.
    """
    values = parameters(session, day) | {"ids": list(customer_ids), "key_ids": list(key_ids)}
    return {row.customer_id: Standing(*row) for row in session.execute(_SOME, values)}


def moves(session: Session, day: date) -> list[Standing]:
    """The accounts whose stage is not that of their case, of all customers."""
    return [Standing(*row) for row in session.execute(_ALL, parameters(session, day))]


def refresh(session: Session, day: date) -> int:
    """Bring what is overdue of every open case up to `day`, as lists show it; returns how many changed."""
    return int(cast(Any, session.execute(_REFRESH, parameters(session, day))).rowcount)


def parameters(session: Session, day: date) -> dict[str, Any]:
    """What the query is asked with: the ladders in days as of `day`, rates, and whose ladder each grade follows."""
    values = policy_values(session, day)
    policy = LadderPolicy.from_policy(values)
    calendar = BusinessCalendar.from_policy(values, holidays(session))
    # A day of the ladder on which nobody works counts from the next business day.
    late = (day - last_business_day(day, calendar)).days
    days = {name: [one + late for one in ladder.days] for name, ladder in policy.ladders.items()}
    return {
        **days,
        "as_of": day,
        "promised_from": day - timedelta(days=policy.promise_grace),
        "stages": list(STAGES),
        "smallest": policy.smallest,
        "keys": WeightPolicy.from_policy(values).key_customers,
        "ladders": orjson.dumps(_ladders(GradePolicy.from_policy(values))).decode(),
        "rates": orjson.dumps(_rates(session, day)).decode(),
    }


def _ladders(grades: GradePolicy) -> Mapping[str, str]:
    return {grade: ladder_of(grades.risk_of(grade), is_key=False) for grade in grades.grades}


def _rates(session: Session, day: date) -> dict[str, str]:
    """What one unit of each currency is worth in base currency; those without a rate are left out."""
    base = the_company(session).base_currency
    known = select(ExchangeRate.base).union(
        select(ExchangeRate.quote)
    )  # of another one there is no rate to look for
    found = {}
    for code in {base, *session.scalars(known)}:
        try:
            found[code] = str(worth_of_one(session, code, base, day))
        except MissingRate:
            continue
    return found
