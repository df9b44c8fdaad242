"""The worklist in words: why a case is on top, what to do next, and what is watched about a customer."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from flask import Flask
from flask_babel import LazyString

from credit_app.facts.worklist_lines import Line
from credit_app.forms.worklist import TAG_WORDS
from credit_app.i18n import _, _l, ngettext
from credit_app.models import CollectionCase
from credit_app.models.worklist import CollectionScore
from credit_app.screens.access import person
from credit_app.screens.collection.cases import may_do, newest_case
from credit_app.screens.present import amount, day
from credit_app.screens.process_view import may_open
from credit_app.screens.process_words import node_name
from credit_app.screens.words import risk_word

SHOWN = 3
ACTIONS: Mapping[str, LazyString] = {
    "wait": _l("Wait until the day to look again"),
    "check_receipt": _l("Have the money on account allocated"),
    "check_payment": _l("Look whether the payment came"),
    "promise_result": _l("Follow up the promise"),
    "settle_plan": _l("Follow up the request for instalments"),
    "settle_dispute": _l("Follow up the dispute"),
    "call_again": _l("Call again"),
    "leave": _l("Leave it: paused"),
    "call": _l("Call"),
}


def reasons(
    row: CollectionCase, score: CollectionScore | None, most: int | None = None
) -> list[tuple[str, int]]:
    """Why a case is where it is on the worklist: words and points, the most first, `most` of them."""
    found = score.points[:most] if score is not None else []
    return [(reason_word(factor, row, score), points) for factor, points in found if score is not None]


def reason_word(factor: str, row: CollectionCase, score: CollectionScore) -> str:
    """One reason, with the fact behind it as of the day on which the score was computed."""
    found = WORDS.get(factor)
    return found(row, score) if found is not None else factor


def amount_word(row: CollectionCase, _score: CollectionScore) -> str:
    """How much is overdue."""
    return _("%(amount)s overdue", amount=amount(row.amount or 0, row.currency, 0))


def age_word(row: CollectionCase, score: CollectionScore) -> str:
    """How long the oldest debt is past due."""
    days = (score.seen_on - (row.oldest_due or score.seen_on)).days
    return str(ngettext("%(num)s day past due", "%(num)s days past due", days))


def broken_word(_row: CollectionCase, score: CollectionScore) -> str:
    """How many promises were broken."""
    return str(ngettext("%(num)s broken promise", "%(num)s broken promises", score.broken_promises))


def limitation_word(score: CollectionScore) -> str:
    """Until when the first debt to lapse can be claimed at law."""
    if score.limitation_on is not None and score.limitation_on < score.seen_on:
        return _("limitation passed on %(day)s", day=day(score.limitation_on))
    return _("limitation date %(day)s", day=day(score.limitation_on))


def quiet_word(_row: CollectionCase, score: CollectionScore) -> str:
    """For how long nobody tried to reach the debtor."""
    if score.last_contact_on is None:
        return _("not contacted yet")
    days = (score.seen_on - score.last_contact_on).days
    return str(ngettext("no contact for %(num)s day", "no contact for %(num)s days", days))


WORDS: Mapping[str, Callable[[CollectionCase, CollectionScore], str]] = {
    "follow_up": lambda row, _score: _("look again since %(day)s", day=day(row.follow_up_on)),
    "amount": amount_word,
    "age": age_word,
    "limitation": lambda _row, score: limitation_word(score),
    "broken_promises": broken_word,
    "risk": lambda _row, score: risk_word(score.grade) if score.grade else _("not rated"),
    "key_customer": lambda _row, _score: _("key customer"),
    "no_contact": quiet_word,
}


def action_word(line: Line) -> str:
    """What to do next."""
    if line.task is not None and line.action == "task":
        return node_name(line.task.process, line.task.node)
    return str(ACTIONS.get(line.action, line.action))


def tag_word(tag: str) -> str:
    """What is watched."""
    return str(TAG_WORDS.get(tag, tag))


def is_late(follow_up_on: date | None, today: date) -> bool:
    """Whether the day on which to look again is over."""
    return follow_up_on is not None and follow_up_on <= today - timedelta(days=1)


def init_app(app: Flask) -> None:
    """Make the words filters of every template."""
    app.add_template_filter(tag_word, "watch_tag_word")
    app.add_template_filter(action_word, "next_action_word")
    app.add_template_global(newest_case)
    app.add_template_global(may_do)
    app.add_template_global(lambda task: may_open(task, person()), "may_open_task")


def contact_choices() -> list[dict[str, str]]:
    """What can come of a contact, as the cards of a form show it."""
    words = {
        "promise": (_("Promises to pay"), _("Record the promise on the case; it pauses what is promised.")),
        "plan": (
            _("Asks for instalments"),
            _("Record the request on the case; it is approved by authority."),
        ),
        "dispute": (_("Disputes the debt"), _("Record the dispute on the case; it pauses what is disputed.")),
        "not_reached": (_("Not reached"), _("An attempt on record.")),
        "refused": (_("Will not pay"), _("The next stage comes by the ladder.")),
        "cannot_pay": (_("Cannot pay"), _("The reason is kept; offer instalments where that helps.")),
        "paid": (_("Says it has paid"), _("Look whether the money came.")),
        "reached": (_("Reached, no agreement"), _("You look again on the day below.")),
        "noted": (_("Only a note"), _("What was said, for whoever acts next.")),
    }
    return [
        {"value": one, "label": label, "act": _("Put it on record"), "next": text}
        for one, (label, text) in words.items()
    ]
