"""From points to a grade: the analyst's judgement, what caps the grade, and how little may be known for a good one."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from credit_app.domain.errors import DomainError, InvalidPolicy
from credit_app.domain.grades import NO_CREDIT, GradePolicy
from credit_app.domain.policy_values import Values, list_of, to_decimal, whole_of
from credit_app.domain.rating_confidence import percent
from credit_app.domain.sentences import N_, Sentence

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class GradingPolicy:
    """The ladder, the caps by confidence and what a judgement needs."""

    grades: GradePolicy
    caps: tuple[tuple[Decimal, str], ...]  # below this confidence that grade at best, the lowest first
    reason_length: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy naming the figure that is missing or malformed."""
        grades = GradePolicy.from_policy(values)

        def cap(key: str, row: Any) -> tuple[Decimal, str]:
            known = isinstance(row, Sequence) and not isinstance(row, str) and len(row) == 2
            if not known or row[1] not in grades.grades:
                raise InvalidPolicy(key=key, problem=f"no pair [confidence, grade]: {row!r}")
            return to_decimal(key, row[0]), str(row[1])

        caps = tuple(sorted(list_of(values, "rating.confidence_caps", cap)))
        return cls(grades, caps, whole_of(values, "rating.judgement_reason_length"))


@dataclass(frozen=True, slots=True)
class Judgement:
    """Points up or down by the analyst, with the written reason."""

    points: Decimal
    reason: str


class JudgementRefused(DomainError):
    """More points than the model allows, or no reason."""

    code = "rating.judgement"
    template = N_(
        "A judgement is at most %(most)s points up or down, with a reason of at least %(length)s characters."
    )


@dataclass(frozen=True, slots=True)
class Graded:
    """Points after the judgement, score after the caps, grade, risk class; `unsure` says that confidence caps it."""

    earned: Decimal
    score: Decimal
    grade: str
    risk: str
    cap: str | None
    unsure: tuple[Sentence, ...] = ()


def check_judgement(judgement: Judgement | None, most: Decimal, policy: GradingPolicy) -> None:
    """Raise JudgementRefused for more than `most` points or too short a reason."""
    if judgement is None:
        return
    if abs(judgement.points) > most or len(judgement.reason.strip()) < policy.reason_length:
        raise JudgementRefused(most=f"{most:f}", length=policy.reason_length)


def graded(
    unjudged: Decimal,
    judgement: Judgement | None,
    confidence: Decimal,
    caps: Sequence[str],
    policy: GradingPolicy,
) -> Graded:
    """What the points come to. `caps` are the best grades that the vetoes leave."""
    points = judgement.points if judgement else Decimal(0)
    earned = min(max(unjudged + points, Decimal(0)), HUNDRED)
    limit = next(
        (
            grade
            for below, grade in policy.caps
            if confidence < below and earned > policy.grades.highest_score(grade)
        ),
        None,
    )
    ladder = policy.grades.grades
    cap = max((*caps, *([limit] if limit else [])), key=ladder.index, default=None)
    score = min(earned, policy.grades.highest_score(cap)) if cap else earned
    grade = NO_CREDIT if cap == NO_CREDIT else policy.grades.grade_of(score)
    values = {"confidence": percent(confidence), "grade": limit}
    unsure = (Sentence("rating.unsure", _UNSURE, values),) if limit else ()
    return Graded(earned, score, grade, policy.grades.risk_of(grade), cap, unsure)


_UNSURE = N_("The confidence is only %(confidence)s %%: the grade is %(grade)s at best.")
