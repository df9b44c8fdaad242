"""Handing an open user task to another role, from a service task of the same instance (an escalation)."""

from __future__ import annotations

from sqlalchemy import text

from workflows.action import Action, Assignment


def reassign(action: Action, process: str, node: str, assignment: Assignment) -> bool:
    """Give the open task at `node` to another role; nobody has it claimed afterwards. False: none is open.

    The instance is locked by the running action, so nobody can complete the task meanwhile.
    """
    row = action.session.execute(
        text(
            """UPDATE open_task SET role = :role, scope = :scope, due_at = :due, excluded = :excluded,
                 claimed_by = :claimed, claimed_at = CASE WHEN CAST(:claimed AS bigint) IS NULL THEN NULL
                 ELSE CAST(:now AS timestamptz) END
               WHERE instance_id = :instance AND process = :process AND node = :node RETURNING role"""
        ),
        {
            "role": assignment.role,
            "scope": assignment.scope,
            "due": assignment.due_at,
            "excluded": list(assignment.excluded),
            "claimed": assignment.claimed_by,
            "now": action.now,
            "instance": action.instance_id,
            "process": process,
            "node": node,
        },
    ).first()
    if row is not None:
        action.note("reassigned", node=f"{process}/{node}", role=assignment.role)
    return row is not None
