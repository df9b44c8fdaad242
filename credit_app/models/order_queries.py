"""What orders put at risk on any day: confirmed and not delivered, delivered and not invoiced."""
# ruff: noqa: S608 (put together from the constants of this module; values are bound)

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

# The orders as they stood at the end of a day. From the day of its last message and check on, an order's row says it;
# of an earlier day its messages and checks say it.
ORDERS_ON = """
    SELECT o.id, o.customer_id, o.currency, o.amount, o.delivered_amount, o.invoiced_amount, o.status, o.payment_method,
        o.deliver_on, o.outcome, o.release_id
    FROM sales_order o
    WHERE o.customer_id = ANY({ids}) AND o.status <> 'closed' AND o.told_on <= :as_of AND o.checked_on <= :as_of
    UNION ALL
    SELECT o.id, o.customer_id, m.currency, m.amount, m.delivered_amount, m.invoiced_amount, m.status, m.payment_method,
        m.deliver_on, k.outcome, k.release_id
    FROM sales_order o
    CROSS JOIN LATERAL (SELECT * FROM order_message m WHERE m.order_id = o.id AND m.told_on <= :as_of
        ORDER BY m.sequence DESC LIMIT 1) m
    CROSS JOIN LATERAL (SELECT k.outcome, k.release_id FROM order_check k WHERE k.order_id = o.id AND k.as_of <= :as_of
        ORDER BY k.id DESC LIMIT 1) k
    WHERE o.customer_id = ANY({ids}) AND o.entered_on <= :as_of AND (o.told_on > :as_of OR o.checked_on > :as_of)
        AND m.status <> 'closed'
"""
# What of an order is still to come. What was invoiced ahead of its delivery is owed already.
REST = "greatest(0, {o}.amount - greatest({o}.delivered_amount, {o}.invoiced_amount))"
# An order on hold is not confirmed. Prepaid orders leave nothing to be owed.
AT_RISK = f"""
    SELECT o.customer_id, o.currency,
        coalesce(sum({REST.format(o="o")}) FILTER (WHERE o.status = 'open' AND o.outcome <> 'hold'
            AND coalesce(o.deliver_on, :as_of) <= :horizon), 0) AS confirmed,
        coalesce(sum(greatest(0, o.delivered_amount - o.invoiced_amount)), 0) AS delivered
    FROM ({{orders}}) o WHERE o.id <> :order_id AND NOT o.payment_method = ANY(:prepaid) GROUP BY 1, 2
"""
_AT_RISK = text(AT_RISK.format(orders=ORDERS_ON.format(ids=":ids")))
NO_ORDER = 0
# What of each order was delivered, or invoiced ahead of it, under a release: what its messages said more while its last
# check was under it. Every message is checked, and so is every order whose release begins or ends.
UNDER = """
    SELECT k.order_id, greatest(0, sum(k.later - k.done)) AS amount FROM (
        SELECT c.order_id, c.release_id, d.done, lead(d.done) OVER (PARTITION BY c.order_id ORDER BY c.id) AS later
        FROM order_check c CROSS JOIN LATERAL (SELECT greatest(CAST(c.inputs ->> 'delivered_amount' AS numeric),
            CAST(c.inputs ->> 'invoiced_amount' AS numeric)) AS done) d
        WHERE c.order_id IN (SELECT u.order_id FROM order_check u WHERE u.release_id = {release})) k
    WHERE k.release_id = {release} AND k.later IS NOT NULL
    GROUP BY 1 HAVING sum(k.later - k.done) > 0
"""
_UNDER = text(UNDER.format(release=":release_id"))


def delivered_under(session: Session, release_id: int) -> dict[int, Decimal]:
    """Order id -> what of it was delivered or invoiced under a release, in the order's currency."""
    return {row.order_id: row.amount for row in session.execute(_UNDER, {"release_id": release_id})}


def orders_at_risk(
    session: Session,
    customer_ids: Iterable[int],
    as_of: date,
    horizon_days: int,
    prepaid_methods: Collection[str],
) -> list[tuple[int, str, Decimal, Decimal]]:
    """(customer id, currency, confirmed and not delivered, delivered and not invoiced) at the end of `as_of`.

    Orders on hold are not confirmed; those to be delivered after the horizon do not count yet.
    """
    asked = {
        "ids": list(customer_ids),
        "as_of": as_of,
        "horizon": as_of + timedelta(days=horizon_days),
        "prepaid": sorted(prepaid_methods),
        "order_id": NO_ORDER,
    }
    return [tuple(row) for row in session.execute(_AT_RISK, asked)]
