"""Late interest of invoices out of the ledger: every entry of each, by the law of the customer's country."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.domain import late_interest as rules
from credit_app.domain.errors import DomainError
from credit_app.domain.interest_policy import InterestPolicy
from credit_app.domain.late_interest import Interest
from credit_app.models import convert_all, policy_values
from workflows import Refused

ZERO = Decimal(0)


class InterestRefused(Refused):
    """Interest that cannot be computed or claimed."""

    @classmethod
    def by(cls, error: DomainError) -> "InterestRefused":
        """The refusal with the sentence of the rule that was not met."""
        return cls(error.sentence.template, **error.sentence.values)


# Only invoices bear interest: interest on interest and on costs is not claimed.
_INVOICES = text("""
    SELECT i.id, i.due_date, i.currency, i.amount, g.rate AS agreed, coalesce(g.small_enterprise, false) AS small,
        array_agg(e.on_date ORDER BY e.on_date) AS days, array_agg(e.amount ORDER BY e.on_date) AS amounts
    FROM receivable_item i JOIN item_entry e ON e.item_id = i.id LEFT JOIN LATERAL (
        SELECT a.rate, a.small_enterprise FROM interest_agreement a
        WHERE a.customer_id = i.customer_id AND a.valid_from <= i.due_date + 1
        ORDER BY a.valid_from DESC, a.id DESC LIMIT 1
    ) g ON true
    WHERE i.id = ANY(:ids) AND i.kind = 'invoice' AND i.due_date < :as_of AND e.on_date <= :as_of
    GROUP BY i.id, g.rate, g.small_enterprise ORDER BY i.id
""")


def interest_of(
    session: Session,
    item_ids: Iterable[int],
    country: str | None,
    as_of: date,
    begins: Mapping[int, date] | None = None,
) -> dict[int, Interest]:
    """Item id -> its late interest from the day after its due date up to and with `as_of`, and the invoice's fee.

    Invoices that were not overdue by then are left out. With `begins` (item id -> day) the interest before that day is.
    Everything ever in default is computed, claimed or not: see `unclaimed_of`. Raises InterestRefused, which names
    the rate or rule that is missing; MissingRate for a fee in a currency without an exchange rate.
    """
    policy = InterestPolicy.from_policy(policy_values(session, as_of))
    jurisdiction = policy.jurisdiction(country)
    rows = session.execute(_INVOICES, {"ids": list(item_ids), "as_of": as_of}).all()
    try:
        found = {
            row.id: rules.interest(policy, jurisdiction, _item(row, begins or {}), as_of) for row in rows
        }
        return _with_fees(session, policy, jurisdiction, rows, found, as_of)
    except DomainError as error:
        raise InterestRefused.by(error) from error


def _item(row: Any, begins: Mapping[int, date]) -> rules.Item:
    entries = list(zip(row.days, row.amounts, strict=True))
    agreed = rules.Agreed(row.agreed, row.small)
    return rules.Item(row.due_date, row.currency, entries, agreed, begins.get(row.id))


def _with_fees(
    session: Session,
    policy: InterestPolicy,
    jurisdiction: str,
    rows: Collection[Any],
    found: Mapping[int, Interest],
    as_of: date,
) -> dict[int, Interest]:
    """The fee goes by the amount of the invoice, in the currency of the fee; an item never in default has none."""
    late = [row for row in rows if found[row.id].segments]
    by_rule = {row.id: policy.rule(jurisdiction, row.due_date + rules.DAY) for row in late}
    done = dict(found)
    for currency in {rule.fee_currency for rule in by_rule.values() if rule.fee_currency}:
        owed = [row for row in late if by_rule[row.id].fee_currency == currency]
        debts = convert_all(session, [(row.amount, row.currency) for row in owed], currency, as_of)
        for row, debt in zip(owed, debts, strict=True):
            fee = by_rule[row.id].fee(debt)
            if fee:
                done[row.id] = replace(done[row.id], fee=fee, fee_currency=currency)
    return done
