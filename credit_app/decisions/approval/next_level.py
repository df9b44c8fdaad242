"""Find next level: the authority matrix on the total exposure that the group would have."""

from typing import Any

from credit_app.domain.authority import NONE
from credit_app.domain.credit_strategy import exception_kind
from credit_app.domain.plain import to_json
from credit_app.facts.application import application_of
from credit_app.facts.exposure import hold_group, weigh
from credit_app.facts.levels import all_levels, following, turns_of
from credit_app.facts.next_steps import has_committee
from workflows import Action


def inputs(action: Action) -> dict[str, Any]:
    """Total exposure (base currency), score and kind of exception for the limit in question."""
    application = application_of(action)
    hold_group(action.session, application)
    weight = weigh(action.session, application, action.today)
    action.note(
        "exposure",
        currency=weight.currency,
        members=[
            {"customer": member.customer_id, "amount": str(member.amount), "because": member.because}
            for member in weight.resulting.members
        ],
        added_up=[other.application_id for other in weight.resulting.added_up],
        exceptions=[to_json(exception.sentence) for exception in weight.exceptions],
    )
    return {
        "total_exposure": weight.resulting.total,
        "score": weight.score,
        "exception": exception_kind(weight.exceptions),
    }


def outputs(action: Action, row: dict[str, Any]) -> dict[str, Any]:
    """The next level that has not had its turn in this round; none left: approved."""
    turns = turns_of(action.session, application_of(action))
    first, final = row["first_level"], row["final_level"]
    level = following(action.session, first, final, turns, action.today, has_committee(action))
    return {
        "level": level or NONE,
        "first_level": first,
        "final_level": final,
        "highest_level": all_levels(action.session, action.today)[-1],
        "outcome": "open" if level else "approved",
    }
