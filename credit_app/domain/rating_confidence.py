"""How far a rating is trusted, from 1 down, with every doubt said in a sentence: nothing missing is averaged away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.grades import CENT
from credit_app.domain.policy_values import Values, decimal_of, table_of, to_decimal
from credit_app.domain.scorecard import Card
from credit_app.domain.scorecard_models import dimension_name
from credit_app.domain.sentences import N_, Sentence

DOUBTS = ("no_statements", "stale_statements", "one_year", "unaudited", "implausible", "method_missing")


@dataclass(frozen=True, slots=True)
class ConfidencePolicy:
    """What lowers the confidence, and the least that is left."""

    missing_weight: Decimal  # if nothing at all were known, in proportion
    less: Mapping[str, Decimal]  # doubt -> so much less
    floor: Decimal

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy naming the figure that is missing or malformed."""
        less = table_of(values, "rating.less_confidence", to_decimal)
        missing = [doubt for doubt in DOUBTS if doubt not in less]
        if missing:
            raise InvalidPolicy(
                key="rating.less_confidence", problem="without %(names)s", names=tuple(missing)
            )
        return cls(
            decimal_of(values, "rating.missing_weight"),
            less,
            decimal_of(values, "rating.unknown_confidence"),
        )


@dataclass(frozen=True, slots=True)
class StatementsState:
    """What is known of the statements themselves; `newest` None: there are none, for the `reason` given."""

    newest: date | None = None
    years: int = 0
    stale: bool = False
    audited: bool = False
    wrong: int = 0  # remarks that say that something cannot be right
    missing_years: tuple[int, ...] = ()


def confidence_in(
    card: Card, unusable: Sequence[Sentence], statements: StatementsState, policy: ConfidencePolicy
) -> tuple[Decimal, list[Sentence]]:
    """Trust from 1 down: what of the model is unknown, doubts about the statements, `unusable` methods."""
    confidence = 1 - policy.missing_weight * (1 - card.coverage)
    reasons = [
        Sentence(
            "rating.unknown_points",
            _UNKNOWN_POINTS,
            {
                "dimension": dimension_name(one.dimension),
                "missing": f"{missing.normalize():f}",
                "of": f"{one.of.normalize():f}",
            },
        )
        for one in card.dimensions
        if (missing := one.of - one.possible - _idle(one.dimension, card)) > 0
    ]
    for doubt, sentence in _doubts(statements):
        confidence -= policy.less[doubt]
        reasons.insert(0, sentence)
    for sentence in unusable:
        confidence -= policy.less["method_missing"]
        reasons.append(sentence)
    return max(confidence, policy.floor).quantize(CENT), reasons


def _idle(dimension: str, card: Card) -> Decimal:
    """Points of a dimension whose indicators do not apply: nothing is missing there."""
    own = [one for one in card.points if one.dimension == dimension and not one.applies]
    return sum((one.of for one in own), Decimal(0))


def _doubts(statements: StatementsState) -> list[tuple[str, Sentence]]:
    if statements.newest is None:
        return [("no_statements", _NO_STATEMENTS)]
    found = []
    if statements.missing_years or statements.years < 2:
        years = ", ".join(str(year) for year in statements.missing_years) or str(statements.newest.year - 1)
        found.append(("one_year", Sentence("rating.missing_years", _MISSING_YEARS, {"years": years})))
    if statements.stale:
        day = statements.newest.isoformat()
        found.append(("stale_statements", Sentence("rating.stale_statements", _OLD, {"day": day})))
    if not statements.audited:
        found.append(("unaudited", _UNAUDITED))
    if statements.wrong:
        values = {"count": statements.wrong}
        found.append(("implausible", Sentence("rating.implausible", _IMPLAUSIBLE, values)))
    return found


def percent(share: Decimal) -> str:
    """A share as a number of per cent without needless zeros."""
    return f"{(share * 100).normalize():f}"


_UNKNOWN_POINTS = N_("“%(dimension)s”: nothing is known for %(missing)s of %(of)s points.")
_NO_STATEMENTS = Sentence("rating.no_statements", N_("There are no financial statements."))
_MISSING_YEARS = N_("Statements are missing: %(years)s.")
_OLD = N_("The newest statement ends on %(day)s and is stale.")
_UNAUDITED = Sentence("rating.unaudited", N_("The newest statement is not audited."))
_IMPLAUSIBLE = N_("The statements hold %(count)s figures that cannot be right.")
