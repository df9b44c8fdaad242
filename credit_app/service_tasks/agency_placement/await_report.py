"""Await report: the agency works; its next report is due in a month, or sooner where the last did not come."""

from typing import Any

from credit_app.facts.agencies import next_report, placement_of, policy_of
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Set `report_due_at`."""
    policy, reports = policy_of(action.session, action.today), placement_of(action).reports
    days = policy.late_days if reports and not reports[-1].came else policy.report_days
    return {"report_due_at": next_report(action, days).isoformat()}
