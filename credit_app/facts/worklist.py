"""The collector's worklist: scores of the open cases, kept beside them, so that a list of many opens at once."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from credit_app.domain.grades import GradePolicy
from credit_app.domain.worklist import Account, WorklistPolicy, score
from credit_app.facts.limitation import nearest
from credit_app.models import policy_values, the_company

AT_A_TIME = 5_000

# What a person tried counts as a contact, not a letter that the system sent.
_ACCOUNTS = text("""
    SELECT c.id, c.customer_id, c.stage, c.ladder = 'key' AS is_key, coalesce(c.amount, 0) AS overdue, c.oldest_due,
        c.follow_up_on, c.opened_on, g.grade, b.broken, t.last_contact_on
    FROM collection_case c
    LEFT JOIN LATERAL (
        SELECT r.grade FROM rating r WHERE r.customer_id = c.customer_id ORDER BY r.rated_at DESC, r.id DESC LIMIT 1
    ) g ON true
    CROSS JOIN LATERAL (
        SELECT (SELECT count(*) FROM promise_to_pay p
                WHERE p.customer_id = c.customer_id AND p.status = 'broken' AND p.closed_on > :broken_after)
            + (SELECT count(*) FROM payment_plan l
                WHERE l.customer_id = c.customer_id AND l.status = 'broken' AND l.closed_on > :broken_after) AS broken
    ) b
    LEFT JOIN LATERAL (
        SELECT CAST(t.made_at AT TIME ZONE :zone AS date) AS last_contact_on FROM collection_contact t
        WHERE t.customer_id = c.customer_id AND t.made_by IS NOT NULL ORDER BY t.made_at DESC, t.id DESC LIMIT 1
    ) t ON true
    WHERE c.status = 'open' AND c.id > :after
        AND (CAST(:ids AS bigint[]) IS NULL OR c.customer_id = ANY(CAST(:ids AS bigint[])))
    ORDER BY c.id LIMIT :most
""")
_KEEP = text("""
    INSERT INTO collection_score AS s
        (case_id, score, points, grade, broken_promises, last_contact_on, limitation_on, seen_on)
    SELECT case_id, score, points, grade, broken_promises, last_contact_on, limitation_on, seen_on
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n(case_id bigint, score int, points jsonb, grade text,
        broken_promises smallint, last_contact_on date, limitation_on date, seen_on date)
    ON CONFLICT (case_id) DO UPDATE SET score = excluded.score, points = excluded.points, grade = excluded.grade,
        broken_promises = excluded.broken_promises, last_contact_on = excluded.last_contact_on,
        limitation_on = excluded.limitation_on, seen_on = excluded.seen_on
""")


def rescore(session: Session, day: date, customer_ids: Iterable[int] | None = None) -> int:
    """Compute the scores of the open cases of these customers (None: of all) as of `day`; returns of how many.

    The caller commits.
    """
    values = policy_values(session, day)
    policy, grades = WorklistPolicy.from_policy(values), GradePolicy.from_policy(values)
    ids = None if customer_ids is None else sorted(set(customer_ids))
    asked: dict[str, Any] = {
        "ids": ids,
        "zone": the_company(session).time_zone,
        "broken_after": day - timedelta(days=policy.broken_days),
        "most": AT_A_TIME,
        "after": 0,
    }
    session.flush()
    limitation = nearest(session, day, ids)
    scored = 0
    while rows := session.execute(_ACCOUNTS, asked).all():
        kept = [_scored(row, policy, grades, day, limitation) for row in rows]
        session.execute(_KEEP, {"rows": orjson.dumps(kept).decode()})
        scored, asked["after"] = scored + len(rows), rows[-1].id
        if len(rows) < AT_A_TIME:
            break
    return scored


def _scored(
    row: Row[Any],
    policy: WorklistPolicy,
    grades: GradePolicy,
    day: date,
    limitation: Mapping[int, date],
) -> dict[str, Any]:
    limited = limitation.get(row.customer_id)
    found = score(
        Account(
            stage=row.stage,
            overdue=row.overdue,
            oldest_due=row.oldest_due,
            risk=grades.risk_of(row.grade) if row.grade else None,
            is_key=row.is_key,
            broken_promises=row.broken,
            limitation_on=limited,
            follow_up_on=row.follow_up_on,
            opened_on=row.opened_on,
            last_contact_on=row.last_contact_on,
        ),
        policy,
        day,
    )
    return {
        "case_id": row.id,
        "score": found.total,
        "points": found.reasons,
        "grade": row.grade,
        "broken_promises": row.broken,
        "last_contact_on": row.last_contact_on,
        "limitation_on": limited,
        "seen_on": day,
    }
