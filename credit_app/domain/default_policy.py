"""The policy that a new company starts with: every figure with its source; the company edits them as data.

Amounts are in base currency; what is not a whole number is written as text, for JSON floats are not exact.
"""

from collections.abc import Mapping
from typing import Any

from credit_app.domain.default_assessment_policy import ASSESSMENT_POLICY
from credit_app.domain.default_collection_policy import COLLECTION_POLICY
from credit_app.domain.default_contract_policy import CONTRACT_POLICY
from credit_app.domain.default_dispute_policy import DISPUTE_POLICY
from credit_app.domain.default_dunning_policy import DUNNING_POLICY
from credit_app.domain.default_file_policy import FILE_POLICY
from credit_app.domain.default_holds_policy import HOLDS_POLICY
from credit_app.domain.default_interest_policy import INTEREST_POLICY
from credit_app.domain.default_ledger_policy import LEDGER_POLICY
from credit_app.domain.default_legacy_policy import LEGACY_POLICY
from credit_app.domain.default_legal_policy import LEGAL_POLICY
from credit_app.domain.default_loss_policy import LOSS_POLICY
from credit_app.domain.default_order_check_policy import ORDER_CHECK_POLICY, ORDER_RELEASE_POLICY
from credit_app.domain.default_promises_policy import PROMISES_POLICY
from credit_app.domain.default_rating_policy import RATING_POLICY
from credit_app.domain.default_review_policy import REVIEW_POLICY
from credit_app.domain.default_scorecards import SCORECARDS
from credit_app.domain.default_worklist_policy import WORKLIST_POLICY
from credit_app.domain.policy_figure import CHECK as _CHECK
from credit_app.domain.policy_figure import RULES as _RULES
from credit_app.domain.policy_figure import Figure

__all__ = ["DEFAULT_POLICY", "Figure", "default_values"]

_ALL_METHODS = ["open_account", "bill", "instalments", "cash_on_delivery", "prepayment"]


DEFAULT_POLICY: Mapping[str, Figure] = {
    **RATING_POLICY,
    **FILE_POLICY,
    **REVIEW_POLICY,
    **LEDGER_POLICY,
    **COLLECTION_POLICY,
    **DUNNING_POLICY,
    **INTEREST_POLICY,
    **LOSS_POLICY,
    **PROMISES_POLICY,
    **LEGAL_POLICY,
    **HOLDS_POLICY,
    **WORKLIST_POLICY,
    **DISPUTE_POLICY,
    **LEGACY_POLICY,
    **CONTRACT_POLICY,
    **ORDER_CHECK_POLICY,
    **ORDER_RELEASE_POLICY,
    **SCORECARDS,
    **ASSESSMENT_POLICY,
    "limit.vat_rate": Figure(
        "0.20",
        _CHECK + "VAT on the company's invoices, part of what the customer owes; set it to your country's.",
    ),
    "limit.months_of_purchases": Figure(
        "1", _RULES + "limit by average monthly purchases × season factor; the number of months is editable."
    ),
    "limit.season_factor_cap": Figure("2.0", _CHECK + "the most that a season's peak may raise a limit."),
    "limit.behaviour_factors": Figure(
        [["0", "1.2"], ["5", "1.1"], ["10", "1.0"], ["20", "0.8"], ["30", "0.5"], [None, "0"]],
        _CHECK + "factor on the current limit by amount-weighted average days late.",
    ),
    "limit.concentration_share": Figure(
        "0.10", _CHECK + "highest share of own sales that one customer may have."
    ),
    "limit.tangible_net_worth_share": Figure(
        "0.10", _RULES + "a limit is at most 10 % of the customer's tangible net worth."
    ),
    "limit.working_capital_share": Figure("0.20", _CHECK + "share of the customer's working capital."),
    "limit.rounding": Figure(
        [["0", "10"], ["1000", "100"], ["10000", "1000"], ["100000", "5000"]],
        _CHECK + "from this size on, proposals are rounded down to a multiple of that.",
    ),
    "limit.review_months": Figure(
        {"AAA": 12, "AA": 12, "A": 12, "BBB": 6, "BB": 6, "B": 6, "CCC": 3, "CC": 3, "C": 3, "D": 1},
        _CHECK + "months until the review by grade; D only where a limit was granted as an exception.",
    ),
    "limit.review_grace_days": Figure(30, _CHECK + "days that a limit still holds after its review was due."),
    "application.shortest_terms_days": Figure(1, _CHECK + "shortest credit terms that can be asked for."),
    "application.longest_terms_days": Figure(180, _CHECK + "longest credit terms that can be asked for."),
    "application.highest_limit": Figure(
        "100000000", _CHECK + "highest limit that can be asked for, in base currency."
    ),
    "application.payment_methods": Figure(
        _ALL_METHODS, _CHECK + "payment methods offered on the application."
    ),
    "application.new_customer_fields": Figure(
        ["name", "registration_number", "country", "industry"],
        _CHECK + "what must be known of a new customer before an application is submitted.",
    ),
    "application.purpose_length": Figure(10, _CHECK + "fewest characters that can name a purpose."),
    "application.split_window_days": Figure(
        90, _RULES + "applications of the same customer within 90 days are added up, so that none is split."
    ),
    "authority.stand_ins": Figure(
        {},
        "Levels that a company does not have, with the level that decides for each; by default it has all.",
    ),
    "exposure.components": Figure(
        ["open_receivables", "delivered_not_invoiced", "orders_confirmed", "bills_not_matured"],
        _RULES + "components of gross exposure, each of which can be left out.",
    ),
    "approval.remind_after_days": Figure(1, _CHECK + "business days after which an approver is reminded."),
    "approval.due_after_days": Figure(2, _CHECK + "business days within which an approver should decide."),
    "approval.escalate_after_days": Figure(3, _CHECK + "business days after which the next level is told."),
    "approval.take_back_minutes": Figure(
        15,
        _CHECK
        + "minutes for which a decider may take a decision back, unless somebody opens the case first.",
    ),
    "approval.opinion_days": Figure(
        2, _CHECK + "business days for an opinion where the approver names no day."
    ),
    "approval.most_opinions": Figure(
        10, _CHECK + "most colleagues that one level may ask for an opinion about one application."
    ),
    "approval.most_added": Figure(3, _CHECK + "most approvers that may be added to one application."),
    "committee.quorum_share": Figure(
        "0.5", _CHECK + "share of the committee's seats that must vote, rounded up."
    ),
    "committee.least_members": Figure(3, _CHECK + "fewest members with whom the committee decides."),
    "committee.majority": Figure(
        "0.5", _CHECK + "share of the votes for and against that must be exceeded to approve."
    ),
    "committee.vote_days": Figure(3, _CHECK + "business days within which the committee votes."),
    "committee.most_meetings": Figure(
        2, _CHECK + "meetings without a quorum after which the highest single level decides."
    ),
    "approval.bulk": Figure(
        {"highest_amount": "50000", "levels": ["credit_analyst", "credit_manager"], "most": 25},
        _CHECK
        + "approvals that may be given several at a time: highest limit in base currency, levels, number.",
    ),
    "notices.digest_at": Figure("07:30", _CHECK + "local time from which the day's digest is sent."),
    "calendar.weekdays": Figure([0, 1, 2, 3, 4], "Working days of the week, Monday is 0: Monday to Friday."),
    "calendar.closes_at": Figure("18:00", _CHECK + "local time at which a business day ends."),
    "ageing.bucket_ends": Figure(
        [0, 30, 60, 90, 180, 365, 730, 1095],
        _RULES + "last day past due of each ageing bucket; older items stand in a last one.",
    ),
    "sign_in.attempts": Figure(5, _CHECK + "failed sign-ins after which an account is locked."),
    "sign_in.lock_minutes": Figure(15, _CHECK + "minutes for which an account is locked."),
    "sign_in.idle_minutes": Figure(60, _CHECK + "minutes without activity after which a session ends."),
    "sign_in.absolute_hours": Figure(12, _CHECK + "hours after which every session ends."),
    "sign_in.link_minutes": Figure(60, _CHECK + "minutes for which a link to set a password holds."),
    "currency.max_age_days": Figure(7, _CHECK + "an exchange rate older than this many days is not used."),
}


def default_values() -> dict[str, Any]:
    """Key -> JSON value, the form in which every `...Policy.from_policy` reads the policy in force."""
    return {key: figure.value for key, figure in DEFAULT_POLICY.items()}
