"""The figures of promises, payment plans and extensions that a new company starts with."""

from collections.abc import Mapping

from credit_app.domain.policy_figure import CHECK, Figure

# As for a confirmed balance: where the law restarts limitation when the debtor acknowledges the debt.
_COUNTRIES = ["CN", "DE", "GB"]

PROMISES_POLICY: Mapping[str, Figure] = {
    "promise.longest_days": Figure(14, CHECK + "days ahead within which a promise to pay may lie."),
    "promise.most_broken": Figure(
        2, CHECK + "broken promises after which only a credit manager accepts another one."
    ),
    "promise.broken_within_days": Figure(365, CHECK + "days for which a broken promise counts."),
    "promise.smallest_share": Figure(
        "0.10", CHECK + "smallest share of what is overdue that a promise must be for."
    ),
    "promise.due_after_days": Figure(
        2, CHECK + "business days to decide about a promise that was kept in part."
    ),
    "promise.interrupts_limitation": Figure(
        _COUNTRIES,
        CHECK + "countries whose law restarts limitation when a debtor promises in writing to pay.",
    ),
    "plan.most_instalments": Figure(12, CHECK + "instalments of a payment plan, 36 at the very most."),
    "plan.longest_days": Figure(365, CHECK + "days within which the last instalment of a plan lies."),
    "plan.remind_days": Figure(
        3, CHECK + "business days before an instalment at which the debtor is reminded."
    ),
    "plan.late_days": Figure(
        5, CHECK + "business days after the reminder of a late instalment until the plan is broken."
    ),
    "plan.due_after_days": Figure(2, CHECK + "business days to decide about a payment plan."),
    "plan.authority_amount": Figure(
        {"collector": "5000", "credit_manager": "50000"},
        CHECK
        + "amount in base currency up to which each level decides on a plan; above, the finance director.",
    ),
    "plan.authority_days": Figure(
        {"collector": 90, "credit_manager": 180},
        CHECK + "days to the last instalment up to which each level decides on a plan.",
    ),
    "plan.interrupts_limitation": Figure(
        _COUNTRIES, CHECK + "countries whose law restarts limitation when a payment plan is agreed."
    ),
    "extension.longest_days": Figure(60, CHECK + "days by which a payment may be put off."),
    "extension.due_after_days": Figure(2, CHECK + "business days to decide about a payment extension."),
    "extension.authority_amount": Figure(
        {"collector": "5000", "credit_manager": "50000"},
        CHECK + "amount in base currency up to which each level decides on an extension.",
    ),
    "extension.authority_days": Figure(
        {"collector": 15, "credit_manager": 45},
        CHECK + "days by which each level may put a payment off; above, the finance director.",
    ),
}
