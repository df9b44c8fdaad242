"""Which orders that pass have to be looked at again, for something of their customer has changed."""

from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.facts.blacklist import BARRED
from credit_app.facts.order_reading import policies
from credit_app.models.order_queries import REST

# How long a change is looked for: a worker that stood still for longer has more to care for than orders.
LOOKED_FOR = timedelta(days=7)

# A limit begins and ends by its days, or is opened and taken back in between; a group's is one of all below it. An
# order whose delivery was far off counts in nobody's exposure until its day is within the horizon. What bars a customer
# or stops its deliveries says no instant: an order that passes all the same, for policy wants it so, is looked at
# whenever its turn comes.
_CHANGED = text(f"""
    WITH RECURSIVE limits(customer_id, at) AS (
        SELECT l.customer_id, e.at FROM company co CROSS JOIN credit_limit l CROSS JOIN LATERAL (VALUES
            (l.created_at), (l.ended_at), (timezone(co.time_zone, CAST(l.valid_from AS timestamp))),
            (timezone(co.time_zone, CAST(l.valid_to + 1 AS timestamp)))) e(at)
        WHERE e.at BETWEEN :since AND :now
        UNION SELECT c.id, m.at FROM limits m JOIN customer c ON c.parent_id = m.customer_id
    ), moved AS (
        SELECT customer_id, max(at) AS at FROM (
            SELECT customer_id, at FROM limits
            UNION ALL SELECT r.customer_id, r.rated_at FROM rating r WHERE r.rated_at BETWEEN :since AND :now) m
        GROUP BY 1
    )
    SELECT o.id FROM company co CROSS JOIN sales_order o JOIN customer c ON c.id = o.customer_id
    LEFT JOIN moved m ON m.customer_id = c.id
    WHERE o.status = 'open' AND NOT o.is_held AND {REST.format(o="o")} > 0 AND (
        o.looked_at < m.at
        OR o.deliver_on <= :as_of + :horizon
            AND o.deliver_on > CAST(timezone(co.time_zone, o.looked_at) AS date) + :horizon
        OR o.looked_at < :before AND (
            c.status <> 'active'
            OR EXISTS (SELECT FROM customer_hold h WHERE h.customer_id = c.id
                AND h.status IN ('active', 'releasing', 'released') AND h.held_from <= :as_of
                AND coalesce(h.held_until, :as_of) >= :as_of)
            OR EXISTS (SELECT FROM blacklist_entry n WHERE n.added_at > :since OR n.valid_from = :as_of) AND {BARRED}))
    ORDER BY o.id DESC LIMIT :most
""")  # noqa: S608 (of constants; values are bound)


def orders_to_look_at(session: Session, day: date, now: datetime, before: datetime, most: int) -> list[int]:
    """Orders that pass or are released, whose customer has since got another limit or grade, or is barred or stopped,
    or whose delivery has come near, at most `most`. The newest come first: where there is no room for all of them any
    more, the older ones keep it.

    `before`: what was looked at since then has had its turn. Raises InvalidPolicy.
    """
    values = {
        "as_of": day,
        "now": now,
        "since": now - LOOKED_FOR,
        "before": before,
        "horizon": policies(session, day).exposure.order_horizon_days,
        "most": most,
    }
    return list(session.scalars(_CHANGED, values))
