"""A review as its pages show it: why it started, the limit as it is and as it would be, exposure, measures."""

from typing import Any

from sqlalchemy import select

from credit_app.facts.application import application_of, customer_id_of
from credit_app.facts.customer_figures import newest_rating
from credit_app.facts.exposure_reading import exposure_view
from credit_app.facts.reviews import reviewed_limit
from credit_app.i18n import _, _l, said
from credit_app.models import CreditApplication, Customer, LimitProposal
from workflows import Action, NotFound

TRIGGER_WORDS = {
    "final_demand": _l("the final demand was sent"),
    "review_date": _l("its review date has come"),
    "expiry": _l("the limit expires"),
    "overdue": _l("items are overdue"),
    "downgrade": _l("the grade went down"),
    "warning_line": _l("the warning line is crossed"),
    "security": _l("a security ends"),
    "by_hand": _l("somebody asked for it"),
    "limit_changed": _l("the limit changed meanwhile"),
}
ACTION_WORDS = {
    "renew": _l("Renew"),
    "change": _l("Change"),
    "cut": _l("Cut"),
    "cancel": _l("Cancel the limit"),
}
ACTION_DONE = {
    "renew": _l("renewed"),
    "change": _l("changed"),
    "cut": _l("cut"),
    "cancel": _l("cancelled"),
}


def review_page(action: Action) -> dict[str, Any]:
    """What the pages of a review's tasks have in common."""
    application, session = application_of(action), action.session
    customer = session.get(Customer, customer_id_of(application))
    if customer is None:
        raise NotFound(_("There is no such customer."))
    proposals = session.scalars(
        select(LimitProposal)
        .where(LimitProposal.application_id == application.id, LimitProposal.round == application.round)
        .order_by(LimitProposal.id)
    ).all()
    return {
        "application": application,
        "limit": reviewed_limit(session, application),
        "reasons": review_reasons(application),
        "trigger": trigger_word(application.review_trigger),
        "by_component": exposure_view(session, customer, action.today),
        "rating": newest_rating(session, customer.id),
        "proposals": proposals,
        "measures_taken": application.interim_measures,
    }


def review_reasons(application: CreditApplication) -> list[dict[str, str]]:
    """Why the review started, as word and sentence; started by hand also in the words of who did."""
    found = [
        {"word": trigger_word(reason["kind"]), "text": said(reason["sentence"])}
        for reason in application.review_reasons
    ]
    if application.review_trigger == "by_hand" and application.purpose:
        found.insert(0, {"word": trigger_word("by_hand"), "text": application.purpose})
    return found


def action_word(action: str | None) -> str:
    """What is proposed for a limit, in words."""
    return str(ACTION_WORDS.get(action or "", action or ""))


def review_done(action: str | None) -> str:
    """What a review did to the limit, in words."""
    return str(ACTION_DONE.get(action or "", action or ""))


def trigger_word(trigger: str | None) -> str:
    """What started a review, in words."""
    return str(TRIGGER_WORDS.get(trigger or "", trigger or ""))
