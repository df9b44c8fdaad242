"""The words of performing contracts as people read them."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import LazyString, ngettext

from credit_app.forms.performance import BREACH_WORDS, CONSEQUENCE_WORDS, MILESTONE_WORDS, PARTY_WORDS
from credit_app.i18n import _, _l
from credit_app.models.performance import ContractMilestone

EVENTS: Mapping[str, LazyString] = {
    "milestone_planned": _l("Milestone planned"),
    "milestone_done": _l("Milestone done"),
    "milestone_moved": _l("Milestone moved"),
    "milestone_cancelled": _l("Milestone cancelled"),
    "breach_recorded": _l("Breach recorded"),
    "breach_ended": _l("Breach ended"),
    "terminated": _l("Terminated"),
    "expired": _l("Expired"),
    "prolonged": _l("Renewed itself"),
    "item_linked": _l("Invoice linked"),
    "item_moved": _l("Invoice moved to another contract"),
    "item_unlinked": _l("Invoice taken out"),
    "renewal_asked": _l("Decision on renewal asked for"),
    "renewal_renewed": _l("Renewal decided"),
    "renewal_let_expire": _l("Left to its terms"),
    "renewal_notice_given": _l("Notice given"),
    "renewal_dropped": _l("Decision on renewal dropped"),
    "notice_dropped": _l("Notice not given"),
}


def milestone_word(kind: str) -> str:
    """What is due."""
    return str(MILESTONE_WORDS.get(kind, kind))


def milestone_title(row: ContractMilestone) -> str:
    """A milestone in words: those that follow from the terms in the reader's language, else as they were typed."""
    return _(row.title) if row.made_by is None else row.title


def breach_word(kind: str) -> str:
    """What was not kept."""
    return str(BREACH_WORDS.get(kind, kind))


def breach_side_word(side: str) -> str:
    """Who broke a contract."""
    return str(PARTY_WORDS.get(side, side))


def consequence_word(consequence: str) -> str:
    """What follows from a breach."""
    return str(CONSEQUENCE_WORDS.get(consequence, consequence))


def days_off_word(days: int) -> str:
    """How a due date differs from the one that was agreed."""
    if days == 0:
        return _("as agreed")
    if days > 0:
        return str(ngettext("%(num)s day later than agreed", "%(num)s days later than agreed", days))
    return str(ngettext("%(num)s day earlier than agreed", "%(num)s days earlier than agreed", -days))


FILTERS: tuple[Callable[..., Any], ...] = (
    milestone_word,
    milestone_title,
    breach_word,
    breach_side_word,
    consequence_word,
    days_off_word,
)
