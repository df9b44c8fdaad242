"""The figures of collection that a new company starts with."""

from collections.abc import Mapping

from credit_app.domain.policy_figure import CHECK, RULES, Figure

COLLECTION_POLICY: Mapping[str, Figure] = {
    "collection.ladder": Figure(
        {
            "friendly_notice": 3,
            "call": 7,
            "letter_1": 15,
            "letter_2": 30,
            "visit": 45,
            "final_demand": 60,
            "lawyer_letter": 75,
            "agency": 90,
            "legal_action": 120,
        },
        RULES + "days past due from which each stage of collection begins, for customers of medium risk.",
    ),
    "collection.low_risk_extra_days": Figure(
        10, RULES + "customers of low risk have ten days more for each stage."
    ),
    "collection.high_risk_share": Figure(
        "0.5", RULES + "customers of high risk have half the days for each stage, rounded down."
    ),
    "collection.key_ladder": Figure(
        {
            "friendly_notice": 3,
            "call": 5,
            "letter_1": 20,
            "letter_2": 40,
            "visit": 45,
            "final_demand": 70,
            "lawyer_letter": 85,
            "agency": 100,
            "legal_action": 130,
        },
        CHECK + "key customers are called sooner and written to later.",
    ),
    "collection.smallest_amount": Figure(
        "10", CHECK + "overdue amount in base currency up to which nothing is collected."
    ),
    "collection.ask_first": Figure(
        ["final_demand", "lawyer_letter", "agency", "legal_action"],
        CHECK + "stages that a credit manager agrees to before they begin.",
    ),
    "collection.promise_grace_days": Figure(
        1, CHECK + "days after the promised day until a promise counts as broken; a transfer takes that long."
    ),
    "collection.follow_up_days": Figure(
        3, CHECK + "business days after which an account is looked at again when no other day was agreed."
    ),
    "collection.due_after_days": Figure(
        1, CHECK + "business days within which a task of collection should be done."
    ),
}
