"""The words of renewals and milestones in a history: what their tables, columns and codes are called."""

from collections.abc import Mapping
from typing import Any

from credit_app.forms.performance import MILESTONE_WORDS
from credit_app.i18n import _l
from credit_app.screens.words import STATUSES

Words = Mapping[str, Any]


def _statuses(prefix: str) -> dict[str, Any]:
    """The words of one kind of row, by its own status."""
    return {code.removeprefix(prefix): one.label for code, one in STATUSES.items() if code.startswith(prefix)}


RENEWAL_TABLES = {
    "contract_milestone": _l("Milestone"),
    "contract_renewal": _l("Contract renewal"),
}
RENEWAL_COLUMNS = {
    "closed_by": _l("Ended by"),
    "decide_by": _l("To be decided by"),
    "done_on": _l("Done on"),
    "ends_on": _l("Ends"),
    "evidence": _l("How it is known"),
    "noticed_on": _l("Notice received"),
}
RENEWAL_OUTCOMES: Words = {
    "renew": _l("renew"),
    "leave": _l("left to its terms"),
    "notice": _l("give notice"),
    "given": _l("notice given"),
    "not_given": _l("notice not given"),
}
RENEWAL_CODES: Mapping[str, Words] = {
    "contract_renewal.status": _statuses("contract_renewal_"),
    "contract_milestone.status": _statuses("milestone_"),
    "contract_milestone.kind": MILESTONE_WORDS,
}
RENEWAL_STATUSES: Words = {**_statuses("milestone_"), **_statuses("contract_renewal_")}
