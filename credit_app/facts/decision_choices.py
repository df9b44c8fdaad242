"""The choices of a level: what each sets in the process, what is known of the way behind it, and who learns of it."""

from typing import Any

from credit_app.domain import status
from credit_app.facts.application import application_of
from credit_app.facts.decision_words import act_of_approval, effect_of_approval
from credit_app.facts.levels import following, turns_of
from credit_app.facts.next_steps import after, has_committee, is_drawn
from credit_app.facts.securities import unconfirmed
from credit_app.i18n import _, listed
from workflows import Action

APPROVE, OPEN = {"decision": "approve", "outcome": "open"}, "open"
# Data name `decision` and `outcome` of the process for each choice of the form.
RESULTS: dict[str, dict[str, Any]] = {
    "approve": APPROVE,
    "approve_with_changes": APPROVE,
    "refuse": {"decision": "refuse", "outcome": "refused"},
    "send_back": {"decision": "send_back", "outcome": "sent_back"},
    "ask_opinion": {"decision": "ask_opinion", "outcome": OPEN},
    "add_approver": {"decision": "add_approver", "outcome": OPEN},
}


def rework_targets(action: Action) -> list[str]:
    """The steps that the instance's own diagram can return to; an older one knows the entry only."""
    sets = RESULTS["send_back"]
    plain_way = after(action, sets)
    if not plain_way or all(not ahead.node.kind.endswith("Gateway") for ahead in plain_way):
        return ["entry"]
    return [step for step in status.REWORK_STEPS if is_drawn(action, sets, {"*": returning(step)})]


def where_to(action: Action, step: str) -> str:
    """What happens after a return to a step, and whose task it is, as the instance's own diagram has it."""
    ahead = after(action, RESULTS["send_back"], {"*": returning(step)}) or []
    definition = action.definition
    lanes = [
        definition.processes[one.process].lanes.get(one.node.lane or "", "") for one in ahead if definition
    ]
    return listed(dict.fromkeys(_(name) for name in (*(one.node.name for one in ahead), *lanes) if name))


def returning(step: str) -> dict[str, str]:
    """What the process data says while it returns to a step."""
    return {"rework_to": step, "start_at": step}


def choices(action: Action) -> list[dict[str, Any]]:
    """The choices: what each sets, what is known of the way behind it, and in words who learns of it."""
    application, session = application_of(action), action.session
    level = action.task.role if action.task else ""
    turns = turns_of(session, application).with_approval(level)
    first, final = action.data["first_level"], action.data["final_level"]
    upcoming = following(session, first, final, turns, action.today, has_committee(action))
    requester = application.requester.name
    approved = {"level": upcoming or "none", "outcome": OPEN if upcoming else "approved"}
    open_ones = bool(unconfirmed(session, application))
    secured = {"check_conditions": {"conditions_open": open_ones, "conditions_met": not open_ones}}
    found: dict[str, dict[str, Any]] = {"find_approver": {"approver_found": True}}
    targets = rework_targets(action)
    words = {
        "approve": (
            _("Approve"), act_of_approval(session, application),
            effect_of_approval(session, application) if upcoming is None else "",
        ),
        "approve_with_changes": (
            _("Approve with changes"), _("Approve the changed limit"),
            _("Change limit, terms, payment or conditions; the authority matrix is asked again."),
        ),
        "send_back": (
            _("Send back"), _("Send the application back"),
            _("%(name)s reworks the application and submits it again.", name=requester)
            if targets == ["entry"] else _("It returns to the step that you choose."),
        ),
        "refuse": (
            _("Refuse"), _("Refuse the application"),
            _("The application ends; %(name)s learns the reason.", name=requester),
        ),
        "ask_opinion": (
            _("Ask for opinions"), _("Ask for opinions"),
            _("It comes back to you with the answers, or when the time is up."),
        ),
        "add_approver": (
            _("Add an approver"), _("Add this approver"),
            _("One more person must agree; then it comes back to you."),
        ),
    }  # fmt: skip
    known = {
        "approve": {"next_level": approved} | found | secured,
        "send_back": {"*": returning(targets[0])} if len(targets) == 1 else {},
    }
    return [
        {
            "value": value,
            "label": label,
            "act": act,
            "note": note,
            "sets": RESULTS[value],
            "assumes": known.get(value, found),
            "is_open": value == "send_back" and len(targets) > 1,  # which way, is chosen below
        }
        for value, (label, act, note) in words.items()
    ]
