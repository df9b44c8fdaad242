"""The words of collection as people read them."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from flask_babel import LazyString

from credit_app.forms.agencies import PAID_TO_WORDS
from credit_app.forms.collection import REASON_WORDS as REASON_CODES
from credit_app.forms.disputes import CAUSE_WORDS, REASON_WORDS
from credit_app.forms.legacy import CLASS_WORDS
from credit_app.forms.visits import FINDING_WORDS, WILLINGNESS_WORDS
from credit_app.i18n import _, _l, ngettext
from credit_app.reports.hold_notice import lines_of
from credit_app.screens.holds_words import (
    AGREEMENT_WORDS,
    HOLD_STEP_WORDS,
    NEXT_STEP_WORDS,
    OVER_WORDS,
    SCOPE_WORDS,
)

CAUSES: Mapping[str, LazyString] = {
    "ladder": _l("days overdue"),
    "payment": _l("payment"),
    "correction": _l("credit note or correction"),
    "reopened": _l("debt opened again"),
    "dispute": _l("dispute opened"),
    "dispute_over": _l("dispute ended"),
    "promise": _l("promise or plan agreed"),
    "promise_over": _l("promise or plan ended"),
    "broken_promise": _l("broken promise"),
    "rating": _l("new rating"),
    "by_hand": _l("by hand"),
    "written_off": _l("written off"),
    "insolvency": _l("insolvency"),
    "agreed": _l("escalation agreed"),
    "pause_over": _l("pause over"),
    "key_customer": _l("key customer or no longer"),
    "figures": _l("new figures (policy, calendar, rates)"),
}
OUTCOMES: Mapping[str, LazyString] = {
    "not_reached": _l("not reached"),
    "reached": _l("reached"),
    "promise": _l("promised to pay"),
    "plan": _l("asks for instalments"),
    "dispute": _l("disputes the debt"),
    "refused": _l("refuses to pay"),
    "paid": _l("says it has paid"),
    "queued": _l("on its way"),
    "held": _l("kept in the outbox"),
    "sent": _l("sent"),
    "delivered": _l("delivered"),
    "failed": _l("not delivered"),
    "noted": _l("noted"),
}
CHANNELS: Mapping[str, LazyString] = {
    "call": _l("telephone"),
    "email": _l("e-mail"),
    "sms": _l("SMS"),
    "letter": _l("letter"),
    "visit": _l("visit"),
    "meeting": _l("meeting"),
}
LADDERS: Mapping[str, LazyString] = {
    "low": _l("low risk"),
    "medium": _l("standard"),
    "high": _l("high risk"),
    "key": _l("key customer"),
}


def cause_word(cause: str) -> str:
    """Why a case moved."""
    return str(CAUSES.get(cause, cause))


def reason_code_word(code: str | None) -> str:
    """Why a debtor does not pay."""
    return str(REASON_CODES.get(code or "", code or ""))


def contact_outcome_word(outcome: str) -> str:
    """What came of an attempt to reach a debtor."""
    return str(OUTCOMES.get(outcome, outcome))


def contact_channel_word(channel: str) -> str:
    """By which way a debtor was reached."""
    return str(CHANNELS.get(channel, channel))


def ladder_word(ladder: str) -> str:
    """Whose days a case follows."""
    return str(LADDERS.get(ladder, ladder))


def hold_step_word(kind: str) -> str:
    """What happened to a hold."""
    return str(HOLD_STEP_WORDS.get(kind, kind))


def hold_scope_word(scope: str) -> str:
    """Which orders a hold stops."""
    return str(SCOPE_WORDS.get(scope, scope))


def visit_finding_word(code: str) -> str:
    """What a visit found."""
    return str(FINDING_WORDS.get(code, code))


def willingness_word(code: str) -> str:
    """How willing a debtor is to pay."""
    return str(WILLINGNESS_WORDS.get(code, code))


def agreement_word(code: str) -> str:
    """What was agreed on a visit."""
    return str(AGREEMENT_WORDS.get(code, code))


def over_word(code: str) -> str:
    """How a placement ended."""
    return str(OVER_WORDS.get(code, code))


def next_step_word(code: str) -> str:
    """What follows after a placement."""
    return str(NEXT_STEP_WORDS.get(code, code))


def paid_to_word(code: str) -> str:
    """To whom a debtor paid."""
    return str(PAID_TO_WORDS.get(code, code))


def dispute_reason_word(reason: str) -> str:
    """What a dispute is about."""
    return str(REASON_WORDS.get(reason, reason))


def root_cause_word(cause: str | None) -> str:
    """What was found to lie behind a dispute."""
    return str(CAUSE_WORDS.get(cause or "", cause or ""))


def legacy_class_word(code: str) -> str:
    """What kind of debtor of old debts one is."""
    return str(CLASS_WORDS.get(code, code))


def legacy_classes() -> list[tuple[str, str]]:
    """The classes with their words, for a select."""
    return [(code, str(word)) for code, word in CLASS_WORDS.items()]


def legacy_leads(row: Any) -> str:
    """The facts that speak for the class that is suggested, as a sentence's parts."""
    facts = row.facts
    found = {
        "enterprise_kind": _("the state protects this kind of enterprise"),
        "unreached": ngettext(
            "%(num)s attempt without reaching anybody",
            "%(num)s attempts without reaching anybody",
            facts["unreached"],
        ),
        "no_contact": _("no address, telephone or e-mail is known"),
        "said_will_not_pay": _("refused to pay when last asked"),
        "pays_newer": ngettext(
            "paid something %(num)s day ago", "paid something %(num)s days ago", facts["last_paid_days"] or 0
        ),
        "said_cannot_pay": _("said when last asked that it cannot pay"),
        "in_default": _("in default or blacklisted"),
        "poor_grade": _("grade %(grade)s", grade=facts["grade"]),
        "old_arrears": ngettext(
            "%(num)s day past due, and nothing else is known",
            "%(num)s days past due, and nothing else is known",
            facts["oldest_days"],
        ),
    }
    return "; ".join(found[lead] for lead in row.leads if lead in found)


def init_app(app: Flask) -> None:
    """Make the words filters of every template."""
    words: tuple[Callable[..., str], ...] = (
        *(cause_word, reason_code_word, contact_outcome_word, contact_channel_word, ladder_word),
        *(hold_step_word, hold_scope_word, visit_finding_word, willingness_word, agreement_word),
        *(over_word, next_step_word, paid_to_word),
        *(dispute_reason_word, root_cause_word, legacy_class_word, legacy_leads),
    )
    for function in words:
        app.add_template_filter(function)
    app.add_template_filter(lines_of, "hold_notice_lines")
    app.jinja_env.globals["legacy_classes"] = legacy_classes
