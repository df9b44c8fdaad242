"""What a case is about, in words: an application for a limit, a review of one, a temporary limit."""

from datetime import datetime

from flask_babel import LazyString
from markupsafe import Markup, escape

from credit_app.i18n import _, _l
from credit_app.models import CreditApplication
from credit_app.screens.access import person
from credit_app.screens.present import moment_tag

KIND_WORDS: dict[str, LazyString] = {
    "limit": _l("credit application"),
    "review": _l("limit review"),
    "temporary": _l("temporary limit"),
}
TRIGGER_WORDS: dict[str, LazyString] = {
    "review_date": _l("its review date has come"),
    "expiry": _l("the limit expires"),
    "overdue": _l("items are overdue"),
    "downgrade": _l("the grade went down"),
    "warning_line": _l("the warning line is crossed"),
    "security": _l("a security ends"),
    "by_hand": _l("somebody asked for it"),
}


def kind_word(application: CreditApplication) -> str:
    """Return what kind of case it is."""
    return str(KIND_WORDS[application.kind])


def trigger_word(trigger: str | None) -> str:
    """Return why a review was started."""
    return str(TRIGGER_WORDS.get(trigger or "", ""))


def lead(application: CreditApplication, since: datetime) -> Markup:
    """Return who asks, or why the case began, and since when it waits; one's own draft only says its number."""
    if application.kind == "review":
        words = _(
            "%(number)s, limit review: %(why)s",
            number=application.number,
            why=trigger_word(application.review_trigger),
        )
    elif application.requested_by == person().id:
        return escape(application.number)
    else:
        words = _(
            "%(number)s, asked for by %(name)s", number=application.number, name=application.requester.name
        )
    return escape(words) + _(", ") + escape(_("waiting since")) + " " + moment_tag(since)
