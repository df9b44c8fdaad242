"""What a choice leads to, in words, as the diagram of the instance's own version has it."""

from collections.abc import Mapping
from typing import Any

from credit_app.facts.next_steps import Ahead, after
from credit_app.i18n import _, in_a_row
from credit_app.screens.words import role_word
from workflows import Action


def with_next(action: Action, choice: Mapping[str, Any]) -> dict[str, Any] | None:
    """The choice with what happens next and who gets it; None when this version of the diagram has no such way.

    A choice that names what it `sets` is looked up in the diagram; its `note` stands behind what was found.
    """
    if "sets" not in choice:
        return dict(choice)
    ahead = after(action, choice["sets"], choice.get("assumes"))
    if ahead is None:
        return None
    ways = [] if choice.get("is_open") else [words(action, one) for one in ahead]
    said = [*ways, str(choice.get("note") or "")]
    return {**choice, "next": in_a_row(part for part in said if part)}


def words(action: Action, ahead: Ahead) -> str:
    """One thing that happens next, as a sentence."""
    name = _(ahead.node.name) if ahead.node.name else ""
    if ahead.is_last:
        return _("Ends with: %(result)s.", result=name)
    if ahead.node.kind == "userTask":
        return _("Next: %(task)s, %(role)s.", task=name, role=who(action, ahead))
    if ahead.node.kind.endswith("Gateway"):
        if not name:  # it only waits for what comes first
            return ""
        return _("Next the system looks: %(question)s", question=name)
    return _("Next: %(task)s.", task=name)


def who(action: Action, ahead: Ahead) -> str:
    """Whose task it is: the level that decides, else the words of the lane."""
    lane = ahead.node.lane or ""
    level = ahead.data.get("level")
    if lane == "approver" and ahead.process == "approval" and isinstance(level, str):
        return role_word(level)
    drawn = action.definition.processes[ahead.process].lanes.get(lane, "") if action.definition else ""
    return _(drawn) if drawn else role_word(lane)
