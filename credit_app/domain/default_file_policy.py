"""The figures of the customer file that a new company starts with: what is owed, how old it may be, who opens it."""

from collections.abc import Mapping

from credit_app.domain.policy_figure import CHECK, RULES, Figure

_RISKY = ["medium", "high", "none", "unrated"]

FILE_POLICY: Mapping[str, Figure] = {
    "file.owed": Figure(
        [
            {"part": "registration_number"},
            {"part": "country"},
            {"part": "industry"},
            {"part": "address"},
            {"part": "enterprise_kind"},
            {"part": "contacts"},
            {"part": "owners", "customers": ["new"], "stale_after_days": 730},
            {"part": "owners", "customers": ["existing"], "risks": _RISKY, "stale_after_days": 730},
            {"part": "item:business_activity", "stale_after_days": 730},
            {"part": "item:management", "customers": ["new"], "stale_after_days": 730},
            {"part": "item:order_situation", "risks": _RISKY, "stale_after_days": 365},
            {"part": "references", "customers": ["new"], "stale_after_days": 365},
            {"part": "investigation", "risks": ["low"], "stale_after_days": 730},
            {"part": "investigation", "risks": _RISKY, "stale_after_days": 365},
            {"part": "report", "customers": ["new"], "stale_after_days": 365},
            {"part": "report", "customers": ["existing"], "risks": _RISKY, "stale_after_days": 365},
            {"part": "statements", "customers": ["new"]},
            {"part": "statements", "customers": ["existing"], "risks": _RISKY},
            {"part": "rating", "customers": ["existing"]},
        ],
        CHECK
        + "what a customer file owes by kind of customer and risk, and after how many days it is stale.",
    ),
    "access.assignment_only": Figure(
        ["sales_rep"],
        RULES + "roles that open without a reason only the files assigned to them or to nobody.",
    ),
    "access.with_reason": Figure(
        ["credit_analyst", "credit_manager", "finance_director", "cfo", "committee", "auditor"],
        RULES + "roles that may open the file of another branch when they give a reason.",
    ),
    "access.grant_hours": Figure(8, CHECK + "hours for which a file stays open after a reason was given."),
}
