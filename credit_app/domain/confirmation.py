"""Balance confirmations: when one is due, and where a signed answer lets limitation run anew."""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Self

from credit_app.domain.dates import add_months
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, list_of, table_of, to_text, to_whole, whole_of

EVERY = "confirmation.every_months"
COUNTRIES = "confirmation.interrupts_limitation"
MOST_SENDINGS = 3  # the first, and twice again when nobody answers


@dataclass(frozen=True, slots=True)
class ConfirmationPolicy:
    """Months between two confirmations by class of customer, how many begin in a day, and the countries (ISO 3166
    alpha-2) whose law restarts limitation when the debtor acknowledges the balance in writing."""

    key_months: int
    other_months: int
    most_a_day: int
    interrupting: frozenset[str]

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy."""
        months = table_of(values, EVERY, to_whole)
        if set(months) != {"key", "other"} or not all(1 <= number <= 120 for number in months.values()):
            raise InvalidPolicy(key=EVERY, problem="give from 1 to 120 months for key and for other")
        countries = frozenset(list_of(values, COUNTRIES, to_text))
        wrong = next((one for one in sorted(countries) if not _is_country(one)), None)
        if wrong is not None:
            raise InvalidPolicy(key=COUNTRIES, problem="no country of two letters: “%(value)s”", value=wrong)
        return cls(months["key"], months["other"], whole_of(values, "confirmation.most_a_day"), countries)

    def due_on(self, last: date, *, is_key: bool) -> date:
        """The day on which the next confirmation is due after one as of `last`."""
        return add_months(last, self.key_months if is_key else self.other_months)

    def first_on(self, customer_id: int, since: date, *, is_key: bool) -> date:
        """The day of a customer's first confirmation: one of the period from `since` on, always the same.

        Whoever was never asked is spread over the period, else all fell due on the day on which asking begins.
        """
        days = (self.due_on(since, is_key=is_key) - since).days
        place = int.from_bytes(sha256(str(customer_id).encode()).digest()[:8], "big") % days
        return since + timedelta(days=place)

    def interrupts(self, country: str | None, *, signed: bool) -> bool:
        """Whether an agreed balance restarts limitation: only a signed paper does, and only where the law says so."""
        return signed and country in self.interrupting


def may_send_again(sendings: int) -> bool:
    """Whether a statement that was sent so many times may be sent once more."""
    return sendings < MOST_SENDINGS


def _is_country(code: str) -> bool:
    return len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()
