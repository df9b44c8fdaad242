"""Proposes a limit by every method whose inputs are known: what a customer needs beside what it can carry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.grades import GradePolicy, grade_table
from credit_app.domain.money import format_amount, round_down, round_money
from credit_app.domain.policy_values import (
    Step,
    Values,
    climb,
    decimal_of,
    list_of,
    table_of,
    to_decimal,
    to_ladder,
    to_step,
    value_of,
)
from credit_app.domain.sentences import N_, Sentence

PROPOSED = "proposed"  # the method under which the chosen figure is stored
DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class LimitPolicy:
    """Figures of the methods; caps and sizes for rounding in base currency, shares and rates as fractions."""

    vat_rate: Decimal
    months_of_purchases: Decimal
    season_factor_cap: Decimal
    behaviour_factors: tuple[Step, ...]  # weighted days late up to -> factor on the current limit
    cap_by_grade: Mapping[str, Decimal]
    concentration_share: Decimal  # one customer's limit out of own yearly credit sales
    tangible_net_worth_share: Decimal
    working_capital_share: Decimal
    rounding: tuple[tuple[Decimal, Decimal], ...]  # from this amount on, down to a multiple of that

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy naming the figure that is missing or malformed."""
        caps = table_of(values, "limit.cap_by_grade", to_decimal)
        grade_table("limit.cap_by_grade", caps, GradePolicy.from_policy(values))
        rounding = tuple(
            (start or Decimal(0), step) for start, step in list_of(values, "limit.rounding", to_step)
        )
        if not rounding or rounding[0][0] != 0 or any(step <= 0 for _, step in rounding):
            raise InvalidPolicy(key="limit.rounding", problem="not rising steps from 0 on")
        return cls(
            vat_rate=decimal_of(values, "limit.vat_rate"),
            months_of_purchases=decimal_of(values, "limit.months_of_purchases"),
            season_factor_cap=decimal_of(values, "limit.season_factor_cap"),
            behaviour_factors=to_ladder(
                "limit.behaviour_factors", value_of(values, "limit.behaviour_factors")
            ),
            cap_by_grade=caps,
            concentration_share=decimal_of(values, "limit.concentration_share"),
            tangible_net_worth_share=decimal_of(values, "limit.tangible_net_worth_share"),
            working_capital_share=decimal_of(values, "limit.working_capital_share"),
            rounding=tuple(sorted(rounding)),
        )


@dataclass(frozen=True, slots=True)
class LimitFacts:
    """What is known of the customer; amounts in the application's currency, None where nothing is known.

    `base_rate` is how many units of that currency one unit of base currency is worth (1 when it is the same).
    """

    requested: Decimal
    terms_days: int
    grade: str
    yearly_purchases: Decimal | None = None
    average_month: Decimal | None = None
    season_factor: Decimal | None = None
    current_limit: Decimal | None = None
    weighted_days_late: Decimal | None = None
    own_yearly_sales: Decimal | None = None
    tangible_net_worth: Decimal | None = None
    working_capital: Decimal | None = None
    insurer_limit: Decimal | None = None
    insurer_cover: Decimal | None = None  # fraction
    envelope_room: Decimal | None = None  # what the company's own credit envelope leaves for this customer
    base_rate: Decimal = Decimal(1)
    decimals: int = 2


@dataclass(frozen=True, slots=True)
class Proposal:
    """One method's figure with its inputs; not applicable: no amount, and the note says what is missing."""

    method: str
    amount: Decimal | None
    applicable: bool
    inputs: Mapping[str, Decimal | int | str | None] = field(hash=False)
    note: Sentence


@dataclass(frozen=True, slots=True)
class ProposedLimit:
    """The default figure for the analyst to argue with, the method that set it, and all methods beside it."""

    amount: Decimal
    method: str
    proposals: tuple[Proposal, ...]
    reasons: tuple[Sentence, ...]


Inputs = dict[str, Decimal | int | str | None]


def propose_limits(facts: LimitFacts, policy: LimitPolicy) -> ProposedLimit:
    """All methods, and the lowest applicable figure rounded down to policy's step, at most the request."""
    proposals = tuple(
        _proposal(method, inputs, needed, compute, facts.decimals)
        for method, inputs, needed, compute in _methods(facts, policy)
    )
    # never empty: the cap of the grade always applies
    lowest, method = min((p.amount, p.method) for p in proposals if p.amount is not None)
    rounded = round_limit(lowest, policy, facts.base_rate)
    if rounded >= facts.requested:
        return ProposedLimit(facts.requested, "requested", proposals, (_AS_ASKED,))
    reasons = [Sentence("limits.lowest", _LOWEST, {"method": method})]
    if rounded != lowest:
        reasons.append(
            Sentence(
                "limits.rounded",
                _ROUNDED,
                {"amount": format_amount(lowest), "rounded": format_amount(rounded)},
            )
        )
    return ProposedLimit(rounded, method, proposals, tuple(reasons))


def round_limit(amount: Decimal, policy: LimitPolicy, base_rate: Decimal = Decimal(1)) -> Decimal:
    """`amount` rounded down to the step for its size; size is judged in base currency, the step is not."""
    in_base = amount / base_rate
    step = next(step for start, step in reversed(policy.rounding) if start == 0 or in_base >= start)
    return round_down(amount, step)


def _methods(
    facts: LimitFacts, policy: LimitPolicy
) -> list[tuple[str, Inputs, tuple[str, ...], Callable[[], Decimal]]]:
    """(method, inputs, inputs it cannot do without, formula) in the order in which they are shown."""
    f, p = facts, policy
    zero = Decimal(0)
    season = min(f.season_factor or Decimal(1), p.season_factor_cap)
    factor = climb(p.behaviour_factors, f.weighted_days_late) if f.weighted_days_late is not None else None
    cap = p.cap_by_grade[f.grade]
    return [
        (
            "need",
            {"yearly_purchases": f.yearly_purchases, "terms_days": f.terms_days, "vat_rate": p.vat_rate},
            ("yearly_purchases",),
            lambda: (f.yearly_purchases or zero) / DAYS_A_YEAR * f.terms_days * (1 + p.vat_rate),
        ),
        (
            "monthly_purchases",
            {"average_month": f.average_month, "season_factor": season, "months": p.months_of_purchases},
            ("average_month",),
            lambda: (f.average_month or zero) * season * p.months_of_purchases,
        ),
        (
            "payment_behaviour",
            {
                "current_limit": f.current_limit,
                "weighted_days_late": f.weighted_days_late,
                "factor": factor,
            },
            ("current_limit", "weighted_days_late"),
            lambda: (f.current_limit or zero) * (factor or zero),
        ),
        (
            "grade_cap",
            {"grade": f.grade, "cap_in_base_currency": cap, "base_rate": f.base_rate},
            (),
            lambda: cap * f.base_rate,
        ),
        (
            "concentration",
            {"own_yearly_sales": f.own_yearly_sales, "share": p.concentration_share},
            ("own_yearly_sales",),
            lambda: (f.own_yearly_sales or zero) * p.concentration_share,
        ),
        (
            "tangible_net_worth",
            {"tangible_net_worth": f.tangible_net_worth, "share": p.tangible_net_worth_share},
            ("tangible_net_worth",),
            lambda: max(zero, f.tangible_net_worth or zero) * p.tangible_net_worth_share,
        ),
        (
            "working_capital",
            {"working_capital": f.working_capital, "share": p.working_capital_share},
            ("working_capital",),
            lambda: max(zero, f.working_capital or zero) * p.working_capital_share,
        ),
        (
            "insurer_limit",
            {"insurer_limit": f.insurer_limit, "cover": f.insurer_cover},
            ("insurer_limit", "cover"),
            lambda: (f.insurer_limit or zero) / (f.insurer_cover or Decimal(1)),
        ),
        (
            "envelope_room",
            {"envelope_room": f.envelope_room},
            ("envelope_room",),
            lambda: max(zero, f.envelope_room or zero),
        ),
    ]


def _proposal(
    method: str, inputs: Inputs, needed: tuple[str, ...], compute: Callable[[], Decimal], decimals: int
) -> Proposal:
    missing = [name for name in needed if inputs[name] is None]
    if missing:
        note = Sentence("limits.missing", _MISSING, {"missing": tuple(missing)})
        return Proposal(method, None, False, inputs, note)
    return Proposal(method, round_money(compute(), decimals), True, inputs, _NOTES[method])


_AS_ASKED = Sentence("limits.as_asked", N_("No method stays below the limit asked for."))
_LOWEST = N_("The lowest applicable figure is that of “%(method)s”.")
_ROUNDED = N_("%(amount)s is rounded down to %(rounded)s.")
_MISSING = N_("Not applicable, missing: %(missing)s.")
_NOTES: Mapping[str, Sentence] = {
    method: Sentence(f"limits.{method}", text)
    for method, text in {
        "need": N_("Yearly purchases ÷ 365 × terms in days × (1 + VAT)."),
        "monthly_purchases": N_("Average monthly purchases × season factor × months."),
        "payment_behaviour": N_("Current limit × factor for the average days late."),
        "grade_cap": N_("The highest limit that policy allows this grade."),
        "concentration": N_("Share of own yearly sales that one customer may have."),
        "tangible_net_worth": N_("Share of the customer's tangible net worth."),
        "working_capital": N_("Share of the customer's working capital."),
        "insurer_limit": N_("Insurer's limit ÷ cover."),
        "envelope_room": N_("Room left in the company's own credit envelope."),
    }.items()
}
METHODS = tuple(_NOTES)
