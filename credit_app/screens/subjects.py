"""What a case is about, in words: an application for a limit, a review of one, a temporary limit."""

from datetime import datetime

from markupsafe import Markup, escape

from credit_app.facts.review_reading import trigger_word
from credit_app.i18n import _
from credit_app.models import CreditApplication
from credit_app.screens.access import person
from credit_app.screens.present import moment_tag
from credit_app.screens.words import APPLICATION_KIND_WORDS


def kind_word(application: CreditApplication) -> str:
    """Return what kind of case it is."""
    return str(APPLICATION_KIND_WORDS[application.kind])


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
