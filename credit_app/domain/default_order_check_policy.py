"""The figures of the order check and of releases that a new company starts with."""

from collections.abc import Mapping

from credit_app.domain.policy_figure import CHECK, RULES, Figure

ORDER_CHECK_POLICY: Mapping[str, Figure] = {
    "order_check.rules": Figure(
        {
            "closed": "hold",
            "blacklisted": "hold",
            "in_default": "hold",
            "customer_hold": "hold",
            "no_limit": "hold",
            "limit_expired": "hold",
            "limit_ends": "warn",
            "over_group_limit": "hold",
            "over_limit": "hold",
            "within_tolerance": "warn",
            "oldest_overdue": "hold",
            "overdue_amount": "hold",
            "overdue_ratio": "hold",
            "collection_stage": "hold",
            "term_too_long": "hold",
            "payment_method": "hold",
            "file_incomplete": "warn",
            "file_stale": "warn",
            "warning_line": "warn",
            "overdue_watch": "warn",
            "review_overdue": "warn",
            "disputed": "warn",
            "broken_promise": "warn",
            "security_ends": "warn",
            "unusual_order": "warn",
            "copied": "hold",
            "split": "hold",
        },
        RULES
        + "the rules of the order check; each holds the order, warns, or is off. Which of them only warn: (check).",
    ),
    "order_check.tolerance": Figure(
        "0.05", CHECK + "share by which a limit may be exceeded with a warning only."
    ),
    "order_check.overdue_days": Figure(
        15, CHECK + "days past due of the oldest item above which an order is held."
    ),
    "order_check.overdue_amount": Figure(
        "50000", CHECK + "overdue amount in base currency above which an order is held."
    ),
    "order_check.overdue_ratio": Figure(
        "0.50", CHECK + "overdue share of what is open above which an order is held."
    ),
    "order_check.smallest_overdue": Figure(
        "100", CHECK + "overdue amount in base currency up to which overdue debts hold no order."
    ),
    "order_check.stage": Figure(
        "letter_2", RULES + "orders are on hold from the second letter of the collection ladder on."
    ),
    "order_check.method_order": Figure(
        ["open_account", "instalments", "bill", "cash_on_delivery", "prepayment"],
        CHECK + "payment methods from the riskiest to the safest; a safer one than was granted is as good.",
    ),
    "order_check.prepaid_methods": Figure(
        ["prepayment"], RULES + "prepaid orders pass; these methods leave nothing to be owed."
    ),
    "order_check.prepaid_rules": Figure(
        ["closed", "blacklisted"], CHECK + "the rules that count for prepaid orders all the same."
    ),
    "order_check.never_released": Figure(
        ["closed", "blacklisted"], CHECK + "the rules from which no release frees an order."
    ),
    "order_check.split_days": Figure(
        14, CHECK + "days within which orders are compared with those held, so that none is split or copied."
    ),
    "order_check.limit_ends_days": Figure(
        14, CHECK + "days before the last day of a limit from which on each order warns of it."
    ),
    "order_check.watch_days": Figure(
        5, CHECK + "days past due of the oldest item above which an order warns of it."
    ),
    "order_check.watch_ratio": Figure(
        "0.25", CHECK + "overdue share of what is open above which an order warns of it."
    ),
    "order_check.disputed_ratio": Figure(
        "0.20", CHECK + "disputed share of what is open above which an order warns of it."
    ),
    "order_check.broken_promises": Figure(
        1, CHECK + "promises broken of late from which on an order warns of them."
    ),
    "order_check.usual_factor": Figure(
        "3", CHECK + "times the average of the customer's last orders above which an order is unusual."
    ),
    "order_check.usual_orders": Figure(20, CHECK + "the last orders of a customer whose average is usual."),
    "order_check.usual_least": Figure(3, CHECK + "orders below which nothing is said of what is usual."),
    "exposure.order_horizon_days": Figure(
        90, RULES + "confirmed orders count up to a horizon; its days ahead of the delivery: (check)."
    ),
}

ORDER_RELEASE_POLICY: Mapping[str, Figure] = {
    "order_release.bands": Figure(
        {"credit_manager": "250000", "finance_director": "1000000", "cfo": "1000000000"},
        RULES
        + "exposure of the group after the order, in base currency, up to which each level decides on its release.",
    ),
    "order_release.least_levels": Figure(
        {"once": "credit_manager", "until": "finance_director", "up_to": "credit_manager"},
        CHECK + "the lowest level that decides on each kind of release, whatever the exposure.",
    ),
    "order_release.longest_days": Figure(60, CHECK + "days for which a release holds at most."),
    "order_release.due_after_days": Figure(
        1,
        CHECK + "business days to assess an order on hold, to give the security for it, and to decide on it.",
    ),
    "order_release.revoked_by": Figure(
        ["closed", "blacklisted", "in_default", "customer_hold"],
        CHECK + "the rules of the order check that revoke a release which was not decided for them.",
    ),
    "order_release.barred_grades": Figure(
        ["D"],
        RULES + "grades without credit: none of their orders is released, a release in force is revoked.",
    ),
}
