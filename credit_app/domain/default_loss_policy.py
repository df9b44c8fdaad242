"""The figures of waivers, write-offs and provisions that a new company starts with."""

from collections.abc import Mapping

from credit_app.domain.policy_figure import CHECK, RULES, Figure

LOSS_POLICY: Mapping[str, Figure] = {
    "interest.waive_bands": Figure(
        {"collector": "100", "credit_manager": "5000", "finance_director": "1000000"},
        CHECK + "the most late interest and fees, in base currency, that each role may waive at a time.",
    ),
    "write_off.evidence": Figure(
        {
            "insolvency": {"documents": 1},
            "enforcement_failed": {"documents": 1},
            "untraceable": {"documents": 1, "days": 180},
            "age": {"days": 1095},
            "small_amount": {"days": 90, "most": "200"},
        },
        CHECK
        + "what each ground of a write-off asks for: documents, days past due, highest total in base currency.",
    ),
    "write_off.bands": Figure(
        {"credit_manager": "10000", "finance_director": "100000", "cfo": "1000000000"},
        CHECK + "total in base currency up to which each level decides on a write-off.",
    ),
    "write_off.due_after_days": Figure(
        3, CHECK + "business days to prepare a write-off, and to decide on one."
    ),
    "write_off.remind_after_days": Figure(
        2, CHECK + "business days after which whoever decides on a write-off is reminded."
    ),
    "provision.segment": Figure("risk", CHECK + "what customers are grouped by: “risk” class or “country”."),
    "provision.loss_rates": Figure(
        {
            "low": ["0.001", "0.005", "0.02", "0.05", "0.15", "0.40", "0.75", "0.90", "1"],
            "medium": ["0.003", "0.01", "0.04", "0.10", "0.25", "0.50", "0.80", "0.95", "1"],
            "high": ["0.01", "0.03", "0.08", "0.20", "0.40", "0.65", "0.90", "1", "1"],
            "other": ["0.005", "0.0375", "0.0667", "0.20", "0.30", "0.60", "0.90", "1", "1"],
        },
        CHECK
        + "expected loss of each ageing bucket by segment; “other” serves every segment that is not named.",
    ),
    "provision.factors": Figure(
        {"low": "1.0", "medium": "1.0", "high": "1.1", "other": "1.0"},
        RULES + "forward-looking factor by segment. (check) The figures.",
    ),
}
