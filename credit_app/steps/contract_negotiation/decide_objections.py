"""Decide objections: the level that policy names overrules what stays open, upholds it, or refuses the contract."""

from typing import Any

from credit_app.facts import contract_opinions, contract_reading
from credit_app.facts.contract_cases import review_of
from credit_app.facts.contract_opinions import ObjectionDecision
from credit_app.facts.contract_review import open_points
from credit_app.forms.contract_review import ObjectionForm
from credit_app.i18n import _
from workflows import Action

Form = ObjectionForm
assign = contract_opinions.to_decide
check = contract_opinions.check_decider


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    contract = review_of(action).contract
    return _(
        "Does “%(contract)s” with %(name)s stand as it is?",
        contract=contract.title,
        name=contract.other_side.name,
    )


def facts(action: Action) -> dict[str, Any]:
    """What stays open with the drafter's reasons, and the version."""
    review = review_of(action)
    opinions = [row for row in review.opinions if row.round == review.round]
    return contract_reading.for_reviewer(action, review) | {
        "points": open_points(action.session, review),
        "opinions": opinions,
    }


def choices(_action: Action) -> list[dict[str, Any]]:
    """The ways on."""
    words = {
        "overrule": (_("Overrule"), _("The text stands as it is and goes on."), "agreed"),
        "uphold": (
            _("Uphold"),
            _("The drafter takes up what is upheld in a new version; the rest is overruled."),
            "rework",
        ),
        "refuse": (
            _("Refuse the contract"),
            _("The review ends; everybody who took part is told."),
            "refused",
        ),
    }
    return [
        {"value": one, "label": label, "act": label, "sets": {"outcome": outcome}, "note": note}
        for one, (label, note, outcome) in words.items()
    ]


def complete(action: Action, answer: ObjectionDecision) -> dict[str, Any]:
    """Write the decision down. Raises InvalidAnswer naming the field, Conflict, NotAllowed."""
    return {"outcome": contract_opinions.decide(action, answer)}
