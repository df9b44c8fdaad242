"""The figures of holds, visits and placements with agencies that a new company starts with."""

from collections.abc import Mapping

from credit_app.domain.policy_figure import CHECK, Figure

HOLDS_POLICY: Mapping[str, Figure] = {
    "hold.notice_days": Figure(
        {"CN": 10, "DE": 7, "FR": 8, "GB": 7, "other": 10},
        CHECK
        + "calendar days from the delivery of the notice to the stop, as law and contracts ask by country.",
    ),
    "hold.proposer_releases": Figure(
        False, CHECK + "whether whoever proposed a hold may also decide on its release."
    ),
    "visit.most_put_offs": Figure(2, CHECK + "how often a visit on site may be put off."),
    "visit.longest_ahead_days": Figure(60, CHECK + "calendar days ahead up to which a visit is planned."),
    "agency.manager_up_to": Figure(
        "20000",
        CHECK
        + "amount in base currency up to which a credit manager approves a placement, above it a finance director.",
    ),
    "agency.recall_days": Figure(14, CHECK + "fewest calendar days of notice when debts are recalled."),
    "agency.report_days": Figure(30, CHECK + "calendar days between two reports of an agency."),
    "agency.late_report_days": Figure(
        7, CHECK + "calendar days after which a report that did not come is due anew."
    ),
    "agency.fee_chargeable": Figure(
        ["DE", "FR"], CHECK + "countries whose law lets us ask the fee of an agency of the debtor."
    ),
}
