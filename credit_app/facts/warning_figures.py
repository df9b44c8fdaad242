"""Where the figures of a risk warning line stand today: ratios of the newest statement, and the payment record."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_app.domain.warning_line import RECORD
from credit_app.facts.rating_statements import years_of
from credit_app.models import payment_record, policy_values, the_company


def watched_now(
    session: Session, customer_id: int, day: date, keys: Iterable[str]
) -> dict[str, Decimal | None]:
    """Figure -> its value on `day`, None where nothing is known. Raises MissingRate."""
    wanted = list(keys)
    found: dict[str, Decimal | None] = dict.fromkeys(wanted)
    if any(key not in RECORD for key in wanted):
        last = years_of(session, customer_id, day, policy_values(session, day)).last
        found |= {key: last[key].value for key in wanted if key in last}
    if any(key in RECORD for key in wanted):
        record = payment_record(session, [customer_id], day, the_company(session).base_currency)
        for key in set(wanted) & set(RECORD):
            value = getattr(record, key)
            found[key] = None if value is None or record.is_empty else Decimal(value)
    return found
