"""The figures of disputes that a new company starts with."""

from collections.abc import Mapping

from credit_app.domain.policy_figure import CHECK, Figure

DISPUTE_POLICY: Mapping[str, Figure] = {
    "dispute.owners": Figure(
        {
            "amount": "receivables",
            "quality": "delivery, sales_rep",
            "service": "delivery, sales_rep",
            "delivery": "delivery, sales_rep",
            "terms": "counsel, sales_manager",
            "unclear_clause": "counsel, sales_manager",
        },
        CHECK + "role that a dispute belongs to by its reason; the first that somebody holds in the branch.",
    ),
    "dispute.answer_days": Figure(
        {"amount": 5, "quality": 10, "service": 10, "delivery": 5, "terms": 10, "unclear_clause": 10},
        CHECK + "business days within which a disputing customer is answered, by reason.",
    ),
    "dispute.remind_after_days": Figure(
        3, CHECK + "business days after which the owner of a dispute is reminded."
    ),
    "dispute.due_after_days": Figure(2, CHECK + "business days to decide on a credit note."),
    "dispute.authority": Figure(
        {"credit_manager": "10000", "finance_director": "100000"},
        CHECK + "credit note in base currency up to which each level decides; above, the CFO.",
    ),
    "dispute.leads": Figure(
        {
            "receivables": "credit_manager",
            "delivery": "sales_manager",
            "sales_rep": "sales_manager",
            "sales_manager": "cfo",
            "counsel": "cfo",
            "collector": "credit_manager",
            "credit_manager": "finance_director",
        },
        CHECK + "role that is told when the owner of a dispute has not answered in time.",
    ),
}
