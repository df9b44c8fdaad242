"""Read stage: where the case stands, which phase works it, and whether somebody agrees to the stage first."""

from typing import Any

from credit_app.domain.collection import BANDS
from credit_app.facts.collection import case_of
from credit_app.facts.collection_stage import policy_of
from workflows import Action, reads_only


@reads_only
def run(action: Action) -> dict[str, Any]:
    """Set `stage`, `phase` and `ask_first`."""
    case = case_of(action)
    phase = "given_up" if case.status == "given_up" else BANDS[case.stage]
    policy = policy_of(action.session, action.today)
    return {"stage": case.stage, "phase": phase, "ask_first": policy.asks_first(case.stage)}
