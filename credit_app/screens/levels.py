"""The stepper of an approval: each level of the present round, done by whom, now, still to come."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.domain.authority import LEVELS, levels_between
from credit_app.domain.status import EDITABLE, GRANTED, IN_APPROVAL, REFUSED, SUBMITTED, WITHDRAWN
from credit_app.facts.levels import APPROVALS, following, rows_in_force, stand_ins, turns_of
from credit_app.i18n import _
from credit_app.models import ApprovalDecision, CreditApplication
from credit_app.screens.clock import today
from credit_app.screens.words import role_word
from workflows.inbox import InboxRow

DECIDING = ("decide_limit", "vote")
ENDED = (GRANTED, REFUSED, WITHDRAWN)


def of_application(
    session: Session, application: CreditApplication, waiting: Sequence[InboxRow]
) -> list[dict[str, Any]]:
    """The levels that the authority matrix asked for last, with what each did; empty while there is no approval."""
    if application.instance_id is None or application.status in (*EDITABLE, SUBMITTED):
        return []
    asked = asked_levels(session, application.instance_id)
    if asked is None:
        return []
    decided = {row.level: row for row in rows_in_force(session, application) if not row.is_added}
    now_at = {row.role for row in waiting if row.node in DECIDING}
    if not now_at and application.status == IN_APPROVAL:  # opinions or an added approver are awaited
        turns = turns_of(session, application)
        following_one = following(session, *asked, turns, today())
        now_at = {following_one} if following_one else set()
    path = {*levels_between(*asked, stand_ins(session, today())), *decided, *now_at}
    return [
        one_level(level, decided.get(level), level in now_at, application.status)
        for level in LEVELS
        if level in path
    ]


def asked_levels(session: Session, instance_id: int) -> tuple[str, str] | None:
    """First and final level as the authority matrix last said; None before it was asked.

    What it said on a decision that was taken back since counts for nothing.
    """
    query = """SELECT payload::json -> 'outputs' ->> 'first_level', payload::json -> 'outputs' ->> 'final_level'
        FROM history h WHERE instance_id = :id AND kind = 'decided' AND node = 'next_level' AND payload IS NOT NULL
            AND NOT EXISTS (
                SELECT FROM history t WHERE t.instance_id = h.instance_id AND t.kind = 'taken_back' AND t.seq > h.seq
                    AND CAST(t.payload::json ->> 'events' AS bigint) < h.seq
            )
        ORDER BY seq DESC LIMIT 1"""
    row = session.execute(text(query), {"id": instance_id}).first()
    return (row[0], row[1]) if row is not None and row[0] and row[1] else None


def one_level(level: str, decision: ApprovalDecision | None, is_current: bool, status: str) -> dict[str, Any]:
    """One step: its state and who decided."""
    step: dict[str, Any] = {"label": role_word(level), "state": "coming"}
    by = decision.person.name if decision is not None and decision.person is not None else None
    if decision is not None and decision.meeting_id is not None:
        by = _("by vote")
    if decision is not None and decision.decision in APPROVALS:
        return step | {"state": "done", "who": by}
    if decision is not None and decision.decision == "refuse":
        return step | {"state": "stopped", "who": by}
    if is_current:
        return step | {"state": "current", "who": _("decides now")}
    if decision is not None:
        return step | {
            "state": "done",
            "who": _("skipped") if decision.decision == "skipped" else _("passed on"),
        }
    return step | {"who": _("not asked")} if status in ENDED else step
