"""The figures of the receivables ledger that a new company starts with."""

from collections.abc import Mapping

from credit_app.domain.policy_figure import CHECK, RULES, Figure

LEDGER_POLICY: Mapping[str, Figure] = {
    "ageing.basis": Figure("due", RULES + "ageing by due date; “document” ages by document date."),
    "ageing.measures": Figure(
        [
            [0, "none"],
            [7, "remind"],
            [30, "call"],
            [45, "letter"],
            [60, "hold_and_visit"],
            [90, "final_demand"],
            [None, "legal"],
        ],
        CHECK + "what is done with items up to each day past due; a bucket has the measure of its last day.",
    ),
    "ledger.allocation_order": Figure(
        ["cost", "interest", "invoice"], RULES + "receipts pay costs, then interest, then principal."
    ),
    "ledger.backdate_days": Figure(
        45, CHECK + "days back to which an entry may be dated; what was reported before then stays as it was."
    ),
    "ledger.oldest_document_days": Figure(
        365,
        CHECK
        + "days back to which a new imported document may be dated; the opening of a source may be older.",
    ),
    "ledger.latest_document_days": Figure(
        31, CHECK + "days ahead to which a new document that is imported may be dated."
    ),
    "ledger.large_item": Figure(
        50000, CHECK + "amount in base currency from which an open item is watched as a large one."
    ),
    "ledger.key_customers": Figure(
        10, CHECK + "how many customers with the largest debts are watched as key customers."
    ),
    "matching.certain": Figure(
        "0.95", CHECK + "certainty from which an entry of a bank statement is booked without a person."
    ),
    "matching.suggest_from": Figure("0.25", CHECK + "certainty from which a match is suggested to a person."),
    "matching.small_difference": Figure(
        "1.00", CHECK + "difference in the entry's currency that a person may write off while matching."
    ),
    "matching.weights": Figure(
        {
            "reference": "0.70",
            "order": "0.55",
            "amount_named": "0.90",
            "amount_near": "0.60",
            "amount_item": "0.60",
            "amount_balance": "0.60",
            "account": "0.70",
            "name": "0.60",
        },
        CHECK
        + "what each reason for a match is worth by itself; each takes its share of the doubt that others leave.",
    ),
    "matching.remind_after_days": Figure(
        2, CHECK + "business days after which those who match are reminded of an entry."
    ),
    "matching.answer_days": Figure(
        3,
        CHECK
        + "business days that a customer has to answer what it paid; then the entry is looked at again.",
    ),
    "matching.due_after_days": Figure(1, CHECK + "business days within which an entry should be matched."),
    "confirmation.every_months": Figure(
        {"key": 3, "other": 12},
        CHECK + "months between two balance confirmations, of key customers and of others.",
    ),
    "confirmation.most_a_day": Figure(
        20, CHECK + "balance confirmations that begin by themselves in a day; the longest due begin first."
    ),
    "confirmation.remind_after_days": Figure(
        10, CHECK + "business days after which a customer that has not answered is reminded."
    ),
    "confirmation.silent_after_days": Figure(
        20, CHECK + "business days after which silence is followed up by a person."
    ),
    "confirmation.interrupts_limitation": Figure(
        ["CN", "DE", "GB"],
        CHECK + "countries whose law restarts limitation when a debtor confirms the balance in writing.",
    ),
}
