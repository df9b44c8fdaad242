"""The words for the codes that sentences of the rules and facts of a history carry, by the name of the value."""

from collections.abc import Mapping
from typing import Any

from credit_app.facts.decision import BECAUSE
from credit_app.facts.exposure_reading import SECURITY_WORDS
from credit_app.facts.reading import INPUTS
from credit_app.forms.credit_application import PAYMENT_WORDS
from credit_app.i18n import _l
from credit_app.screens.words import DECISION_WORDS, INDICATOR_WORDS, METHOD_WORDS, ROLE_WORDS, STATUSES

OUTCOME_WORDS = {
    "open": _l("still open"),
    "proposed": _l("proposed"),
    "approved": _l("approved"),
    "met": _l("met"),
    "not_met": _l("not met"),
    "none": _l("none"),
    "yes": _l("yes"),
    "no": _l("no"),
}

EXCEPTION_WORDS = {
    "none": _l("none"),
    "no_credit_grade": _l("grade without credit"),
    "over_envelope": _l("above the room in our credit envelope"),
    "over_policy_cap": _l("above the cap of the grade"),
    "over_longest_term": _l("terms longer than the grade's"),
    "payment_method_not_allowed": _l("payment method not open to the grade"),
}

RATING_METHOD_WORDS = {"payment_record": _l("payment record")}

# Where an application goes back to, and where its assessment starts.
STEP_WORDS = {
    "entry": _l("entry"),
    "investigation": _l("investigation"),
    "rating": _l("rating"),
    "proposal": _l("proposal"),
}

PAYMENT_COLUMNS = (
    "payment_method",
    "approved_payment_method",
    "proposed_payment_method",
    "payment_method_before",
    "payment_method_after",
)


def sentence_words() -> dict[str, Mapping[str, Any]]:
    """Return the words for the codes that sentences of the rules carry, by the name of the value."""
    statuses = {code: status.label for code, status in STATUSES.items()}
    outcomes = {**statuses, **OUTCOME_WORDS}
    return {
        **dict.fromkeys(("level", "role", "by", "asked_for", "added_for"), ROLE_WORDS),
        **dict.fromkeys(("first_level", "final_level", "highest_level", "first", "final"), ROLE_WORDS),
        **dict.fromkeys(("old", "new", "status"), statuses),
        **dict.fromkeys(("outcome", "credit_decision", "result"), outcomes),
        **dict.fromkeys(("rework_to", "return_to", "start_at"), STEP_WORDS),
        "approver_found": OUTCOME_WORDS,
        "exception": EXCEPTION_WORDS,
        "because": BECAUSE,
        "method": {**PAYMENT_WORDS, **METHOD_WORDS, **RATING_METHOD_WORDS},
        "indicator": INDICATOR_WORDS,
        "missing": INPUTS,
        "decision": DECISION_WORDS,
        "security_kind": SECURITY_WORDS,
        **dict.fromkeys(PAYMENT_COLUMNS, PAYMENT_WORDS),
    }
