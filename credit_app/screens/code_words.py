"""The words for the codes that sentences of the rules and facts of a history carry, by the name of the value."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from credit_app.domain.completeness_of_file import ITEMS
from credit_app.facts import legal_words
from credit_app.facts.decision import BECAUSE
from credit_app.facts.exposure_reading import SECURITY_WORDS
from credit_app.facts.interest_words import JURISDICTIONS, REFERENCES
from credit_app.facts.payment_words import PAYMENT_WORDS
from credit_app.facts.reading import INPUTS
from credit_app.facts.review_reading import TRIGGER_WORDS
from credit_app.forms.collection import REASON_WORDS as REASON_CODES
from credit_app.forms.customer_references import REFERENCE_WORDS
from credit_app.forms.disputes import CAUSE_WORDS as ROOT_CAUSE_WORDS
from credit_app.forms.disputes import REASON_WORDS as DISPUTE_REASON_WORDS
from credit_app.forms.investigation import ASSESSMENT_WORDS, CHANNEL_WORDS, LEGAL_WORDS, OWNER_WORDS
from credit_app.forms.performance import MILESTONE_WORDS
from credit_app.forms.write_off import GROUND_WORDS as WRITE_OFF_GROUNDS
from credit_app.i18n import _l
from credit_app.screens.collection.letter_words import LETTER_LEVEL_WORDS
from credit_app.screens.collection.words import CAUSES, CHANNELS, LADDERS
from credit_app.screens.collection.words import OUTCOMES as CONTACT_OUTCOMES
from credit_app.screens.contracts_words import (
    CONTRACTS_CODES,
    CONTRACTS_KINDS,
    CONTRACTS_OUTCOMES,
    CONTRACTS_STATUSES,
)
from credit_app.screens.holds_words import HOLDS_CODES, HOLDS_KINDS, HOLDS_OUTCOMES, HOLDS_STATUSES
from credit_app.screens.order_words import ORDER_CODES
from credit_app.screens.renewal_words import RENEWAL_CODES, RENEWAL_OUTCOMES, RENEWAL_STATUSES
from credit_app.screens.words import (
    APPLICATION_KIND_WORDS,
    DECISION_WORDS,
    INDICATOR_WORDS,
    METHOD_WORDS,
    RISK_WORDS,
    ROLE_WORDS,
    STATUSES,
)

Words = Mapping[str, Any]
YES_NO: Words = {"yes": _l("yes"), "no": _l("no"), "none": _l("none")}
OUTCOME_WORDS: Words = {
    "credited": _l("credited"),
    "partly": _l("credited in part"),
    **YES_NO,
    "new_day": _l("a new day"),
    "open": _l("still open"),
    "proposed": _l("proposed"),
    "approved": _l("approved"),
    "met": _l("met"),
    "not_met": _l("not met"),
    "no_quorum": _l("no quorum"),
    "cancelled": _l("cancelled"),
    "escalate": _l("go on"),
    "wait": _l("wait"),
    "dispute": _l("a dispute"),
    "correction": _l("a correction"),
}
# What the history says of rows that have no status word on a page of their own.
ROW_STATUS_WORDS: Words = {
    "investigating": _l("under investigation"),
    "in_decision": _l("in approval"),
    "credited": _l("credited"),
    "partly": _l("credited in part"),
    "answered": _l("answered"),
    "sent": _l("waiting for an answer"),
    "agreed": _l("agreed"),
    "differences": _l("differences named"),
    "settled": _l("differences settled"),
    "silent": _l("no answer yet"),
    "cancelled": _l("cancelled"),
    "retracted": _l("taken back"),
    "ordered": _l("ordered"),
    "received": _l("received"),
    "not_needed": _l("not needed"),
    "required": _l("asked for"),
    "confirmed": _l("confirmed"),
    "rejected": _l("rejected"),
    "proposing": _l("being prepared"),
    "released": _l("released"),
    "in_part": _l("kept in part"),
    "kept": _l("kept"),
    "broken": _l("broken"),
    "completed": _l("paid"),
    "cleared": _l("nothing overdue"),
    "given_up": _l("given up"),
    # letters
    "proposed": _l("waits for release"),
    "queued": _l("on its way"),
    "to_print": _l("to print"),
    "held": _l("kept in the outbox"),
    "delivered": _l("delivered"),
    "failed": _l("not delivered"),
    "excluded": _l("taken out"),
}
DIRECTION_WORDS: Words = {"out": _l("from us"), "in": _l("to us")}
PHASE_WORDS: Words = {
    "early": _l("early"),
    "firm": _l("firm"),
    "hard": _l("hard"),
    "paused": _l("paused"),
    "given_up": _l("given up"),
}
EXCEPTION_WORDS: Words = {
    "none": _l("none"),
    "missing_rate": _l("exchange rate missing"),
    "no_credit_grade": _l("grade without credit"),
    "over_envelope": _l("above the room in our credit envelope"),
    "over_policy_cap": _l("above the cap of the grade"),
    "over_longest_term": _l("terms longer than the grade's"),
    "payment_method_not_allowed": _l("payment method not open to the grade"),
}
RATING_METHOD_WORDS: Words = {
    "payment_record": _l("payment record"),
    "combined": _l("three methods together"),
}
# Where an application goes back to, and where its assessment starts.
STEP_WORDS: Words = {
    "entry": _l("entry"),
    "investigation": _l("investigation"),
    "rating": _l("rating"),
    "proposal": _l("proposal"),
}
KIND_WORDS: Words = {
    "disputed": _l("disputed"),
    "promised": _l("promised"),
    **APPLICATION_KIND_WORDS,
    **SECURITY_WORDS,
    **LEGAL_WORDS,
    **OWNER_WORDS,
    **REFERENCE_WORDS,
    "registration": _l("Commercial register"),
    "statement": _l("financial statements"),
    "report": _l("third-party report"),
    "reference": _l("bank or trade reference"),
    "site_visit": _l("Site visit"),
    "security": _l("Security"),
    "contract": _l("contract"),
    "other": _l("other"),
    "permanent": _l("permanent"),
    "temporary": _l("temporary"),
    "basic": _l("basic information"),
    "operation": _l("operation"),
    "history": _l("history of the company"),
    "view": _l("looked at it"),
    "export": _l("exported it"),
    "print": _l("printed it"),
    "change": _l("changed it"),
}
ENTERPRISE_WORDS: Words = {
    "private": _l("private company"),
    "listed": _l("listed company"),
    "state_owned": _l("state-owned company"),
    "public_body": _l("public body"),
    "partnership": _l("partnership"),
    "sole_trader": _l("sole trader"),
}
SIZE_WORDS: Words = {
    "micro": _l("micro enterprise"),
    "small": _l("small enterprise"),
    "medium": _l("medium enterprise"),
    "large": _l("large enterprise"),
}
REVIEW_WORDS: Words = {
    "renew": _l("renew"),
    "change": _l("change"),
    "cut": _l("cut"),
    "cancel": _l("cancel"),
}
# From what limitation runs anew.
GROUND_WORDS: Words = {
    **WRITE_OFF_GROUNDS,
    "balance_confirmed": _l("balance confirmed"),
    "demand_delivered": _l("demand delivered"),
    "part_payment": _l("part payment"),
    "promise": _l("promise to pay"),
    "payment_plan": _l("payment plan"),
    "security": _l("security given"),
    "filing": _l("filed with a court"),
}
VOTE_WORDS: Words = {"for": _l("for"), "against": _l("against"), "abstain": _l("abstained")}
OPINION_WORDS: Words = {"in_favour": _l("in favour"), "neutral": _l("neutral"), "against": _l("against")}
TEMPLATE_WORDS: Words = {
    "new_customer": _l("For a new customer"),
    "existing_customer": _l("For an existing customer"),
}
# Why an application was, or was not, granted by rule.
GRANT_WORDS: Words = {
    "small_and_safe": _l("small and safe"),
    "barred": _l("blacklisted or in default"),
    "exception": _l("departs from policy"),
    "file": _l("the file has gaps or is old"),
    "rating": _l("no valid rating"),
    "rating_age": _l("the rating is old"),
    "risk": _l("not of low risk"),
    "amount": _l("the total is too high"),
}
GATHERED_WORDS: Words = {
    **ROW_STATUS_WORDS,
    "none": _l("none"),
    "valid": _l("valid"),
    "done": _l("done"),
    "entered": _l("entered"),
    "on_file": _l("on file"),
    "investigate": _l("investigate again"),
    "complete": _l("complete"),
    "incomplete": _l("incomplete"),
    "stale": _l("out of date"),
    "missing": _l("missing"),
    "expired": _l("expired"),
}
# What the strategy of a grade asks for.
STRATEGY_WORDS: Words = {
    "none": _l("none"),
    "asked": _l("asked for"),
    "needed": _l("needed"),
    "monthly_watch": _l("watched monthly"),
    "weekly_watch": _l("watched weekly"),
    "order_by_order": _l("each order looked at"),
    "no_credit": _l("no credit"),
}

# Names inside policy figures, as the administration shows them.
POLICY_WORDS: Words = {
    "ladder": _l("steps"),
    "weight": _l("weight"),
    "terms": _l("terms of the score"),
    "safe_above": _l("safe above"),
    "distress_below": _l("in distress below"),
    "quantitative": _l("Scorecard"),
    "experience": _l("Experience"),
    "one_year": _l("one year of statements only"),
    "unaudited": _l("statements not audited"),
    "implausible": _l("implausible figures"),
    "method_missing": _l("a method does not apply"),
    "stale_statements": _l("old statements"),
    "negative_equity": _l("negative equity"),
    "open_litigation": _l("open litigation"),
    "above": _l("above"),
    "most": _l("at most"),
    "levels": _l("Levels"),
    "highest_amount": _l("highest amount"),
    "total": _l("in total"),
    "own_equity": _l("own equity"),
    "credit_sales": _l("credit sales"),
    "part": _l("part of the file"),
    "contacts": _l("contact person"),
    "unknown": _l("unknown"),
}

LEVEL_NAMES = (
    "level",
    "role",
    "owner_role",
    "by",
    "asked_for",
    "added_for",
    "first_level",
    "final_level",
    "highest_level",
    "proposer_role",
)
# What the history says of legal cases, whose words other tables use otherwise.
LEGAL_STATUS_WORDS: Words = {
    code.removeprefix("legal_action_"): status.label
    for code, status in STATUSES.items()
    if code.startswith("legal_action_")
}
LEGAL_KIND_WORDS: Words = {
    **legal_words.DATE_WORDS,
    **legal_words.EVENT_WORDS,
    **legal_words.COST_WORDS,
    **legal_words.COUNSEL_WORDS,
}
PLACE_WORDS: Words = {
    "assess": _l("assess"),
    "decide": _l("decide"),
    "arrange": _l("arrange"),
    "file": _l("file"),
    "hear": _l("hear"),
    "title": _l("follow"),
    "apply": _l("apply"),
    "enforce": _l("go on"),
    "insolvency": _l("insolvent"),
}
LEGAL_PHASE_WORDS: Words = {
    "preparation": _l("prepared"),
    "proceedings": _l("in court"),
    "enforcement": _l("enforced"),
}
LEGAL_OUTCOME_WORDS: Words = {
    "go": _l("yes"),
    "next_date": _l("Another hearing"),
    "judgment": _l("judgment"),
    "settlement": _l("settlement"),
    "enforce": _l("It is final and not paid"),
    "contested": _l("contested"),
    "another": _l("another"),
    "insolvency": _l("insolvent"),
    "recovered": _l("Everything is recovered"),
    "withdraw": _l("Withdraw it"),
    "go_on": _l("go on"),
}

PAYMENT_NAMES = (
    *("payment_method", "payment_method_before", "payment_method_after"),
    *("approved_payment_method", "proposed_payment_method", "payment_ways", "granted_method"),
)
GATHERED_NAMES = ("report", "investigation", "statements", "rating_result", "customer_file", "rating")


@cache
def sentence_words() -> dict[str, Words]:
    """Return the words for codes, by the name under which sentences and rows carry them."""
    statuses = {
        **LEGAL_STATUS_WORDS,
        **CONTRACTS_STATUSES,
        **RENEWAL_STATUSES,
        **HOLDS_STATUSES,
        **ROW_STATUS_WORDS,
        **{code: status.label for code, status in STATUSES.items()},
    }
    outcomes = {
        **LEGAL_OUTCOME_WORDS,
        **CONTRACTS_OUTCOMES,
        **RENEWAL_OUTCOMES,
        **HOLDS_OUTCOMES,
        **statuses,
        **CONTACT_OUTCOMES,
        **DECISION_WORDS,
        **OUTCOME_WORDS,
    }
    levels = {**ROLE_WORDS, **LETTER_LEVEL_WORDS, "none": _l("none")}
    stages = {code[6:]: status.label for code, status in STATUSES.items() if code.startswith("stage_")}
    return {
        **dict.fromkeys((*LEVEL_NAMES, "first", "final"), levels),
        "matrix_value": {
            **STRATEGY_WORDS,
            **RISK_WORDS,
            **PAYMENT_WORDS,
            **ROLE_WORDS,
            **GATHERED_WORDS,
            **EXCEPTION_WORDS,
            **OUTCOME_WORDS,
        },
        **dict.fromkeys(("old", "new", "status"), statuses),
        **dict.fromkeys(("outcome", "credit_decision", "result"), outcomes),
        **dict.fromkeys(("rework_to", "return_to", "start_at"), STEP_WORDS),
        **dict.fromkeys(("approver_found", "automatic_grant", "barred"), OUTCOME_WORDS),
        **dict.fromkeys(GATHERED_NAMES, GATHERED_WORDS),
        **dict.fromkeys(("security", "controls"), STRATEGY_WORDS),
        **dict.fromkeys(PAYMENT_NAMES, PAYMENT_WORDS),
        "assessment": ASSESSMENT_WORDS,
        **CONTRACTS_CODES,
        **RENEWAL_CODES,
        **HOLDS_CODES,
        **ORDER_CODES,
        "because": {**GRANT_WORDS, **BECAUSE},
        "reason": DISPUTE_REASON_WORDS,
        "proposal": {
            "credited": _l("credit all of it"),
            "partly": _l("credit a part"),
            "rejected": _l("reject it"),
        },
        "cause": {**CAUSES, **ROOT_CAUSE_WORDS},
        "channel": {**CHANNELS, **CHANNEL_WORDS},
        "direction": DIRECTION_WORDS,
        "ladder": LADDERS,
        "phase": {**LEGAL_PHASE_WORDS, **PHASE_WORDS},
        "reason_code": REASON_CODES,
        **dict.fromkeys(("stage", "from_stage", "to_stage", "floor_stage"), stages),
        "decision": DECISION_WORDS,
        "enterprise_kind": ENTERPRISE_WORDS,
        "exception": EXCEPTION_WORDS,
        "indicator": INDICATOR_WORDS,
        "information_item.name": {name: _l(text) for name, (_kind, text) in ITEMS.items()},
        "jurisdiction": JURISDICTIONS,
        "kind": {**LEGAL_KIND_WORDS, **HOLDS_KINDS, **CONTRACTS_KINDS, **MILESTONE_WORDS, **KIND_WORDS},
        "legal_case.status": LEGAL_STATUS_WORDS,
        "legal_cost.kind": legal_words.COST_WORDS,
        "legal_date.kind": legal_words.DATE_WORDS,
        "legal_event.kind": legal_words.EVENT_WORDS,
        "place": PLACE_WORDS,
        "preserve": YES_NO,
        "prospects": legal_words.PROSPECT_WORDS,
        "solvency": legal_words.SOLVENCY_WORDS,
        "title_kind": legal_words.TITLE_WORDS,
        "way": legal_words.WAY_WORDS,
        "method": {**PAYMENT_WORDS, **METHOD_WORDS, **RATING_METHOD_WORDS},
        "missing": INPUTS,
        "opinion": OPINION_WORDS,
        "policy": POLICY_WORDS,
        "reference": REFERENCES,
        "promise_result": outcomes | {"partly": _l("kept in part")},
        "rework": {"again": _l("asked again"), "withdraw": _l("withdrawn")},
        "ground": GROUND_WORDS,
        **dict.fromkeys(("review_action", "action"), REVIEW_WORDS),
        **dict.fromkeys(("review_trigger", "trigger"), TRIGGER_WORDS),
        "risk": RISK_WORDS,
        "security_kind": SECURITY_WORDS,
        "size": SIZE_WORDS,
        "template": TEMPLATE_WORDS,
        "vote": VOTE_WORDS,
    }
