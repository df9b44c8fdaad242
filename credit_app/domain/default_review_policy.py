"""The figures that exposure, limit reviews and temporary limits start with."""

from collections.abc import Mapping

from credit_app.domain.policy_figure import CHECK, RULES, Figure

REVIEW_POLICY: Mapping[str, Figure] = {
    "exposure.eligible_securities": Figure(
        ["guarantee", "pledge", "product_revenue_pledge", "deposit", "insurance", "prepayment_device"],
        RULES + "kinds of confirmed security that lower net exposure, each of which can be left out.",
    ),
    "review.days_before_expiry": Figure(
        30, CHECK + "days before the last day of a limit on which its review starts."
    ),
    "review.days_before_security_expires": Figure(
        30, CHECK + "days before a security expires on which the limit that it stands behind is reviewed."
    ),
    "review.overdue_days": Figure(
        30, CHECK + "days past due of the oldest open item from which the customer's limit is reviewed."
    ),
    "review.rest_days": Figure(
        30, CHECK + "days after a review in which the same event does not start the next one."
    ),
    "review.measures_due_after_days": Figure(
        1, CHECK + "business days within which the measures of a crossed warning line are taken."
    ),
    "temporary.longest_days": Figure(90, CHECK + "the most days for which a temporary limit can be asked."),
}
