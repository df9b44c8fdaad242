"""The statement that reads all that the order check looks at, of one customer and its group, in one go."""
# ruff: noqa: S608 (put together from the constants of this module; values are bound)

from functools import cache

from sqlalchemy import TextClause, text

from credit_app.facts.blacklist import BARRED
from credit_app.facts.customer_file_state import parts_sql
from credit_app.models.ledger_queries import (
    CAN_BE_FREE,
    CAN_BE_OPEN,
    FLAGGED,
    SIGN,
    STILL_FREE,
    STILL_OPEN,
)
from credit_app.models.order_queries import AT_RISK, ORDERS_ON, UNDER

# Every parent of the customer, and every company below any of them; UNION ends a circle of parents. How many there are
# is guessed too high by far: what is inside LATERAL with OFFSET 0 is looked up by its index all the same.
_FAMILY = """
    WITH RECURSIVE up(id, parent_id, name) AS (
        SELECT id, parent_id, name FROM customer WHERE id = :customer_id
        UNION SELECT p.id, p.parent_id, p.name FROM up CROSS JOIN LATERAL (
            SELECT p.id, p.parent_id, p.name FROM customer p WHERE p.id = up.parent_id OFFSET 0) p
    ), family(id, parent_id, name) AS (
        SELECT id, parent_id, name FROM up
        UNION SELECT m.id, m.parent_id, m.name FROM family CROSS JOIN LATERAL (
            SELECT m.id, m.parent_id, m.name FROM customer m WHERE m.parent_id = family.id OFFSET 0) m
    )
"""
_ALL = "ARRAY(SELECT id FROM family)"
_UP = "ARRAY(SELECT id FROM up)"
_MEMBERS = "SELECT json_agg(json_build_array(f.id, f.parent_id, f.name)) FROM family f"
_OWED = f"""
    SELECT json_agg(json_build_array(owed.customer_id, CAST(owed.amount AS text), owed.currency)) FROM (
        SELECT b.customer_id, b.currency, sum({SIGN} * {STILL_OPEN}) AS amount FROM item_balance b
        WHERE b.customer_id = ANY({_ALL}) AND {CAN_BE_OPEN} GROUP BY 1, 2) owed
"""
_FREE = f"""
    SELECT json_agg(json_build_array(free.customer_id, CAST(free.amount AS text), free.currency)) FROM (
        SELECT b.customer_id, b.currency, sum({STILL_FREE}) AS amount FROM receipt_balance b
        WHERE b.customer_id = ANY({_ALL}) AND {CAN_BE_FREE} GROUP BY 1, 2) free
"""
# Of what is open: what is overdue and since when, and what is disputed. A dispute or a promise takes out what it is
# about; an invoice that came in as disputed is taken out whole. Each item is looked at once (OFFSET 0).
_OVERDUE = f"""
    SELECT json_agg(json_build_array(CAST(coalesce(o.late, 0) AS text), o.currency, :as_of - o.oldest,
        CAST(o.disputed AS text))) FROM (
        SELECT b.currency, sum(part.disputed) AS disputed,
            sum(part.left_over) FILTER (WHERE b.due_date < :as_of AND part.left_over > 0) AS late,
            min(b.due_date) FILTER (WHERE b.due_date < :as_of AND part.left_over > 0) AS oldest
        FROM item_balance b JOIN receivable_item i ON i.id = b.item_id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN s.flagged THEN 0 ELSE s.open - k.marked END AS left_over,
                CASE WHEN s.flagged THEN s.open ELSE k.disputed END AS disputed
            FROM (SELECT {FLAGGED} AS flagged, {STILL_OPEN} AS open OFFSET 0) s CROSS JOIN (
                SELECT coalesce(sum(m.amount), 0) AS marked,
                    coalesce(sum(m.amount) FILTER (WHERE m.kind = 'disputed'), 0) AS disputed
                FROM item_mark m WHERE m.item_id = b.item_id AND m.ends_id IS NULL AND m.marked_on <= :as_of
                    AND NOT EXISTS (SELECT FROM item_mark x WHERE x.ends_id = m.id AND x.marked_on <= :as_of)) k
            OFFSET 0) part
        WHERE b.customer_id = :customer_id AND {CAN_BE_OPEN} AND b.kind <> 'credit_note'
        GROUP BY 1) o
"""
_BROKEN = """
    SELECT count(*) FROM promise_to_pay p
    WHERE p.customer_id = :customer_id AND p.status = 'broken' AND p.closed_on > :broken_from AND p.closed_on <= :as_of
"""
# What the customer usually orders: its last orders that were not put on hold.
_USUAL = """
    SELECT json_agg(json_build_array(CAST(u.amount AS text), u.currency, u.number)) FROM (
        SELECT o.currency, sum(o.amount) AS amount, count(*) AS number FROM (
            SELECT o.currency, o.amount FROM sales_order o
            WHERE o.customer_id = :customer_id AND o.id <> :order_id AND o.entered_on <= :as_of
                AND o.status <> 'cancelled' AND o.outcome <> 'hold'
            ORDER BY o.id DESC LIMIT :usual_orders) o
        GROUP BY 1) u
"""
_RISK = AT_RISK.format(orders=ORDERS_ON.format(ids=_ALL))
_ORDERED = f"""
    SELECT json_agg(json_build_array(
        risk.customer_id, CAST(risk.confirmed AS text), risk.currency, CAST(risk.delivered AS text)))
    FROM ({_RISK}) risk WHERE risk.confirmed <> 0 OR risk.delivered <> 0
"""
# The limits of the day of delivery, in want of one that of today.
_LIMITS = f"""
    SELECT json_agg(row_to_json(held)) FROM (
        SELECT DISTINCT ON (l.customer_id) l.customer_id, CAST(l.amount AS text) AS amount, l.currency, l.terms_days,
            l.kind, l.valid_to, l.review_on, l.payment_method, CAST(l.warning_score AS text) AS warning_score,
            l.warning_grade, CAST(l.warning_utilisation AS text) AS warning_utilisation
        FROM credit_limit l
        WHERE l.customer_id = ANY({_UP}) AND l.valid_from <= :on AND l.valid_to >= :as_of
            AND (l.valid_from <= :as_of OR l.valid_to >= :on) AND l.status <> 'retracted'
        ORDER BY l.customer_id, l.valid_to < :on, l.kind <> 'temporary', l.valid_from DESC, l.id DESC) held
"""
_LAST_LIMIT = """
    SELECT max(l.valid_to) FROM credit_limit l
    WHERE l.customer_id = :customer_id AND l.valid_to < :as_of AND l.status <> 'retracted'
"""
_SECURITIES = f"""
    SELECT json_agg(json_build_array(s.customer_id, CAST(s.amount AS text), s.currency, s.kind,
        CAST(s.haircut AS text), CAST(s.cover AS text),
        CAST(timezone(co.time_zone, s.confirmed_at) AS date), CAST(timezone(co.time_zone, s.released_at) AS date),
        s.valid_from, s.expires_on) ORDER BY s.id)
    FROM security s WHERE s.customer_id = ANY({_ALL}) AND s.status NOT IN ('rejected', 'required')
"""
_HOLD = """
    SELECT json_build_array(h.number, h.scope, CAST(h.from_amount AS text), h.currency) FROM customer_hold h
    WHERE h.customer_id = :customer_id AND h.status IN ('active', 'releasing', 'released') AND h.held_from <= :as_of
        AND coalesce(h.held_until, :as_of) >= :as_of
    ORDER BY h.id DESC LIMIT 1
"""
_STAGE = """
    SELECT k.stage FROM collection_case k
    WHERE k.customer_id = :customer_id AND k.opened_on <= :as_of AND coalesce(k.closed_on, :as_of + 1) > :as_of
    ORDER BY k.id DESC LIMIT 1
"""
_RATED = """
    SELECT json_build_array(r.grade, CAST(r.score AS text)) FROM rating r
    WHERE r.customer_id = :customer_id AND CAST(timezone(co.time_zone, r.rated_at) AS date) <= :as_of
    ORDER BY r.rated_at DESC, r.id DESC LIMIT 1
"""
# With the orders that came before this one and were held, also those cancelled since, this one may be their copy; with
# those that were not held, before it or after, it may be a part of one.
_OTHERS = """
    SELECT json_agg(json_build_array(o.external_id, CAST(o.amount AS text), o.currency, o.entered_on,
        o.outcome = 'hold') ORDER BY o.id)
    FROM sales_order o
    WHERE o.customer_id = :customer_id AND o.entered_on BETWEEN :split_from AND :as_of AND o.id <> :order_id
        AND NOT o.payment_method = ANY(:prepaid)
        AND (o.outcome = 'hold' AND (:order_id = 0 OR o.id < :order_id)
            OR o.outcome <> 'hold' AND o.status <> 'cancelled')
"""
# What a release up to an amount has been used for: orders in full, of a cancelled one what it had delivered, and of one
# that is under it no more what it had delivered until then. A release of the customer
# covers what is delivered while it holds.
_USED = f"""
    SELECT CASE o.status WHEN 'cancelled' THEN o.delivered_amount ELSE o.amount END AS amount, o.currency
    FROM sales_order o WHERE o.release_id = r.id AND o.id <> :order_id
    UNION ALL
    SELECT under.amount, o.currency FROM ({UNDER.format(release="r.id")}) under
    JOIN sales_order o ON o.id = under.order_id
    WHERE o.release_id IS DISTINCT FROM r.id AND o.id <> :order_id
"""
_RELEASES = f"""
    SELECT json_agg(json_build_array(r.id, r.number, r.kind, r.rules, CAST(r.amount AS text), r.currency,
        CAST(r.up_to_amount AS text), CASE r.kind WHEN 'up_to' THEN (
            SELECT json_agg(json_build_array(CAST(used.amount AS text), used.currency)) FROM ({_USED}) used) END,
        r.payment_days, r.payment_method) ORDER BY r.id)
    FROM order_release r
    WHERE r.status = 'active' AND (r.customer_id = :customer_id AND r.kind <> 'once'
            OR r.order_id = :order_id AND r.kind = 'once')
        AND coalesce(r.valid_until, :on) >= CASE r.kind WHEN 'once' THEN CAST(:as_of AS date) ELSE :on END
"""


@cache
def reading() -> TextClause:
    """One row with one text of JSON, none where the customer is not there.

    Bound: customer_id, order_id (0: an order that is not there yet), as_of, on (day of delivery, as_of or later),
    horizon, split_from and broken_from (days), usual_orders, statement_days, prepaid (payment methods).
    """
    parts = parts_sql("co.time_zone")
    columns = {
        "base": "co.base_currency",
        "customer": "row_to_json(c)",
        "barred": BARRED,
        "members": f"({_MEMBERS})",
        "owed": f"({_OWED})",
        "free": f"({_FREE})",
        "overdue": f"({_OVERDUE})",
        "ordered": f"({_ORDERED})",
        "broken": f"({_BROKEN})",
        "usual": f"({_USUAL})",
        "limits": f"({_LIMITS})",
        "last_limit": f"({_LAST_LIMIT})",
        "securities": f"({_SECURITIES})",
        "hold": f"({_HOLD})",
        "stage": f"({_STAGE})",
        "rated": f"({_RATED})",
        "parts": f"(SELECT json_agg(row_to_json(p)) FROM ({parts}) p)",
        "others": f"({_OTHERS})",
        "releases": f"({_RELEASES})",
    }
    listed = ", ".join(f"'{name}', {sql}" for name, sql in columns.items())
    return text(f"""{_FAMILY}
        SELECT CAST(json_build_object({listed}) AS text) FROM customer c CROSS JOIN company co
        WHERE c.id = :customer_id""")
