"""The figures that the assessment of credit starts with: investigation, reports, securities, grants by rule."""

from collections.abc import Mapping

from credit_app.domain.policy_figure import CHECK, RULES, Figure

ASSESSMENT_POLICY: Mapping[str, Figure] = {
    "duplicates.likeness": Figure(
        "0.85", CHECK + "from this likeness on (0 to 1) two company names may mean the same company."
    ),
    "information.due_after_days": Figure(
        5, CHECK + "business days within which the information on a customer should be gathered."
    ),
    "assessment.due_after_days": Figure(
        2, CHECK + "business days within which a rating is confirmed, and a proposal set."
    ),
    "conditions.due_after_days": Figure(
        15, CHECK + "business days within which the securities of an approved limit should be there."
    ),
    "report.months_between": Figure(
        6, CHECK + "months within which no second report on the same customer is bought."
    ),
    "report.valid_months": Figure(12, CHECK + "months for which a third party's report is used."),
    "investigation.channels": Figure(
        {
            "new_customer": [
                "registration",
                "credit_platform",
                "references",
                "site_visit",
                "customer_statement",
            ],
            "existing_customer": ["registration", "customer_statement"],
        },
        CHECK + "channels that an investigation owes, by its template; the others are welcome.",
    ),
    "security.haircuts": Figure(
        {
            "guarantee": "0.10",
            "pledge": "0.30",
            "product_revenue_pledge": "0.40",
            "deposit": "0",
            "insurance": "0.10",
            "prepayment_device": "0",
        },
        CHECK + "part of a security that is not counted on, by its kind.",
    ),
    "security.cover": Figure(
        "0.90", CHECK + "insured share of a credit insurance, where nothing else is said."
    ),
    "information.no_statements_months": Figure(
        12, CHECK + "months for which the reason why there are no statements stands in for them."
    ),
    "separation.investigator_decides": Figure(
        True,
        RULES
        + "who only gathered information may decide; set to false, they may not. Raters and proposers never do.",
    ),
}
