"""The figures of old debts that a new company starts with."""

from collections.abc import Mapping

from credit_app.domain.policy_figure import CHECK, Figure

LEGACY_POLICY: Mapping[str, Figure] = {
    "legacy.age_days": Figure(
        365, CHECK + "days past due from which a debt found at take-over is an old one."
    ),
    "legacy.protected_kinds": Figure(
        ["state_owned", "public_body"], CHECK + "kinds of enterprise that the state protects from collection."
    ),
    "legacy.unreached_attempts": Figure(
        3, CHECK + "attempts without reaching anybody after which a debtor counts as highly mobile."
    ),
    "legacy.paying_days": Figure(
        90, CHECK + "days within which a payment says that a debtor could pay its old debts."
    ),
}
