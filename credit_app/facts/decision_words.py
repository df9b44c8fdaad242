"""What a level is asked and what its approval does, in words, by what the application is about."""

from sqlalchemy.orm import Session

from credit_app.domain.money import format_amount
from credit_app.domain.review import CANCEL, CUT, RENEW
from credit_app.facts.application import limit_in_question
from credit_app.facts.reviews import action_in_question, reviewed_limit
from credit_app.i18n import _, written_day
from credit_app.models import CreditApplication


def question_to_level(session: Session, application: CreditApplication) -> str:
    """What the page asks, as a sentence."""
    words = _words(session, application)
    if application.kind == "temporary" and application.temporary_until is not None:
        return _(
            "Approve a temporary limit of %(amount)s for %(name)s until %(day)s?",
            **words,
            day=written_day(application.temporary_until),
        )
    if application.kind != "review":
        return _("Approve a limit of %(amount)s for %(name)s?", **words)
    action = action_in_question(application, reviewed_limit(session, application))
    if action == RENEW:
        return _("Renew the limit of %(amount)s for %(name)s?", **words)
    if action == CUT:
        return _("Cut the limit of %(before)s for %(name)s to %(amount)s?", **words)
    if action == CANCEL:
        return _("Cancel the limit of %(before)s for %(name)s?", **words)
    return _("Change the limit of %(before)s for %(name)s to %(amount)s?", **words)


def act_of_approval(session: Session, application: CreditApplication) -> str:
    """What the button says that approves as it stands."""
    words = _words(session, application)
    if application.kind != "review":
        return _("Approve %(amount)s", amount=words["amount"])
    action = action_in_question(application, reviewed_limit(session, application))
    if action == RENEW:
        return _("Renew %(amount)s", amount=words["amount"])
    if action == CUT:
        return _("Cut to %(amount)s", amount=words["amount"])
    return _("Cancel the limit") if action == CANCEL else _("Change to %(amount)s", amount=words["amount"])


def effect_of_approval(session: Session, application: CreditApplication) -> str:
    """What happens when the last level approves, and who is told."""
    name = application.requester.name
    if application.kind != "review":
        return _("%(name)s is told.", name=name)
    action = action_in_question(application, reviewed_limit(session, application))
    if action == RENEW:
        return _("The limit is renewed at once; %(name)s is told.", name=name)
    if action == CUT:
        return _("The limit is cut at once; %(name)s is told.", name=name)
    if action == CANCEL:
        return _("The limit is cancelled at once; %(name)s is told.", name=name)
    return _("The limit is changed at once; %(name)s is told.", name=name)


def _words(session: Session, application: CreditApplication) -> dict[str, str]:
    amount = limit_in_question(application)
    before = reviewed_limit(session, application).amount if application.kind == "review" else amount
    return {
        "amount": f"{application.currency} {format_amount(amount, decimals=0)}",
        "before": f"{application.currency} {format_amount(before, decimals=0)}",
        "name": application.customer.name if application.customer else "",
    }
