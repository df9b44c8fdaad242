"""Late interest and fees as a letter claims them, in proportion to what of each debt it claims."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from credit_app.domain.dunning import DueItem
from credit_app.domain.money import minor_units, round_money
from credit_app.facts.interest_claims import unclaimed_of


def with_charges(
    session: Session, items: Iterable[DueItem], country: str | None, today: date
) -> Sequence[DueItem]:
    """The items with the late interest up to today and the fee that the law gives, less what was claimed by an item of
    its own or waived before; a part that is disputed or
    promised bears its share of neither. Raises Refused when a rate is missing."""
    items = list(items)
    found = unclaimed_of(session, [item.item_id for item in items if item.claimed > 0], country, today)
    charged = []
    for item in items:
        one = found.get(item.item_id)
        if one is not None and item.claimed > 0:
            share = item.claimed / item.open_amount
            interest = round_money(one.amount * share, minor_units(item.currency))
            charged.append(replace(item, interest=interest, fee=one.fee, fee_currency=one.fee_currency or ""))
        else:
            charged.append(item)
    return charged
