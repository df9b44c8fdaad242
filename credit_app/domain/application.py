"""What a credit application must hold before it is submitted."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from credit_app.domain.countries import is_country
from credit_app.domain.money import format_amount
from credit_app.domain.policy_values import (
    Values,
    decimal_of,
    list_of,
    to_text,
    whole_of,
)
from credit_app.domain.sentences import N_, Sentence

CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class ApplicationPolicy:
    """What may be asked for at all; the highest limit is in base currency."""

    shortest_terms: int
    longest_terms: int
    highest_limit: Decimal
    payment_methods: tuple[str, ...]
    new_customer_fields: tuple[str, ...]
    purpose_length: int  # fewest characters that say something

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy naming the figure."""
        return cls(
            whole_of(values, "application.shortest_terms_days"),
            whole_of(values, "application.longest_terms_days"),
            decimal_of(values, "application.highest_limit"),
            list_of(values, "application.payment_methods", to_text),
            list_of(values, "application.new_customer_fields", to_text),
            whole_of(values, "application.purpose_length"),
        )


@dataclass(frozen=True, slots=True)
class ApplicationValues:
    """What was entered so far, read into plain values; None or empty where nothing was.

    `limit_in_base` is the requested limit in base currency, None while it cannot be converted.
    """

    customer_id: int | None = None
    new_customer: Mapping[str, str | None] | None = None
    requested_limit: Decimal | None = None
    limit_in_base: Decimal | None = None
    currency: str | None = None
    terms_days: int | None = None
    payment_method: str | None = None
    yearly_purchases: Decimal | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A field (new customer's as `new_customer.name`) and what is missing or wrong about it."""

    field: str
    sentence: Sentence


def completeness(entered: ApplicationValues, policy: ApplicationPolicy) -> tuple[Problem, ...]:
    """All that keeps the application from being submitted, in the order of the form; empty: complete."""
    return tuple(
        problem
        for found in (
            _customer(entered, policy),
            _limit(entered, policy),
            _terms(entered, policy),
            _payment_method(entered, policy),
            _purchases(entered),
            _purpose(entered, policy),
        )
        for problem in found
    )


def _problem(field: str, code: str, text: str, **values: object) -> Problem:
    return Problem(field, Sentence(f"application.{code}", text, values))


def _customer(entered: ApplicationValues, policy: ApplicationPolicy) -> Iterator[Problem]:
    if entered.customer_id is not None and entered.new_customer:
        yield _problem("customer_id", "two_customers", N_("Choose a customer or enter a new one, not both."))
    elif entered.customer_id is None and not entered.new_customer:
        yield _problem("customer_id", "customer_missing", N_("Choose a customer or enter a new one."))
    elif entered.new_customer:
        yield from _new_customer(entered.new_customer, policy)


def _new_customer(fields: Mapping[str, str | None], policy: ApplicationPolicy) -> Iterator[Problem]:
    for name in policy.new_customer_fields:
        if not (fields.get(name) or "").strip():
            text = _NEW_CUSTOMER.get(name, N_("This field of the new customer is missing."))
            yield _problem(f"new_customer.{name}", f"new_customer_{name}_missing", text)
    number = (fields.get("registration_number") or "").strip()
    if number and not any(sign.isalnum() for sign in number):
        text = N_("“%(number)s” is no registration number; it holds letters or digits.")
        yield _problem("new_customer.registration_number", "registration_invalid", text, number=number[:40])
    country = (fields.get("country") or "").strip()
    if country and not is_country(country):
        text = N_("“%(country)s” is not a country code of two letters such as DE.")
        yield _problem("new_customer.country", "country_invalid", text, country=country[:40])


def _limit(entered: ApplicationValues, policy: ApplicationPolicy) -> Iterator[Problem]:
    limit, in_base = entered.requested_limit, entered.limit_in_base
    if limit is None:
        yield _problem("requested_limit", "limit_missing", N_("Enter the limit that is asked for."))
    elif not limit.is_finite() or limit <= 0:
        yield _problem("requested_limit", "limit_not_positive", N_("The limit must be above zero."))
    elif in_base is not None and in_base > policy.highest_limit:
        highest = format_amount(policy.highest_limit)
        text = N_("The limit is above %(highest)s in base currency, the most that can be asked for.")
        yield _problem("requested_limit", "limit_too_high", text, highest=highest)
    if not entered.currency:
        yield _problem("currency", "currency_missing", N_("Choose the currency of the limit."))
    elif not CURRENCY.fullmatch(entered.currency):
        text = N_("“%(currency)s” is not a currency code of three letters such as EUR.")
        yield _problem("currency", "currency_invalid", text, currency=entered.currency[:40])


def _terms(entered: ApplicationValues, policy: ApplicationPolicy) -> Iterator[Problem]:
    if entered.terms_days is None:
        yield _problem("terms_days", "terms_missing", N_("Enter the credit terms in days."))
    elif not policy.shortest_terms <= entered.terms_days <= policy.longest_terms:
        text = N_("Credit terms lie between %(shortest)s and %(longest)s days.")
        shortest, longest = policy.shortest_terms, policy.longest_terms
        yield _problem("terms_days", "terms_out_of_range", text, shortest=shortest, longest=longest)


def _payment_method(entered: ApplicationValues, policy: ApplicationPolicy) -> Iterator[Problem]:
    if not entered.payment_method:
        yield _problem("payment_method", "payment_method_missing", N_("Choose a payment method."))
    elif entered.payment_method not in policy.payment_methods:
        text = N_("“%(method)s” is not one of the payment methods.")
        yield _problem("payment_method", "payment_method_unknown", text, method=entered.payment_method[:40])


def _purchases(entered: ApplicationValues) -> Iterator[Problem]:
    purchases = entered.yearly_purchases
    if purchases is None:
        text = N_("Enter the yearly purchases that are expected.")
        yield _problem("yearly_purchases", "purchases_missing", text)
    elif not purchases.is_finite() or purchases <= 0:
        text = N_("The yearly purchases must be above zero.")
        yield _problem("yearly_purchases", "purchases_not_positive", text)


def _purpose(entered: ApplicationValues, policy: ApplicationPolicy) -> Iterator[Problem]:
    purpose = (entered.purpose or "").strip()
    if not purpose:
        yield _problem("purpose", "purpose_missing", N_("Say what the credit is for."))
    elif len(purpose) < policy.purpose_length:
        text = N_("Say in at least %(length)s characters what the credit is for.")
        yield _problem("purpose", "purpose_too_short", text, length=policy.purpose_length)


_NEW_CUSTOMER = {
    "name": N_("Enter the name of the new customer."),
    "registration_number": N_("Enter the registration number of the new customer."),
    "country": N_("Choose the country of the new customer."),
    "city": N_("Enter the city of the new customer."),
    "industry": N_("Choose the industry of the new customer."),
}
