"""The figures of letters that a new company starts with."""

from collections.abc import Mapping

from credit_app.domain.policy_figure import CHECK, RULES, Figure

DUNNING_POLICY: Mapping[str, Figure] = {
    "dunning.channels": Figure(
        {
            "reminder": ["email"],
            "friendly_notice": ["email", "sms", "letter"],
            "letter_1": ["email", "letter"],
            "letter_2": ["email", "letter"],
            "final_demand": ["letter"],
            "lawyer_letter": ["letter"],
        },
        RULES
        + "by which way each letter goes, in order of preference; whoever cannot be reached gets paper.",
    ),
    "dunning.pay_within_days": Figure(
        {"friendly_notice": 10, "letter_1": 10, "letter_2": 7, "final_demand": 7, "lawyer_letter": 7},
        CHECK
        + "days to pay that a letter gives; a day on which nobody works counts as the next business day.",
    ),
    "dunning.review_levels": Figure(
        ["final_demand", "lawyer_letter"],
        CHECK + "letters that wait until somebody has looked and releases them.",
    ),
    "dunning.interest_levels": Figure(
        ["letter_2", "final_demand", "lawyer_letter"],
        RULES + "letters that claim late interest and fees: from the second on.",
    ),
    "dunning.remind_before_days": Figure(
        7, RULES + "days before the due date from which a customer is reminded by e-mail; 0: never."
    ),
    "dunning.remind_from_amount": Figure(
        "100", CHECK + "total in base currency below which nobody is reminded before the due date."
    ),
    "dunning.demand_restarts_limitation": Figure(
        ["CN"],
        RULES
        + "countries whose law restarts limitation with a delivered demand; elsewhere it takes a filing.",
    ),
    "dunning.sender": Figure([], "Address and telephone of the company at the head of letters, a line each."),
    "dunning.bank_accounts": Figure(
        {}, "Our account for each currency, as letters name it; * stands for every other currency."
    ),
}
