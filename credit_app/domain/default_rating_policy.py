"""The figures of the rating that a new company starts with; those of the scorecard models stand beside them."""

from collections.abc import Mapping

from credit_app.domain.policy_figure import CHECK, RULES, Figure

RATING_POLICY: Mapping[str, Figure] = {
    "rating.bands": Figure(
        [
            ["AAA", "90", "low"],
            ["AA", "80", "low"],
            ["A", "70", "low"],
            ["BBB", "65", "medium"],
            ["BB", "60", "medium"],
            ["B", "55", "medium"],
            ["CCC", "50", "high"],
            ["CC", "45", "high"],
            ["C", "0", "high"],
        ],
        RULES + "grade bands and risk classes; D is for customers in default or blacklisted.",
    ),
    "rating.indicators": Figure(
        [
            {
                "name": "weighted_days_late",
                "weight": "35",
                "ladder": [
                    ["0", "1"],
                    ["3", "0.9"],
                    ["7", "0.75"],
                    ["15", "0.5"],
                    ["30", "0.2"],
                    [None, "0"],
                ],
            },
            {
                "name": "share_late",
                "weight": "20",
                "ladder": [
                    ["0.05", "1"],
                    ["0.15", "0.85"],
                    ["0.3", "0.65"],
                    ["0.5", "0.4"],
                    ["0.75", "0.2"],
                    [None, "0"],
                ],
            },
            {
                "name": "oldest_overdue_days",
                "weight": "15",
                "ladder": [
                    ["0", "1"],
                    ["7", "0.8"],
                    ["15", "0.6"],
                    ["30", "0.3"],
                    ["60", "0.1"],
                    [None, "0"],
                ],
            },
            {
                "name": "worst_days_late",
                "weight": "10",
                "ladder": [
                    ["0", "1"],
                    ["7", "0.8"],
                    ["15", "0.6"],
                    ["30", "0.4"],
                    ["60", "0.2"],
                    [None, "0"],
                ],
            },
            {
                "name": "trend_days",
                "weight": "10",
                "ladder": [["-2", "1"], ["1", "0.8"], ["3", "0.5"], ["7", "0.2"], [None, "0"]],
            },
            {
                "name": "share_disputed",
                "weight": "10",
                "ladder": [["0.05", "1"], ["0.15", "0.8"], ["0.3", "0.5"], ["0.5", "0.2"], [None, "0"]],
            },
        ],
        CHECK
        + "indicators of the payment record, their weights in points and the share earned up to a value.",
    ),
    "rating.confidence": Figure(
        "0.60", CHECK + "trust in a rating by payment record alone, without financial statements."
    ),
    "rating.few_invoices": Figure(
        [[3, "0.30"], [12, "0.15"]],
        CHECK + "with fewer settled invoices than this, so much less confidence.",
    ),
    "rating.trend_from": Figure(6, CHECK + "settled invoices from which a trend is told."),
    "rating.missing_indicator": Figure(
        "0.05", CHECK + "less confidence for each indicator without a figure."
    ),
    "rating.stale_after_days": Figure(
        180, CHECK + "days without a settlement after which a record is stale."
    ),
    "rating.stale": Figure("0.10", CHECK + "less confidence in a stale payment record."),
    "rating.unknown_score": Figure(
        "50", CHECK + "score of a customer without any payment record: grade CCC."
    ),
    "rating.unknown_confidence": Figure("0.20", CHECK + "confidence in the rating of an unknown customer."),
    "rating.overdue_cap_days": Figure(60, CHECK + "an item overdue for longer caps the grade."),
    "rating.overdue_cap_grade": Figure(
        "CCC", CHECK + "the best grade while an item is overdue for too long."
    ),
    "rating.altman": Figure(
        {
            "z": {
                "terms": {"x1": "1.2", "x2": "1.4", "x3": "3.3", "x4": "0.6", "x5": "1.0"},
                "safe_above": "2.99",
                "distress_below": "1.81",
            },
            "z_private": {
                "terms": {"x1": "0.717", "x2": "0.847", "x3": "3.107", "x4": "0.420", "x5": "0.998"},
                "safe_above": "2.90",
                "distress_below": "1.23",
            },
            "z_others": {
                "terms": {"x1": "6.56", "x2": "3.26", "x3": "6.72", "x4": "1.05"},
                "safe_above": "2.60",
                "distress_below": "1.10",
            },
        },
        RULES + "Altman's Z, Z′ (private) and Z″ with their zones; the weights of Z′ and Z″ (check).",
    ),
    "statements.tolerance": Figure(
        "0.005", CHECK + "share of total assets by which sums may be off, for rounded statements."
    ),
    "statements.years": Figure(3, RULES + "two or three years of statements are asked for."),
    "statements.jump": Figure(
        "3",
        CHECK
        + "sales that are this many times those of the year before, or a part as small, are asked about.",
    ),
    "statements.stale_after_months": Figure(
        18, CHECK + "months after its period ended from which the newest statement is stale."
    ),
    "rating.method_weights": Figure(
        {"quantitative": "0.60", "experience": "0.20", "industry": "0.20"},
        CHECK + "weights of the three methods; those that do not apply are left out, which is said.",
    ),
    "rating.least_coverage": Figure(
        "0.40", CHECK + "share of a scorecard's weight that must be known for it to count."
    ),
    "rating.missing_weight": Figure(
        "0.50", CHECK + "less confidence in proportion to the weight of which nothing is known."
    ),
    "rating.less_confidence": Figure(
        {
            "no_statements": "0.25",
            "stale_statements": "0.10",
            "one_year": "0.05",
            "unaudited": "0.05",
            "implausible": "0.15",
            "method_missing": "0.05",
        },
        CHECK + "less confidence for each of these doubts.",
    ),
    "rating.confidence_caps": Figure(
        [["0.30", "B"], ["0.45", "BBB"]],
        CHECK + "with less confidence than this, a grade is that at best, whatever is known speaks for.",
    ),
    "rating.judgement_reason_length": Figure(
        20, CHECK + "fewest characters that can give the reason of a judgement."
    ),
    "rating.vetoes": Figure(
        {
            "negative_equity": {"grade": "CCC"},
            "dishonesty_list": {"grade": "C"},
            "insolvency": {"grade": "C"},
            "open_litigation": {"grade": "B", "above": "100000"},
        },
        RULES + "these cap the grade; the caps and the amount of open litigation are start figures (check).",
    ),
    "rating.override_steps": Figure(
        1, CHECK + "steps of the ladder by which an analyst may override a grade."
    ),
    "rating.override_reason_length": Figure(
        20, CHECK + "fewest characters that can give the reason of an override."
    ),
    "rating.experience_scores": Figure(
        {"excellent": "95", "good": "82", "fair": "65", "weak": "50", "poor": "30"},
        CHECK + "what a judged level is worth.",
    ),
    "rating.experience_levels": Figure(
        {"positive": "good", "neutral": "fair", "negative": "weak"},
        CHECK + "level of a finding or reference by its assessment.",
    ),
    "rating.experience_dimensions": Figure(
        {
            "registration": "basic_quality",
            "industry_association": "basic_quality",
            "credit_platform": "repayment_ability",
            "references": "repayment_ability",
            "market": "prospects",
            "site_visit": "operating_ability",
            "customer_statement": "operating_ability",
        },
        CHECK + "the dimension that a channel of the investigation tells of.",
    ),
    "rating.experience_least": Figure(
        3, CHECK + "dimensions that must have a written judgement for the method to count."
    ),
    "rating.ownership_levels": Figure(
        {
            "listed": "good",
            "state_owned": "good",
            "public_body": "excellent",
            "private": "fair",
            "partnership": "fair",
            "sole_trader": "weak",
        },
        CHECK + "level of a kind of enterprise.",
    ),
    "rating.finding_indicators": Figure(
        {
            "industry_association": "industry_position",
            "credit_platform": "reputation",
            "site_visit": "management",
            "market": "market",
            "customer_statement": "orders",
        },
        CHECK + "the judged indicator that a channel of the investigation gives a level to.",
    ),
    "rating.report_levels": Figure(
        {
            "AAA": "excellent",
            "AA": "excellent",
            "A": "good",
            "BBB": "fair",
            "BB": "fair",
            "B": "weak",
            "CCC": "weak",
            "CC": "poor",
            "C": "poor",
            "D": "poor",
        },
        CHECK + "level of a third party's grade, as its report writes it.",
    ),
    "rating.evidence_months": Figure(
        24, CHECK + "months after which findings and references no longer count towards a rating."
    ),
    "rating.penalty_months": Figure(36, CHECK + "months for which an administrative penalty counts."),
    "envelope.basis": Figure(
        "own_equity", RULES + "what the company can bear is a share of its own equity, or of credit_sales."
    ),
    "envelope.own_equity": Figure(
        "100000000", CHECK + "the company's own equity in base currency; enter yours."
    ),
    "envelope.shares": Figure(
        {"total": "1.00", "low": "0.80", "medium": "0.40", "high": "0.15"},
        CHECK + "most that all limits, and those of a risk class, may come to as a share of the basis.",
    ),
}
