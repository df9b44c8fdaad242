"""Quartiles of ratios by industry that a new company starts with, until it has peers enough of its own."""

from collections.abc import Mapping

from credit_app.domain.policy_figure import CHECK, Figure

PEERS: Mapping[str, Figure] = {
    "rating.peer_weights": Figure(
        {
            "equity_ratio": "20",
            "current_ratio": "15",
            "interest_cover": "10",
            "cash_flow_to_debt": "20",
            "operating_margin": "10",
            "return_on_assets": "15",
            "receivable_days": "5",
            "inventory_days": "5",
        },
        CHECK + "ratios that are compared with the industry, and what each weighs.",
    ),
    "rating.least_peers": Figure(
        8, CHECK + "customers of the same industry from which they are the peers, not the table."
    ),
    "rating.peer_coverage": Figure(
        "0.50", CHECK + "share of the compared ratios' weight that must have a percentile."
    ),
    "rating.percentile_scores": Figure(
        [
            ["0.05", "35"],
            ["0.10", "42"],
            ["0.25", "52"],
            ["0.40", "60"],
            ["0.60", "67"],
            ["0.75", "75"],
            ["0.90", "85"],
            [None, "95"],
        ],
        CHECK + "score of a percentile among peers: the middle of an industry is of medium risk.",
    ),
    "rating.peer_quartiles": Figure(
        {
            "*": {
                "equity_ratio": ["0.20", "0.35", "0.52"],
                "current_ratio": ["1.05", "1.40", "2.10"],
                "interest_cover": ["1.5", "4", "10"],
                "cash_flow_to_debt": ["0.05", "0.14", "0.30"],
                "operating_margin": ["0.01", "0.04", "0.09"],
                "return_on_assets": ["0.01", "0.04", "0.09"],
                "receivable_days": ["30", "48", "75"],
                "inventory_days": ["15", "45", "90"],
            },
            "wholesale": {
                "equity_ratio": ["0.15", "0.28", "0.45"],
                "current_ratio": ["1.05", "1.30", "1.85"],
                "interest_cover": ["1.5", "3.5", "9"],
                "cash_flow_to_debt": ["0.03", "0.09", "0.20"],
                "operating_margin": ["0.005", "0.02", "0.05"],
                "return_on_assets": ["0.01", "0.04", "0.08"],
                "receivable_days": ["25", "42", "62"],
                "inventory_days": ["25", "45", "75"],
            },
            "retail": {
                "equity_ratio": ["0.12", "0.28", "0.45"],
                "current_ratio": ["0.90", "1.25", "1.90"],
                "interest_cover": ["1.2", "3.5", "9"],
                "cash_flow_to_debt": ["0.04", "0.11", "0.24"],
                "operating_margin": ["0.003", "0.02", "0.05"],
                "return_on_assets": ["0.00", "0.04", "0.09"],
                "receivable_days": ["3", "10", "25"],
                "inventory_days": ["35", "60", "100"],
            },
            "machinery": {
                "equity_ratio": ["0.25", "0.38", "0.54"],
                "current_ratio": ["1.20", "1.60", "2.30"],
                "interest_cover": ["2", "5", "14"],
                "cash_flow_to_debt": ["0.06", "0.15", "0.30"],
                "operating_margin": ["0.02", "0.05", "0.10"],
                "return_on_assets": ["0.01", "0.05", "0.09"],
                "receivable_days": ["40", "58", "80"],
                "inventory_days": ["50", "85", "130"],
            },
            "construction": {
                "equity_ratio": ["0.15", "0.27", "0.43"],
                "current_ratio": ["1.05", "1.30", "1.80"],
                "interest_cover": ["1.5", "4", "12"],
                "cash_flow_to_debt": ["0.03", "0.10", "0.22"],
                "operating_margin": ["0.01", "0.03", "0.07"],
                "return_on_assets": ["0.01", "0.04", "0.08"],
                "receivable_days": ["40", "65", "100"],
                "inventory_days": ["5", "30", "90"],
            },
        },
        CHECK + "quartiles of ratios by industry; replace them by those of your own statistics office.",
    ),
}
