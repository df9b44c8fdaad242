"""An analyst's grade instead of the model's: a few steps of the ladder at most, with a reason, never above a veto."""

from dataclasses import dataclass
from typing import Self

from credit_app.domain.errors import DomainError, InvalidPolicy
from credit_app.domain.grades import NO_CREDIT, GradePolicy
from credit_app.domain.policy_values import Values, whole_of
from credit_app.domain.sentences import N_


@dataclass(frozen=True, slots=True)
class OverridePolicy:
    """How many steps of the ladder, and how long the reason must be."""

    grades: GradePolicy
    steps: int
    reason_length: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy naming the figure."""
        found = cls(
            GradePolicy.from_policy(values),
            whole_of(values, "rating.override_steps"),
            whole_of(values, "rating.override_reason_length"),
        )
        if found.steps < 0:
            raise InvalidPolicy(key="rating.override_steps", problem="below zero")
        return found


class NoSuchGrade(DomainError):
    """The grade is not on the ladder."""

    code = "override.no_such_grade"
    template = N_("“%(grade)s” is no grade; choose one of %(grades)s.")


class OverrideTooFar(DomainError):
    """More steps than policy allows."""

    code = "override.too_far"
    template = N_(
        "From %(computed)s to %(grade)s are %(steps)s steps; the policy allows %(allowed)s. Choose one of %(grades)s."
    )


class OverrideWithoutReason(DomainError):
    """No reason, or too short a one."""

    code = "override.no_reason"
    template = N_("Another grade than the computed one needs a reason of at least %(length)s characters.")


class OverrideAboveVeto(DomainError):
    """A veto caps the grade."""

    code = "override.above_veto"
    template = N_("The grade is capped at %(cap)s and cannot be raised to %(grade)s.")


class NoCreditFixed(DomainError):
    """Grade D comes and goes with default and blacklist, not by judgement."""

    code = "override.no_credit"
    template = N_("Grade %(grade)s stands for default or blacklist and is not set or lifted by judgement.")


def allowed_grades(computed: str, cap: str | None, policy: OverridePolicy) -> tuple[str, ...]:
    """The grades that an analyst may choose, the best first, the computed one among them.

    `cap` is the best grade that the vetoes leave, None when none fires.
    """
    ladder = _ladder(policy)
    if computed not in ladder:
        return (computed,)
    place, best = ladder.index(computed), ladder.index(cap) if cap in ladder else 0
    first = max(place - policy.steps, min(best, place))
    return tuple(ladder[max(first, 0) : place + policy.steps + 1])


def check_override(
    computed: str, grade: str, reason: str | None, cap: str | None, policy: OverridePolicy
) -> str:
    """The grade, when the analyst may set it; raises a DomainError with one sentence otherwise."""
    if grade == computed:
        return grade
    if NO_CREDIT in (computed, grade):
        raise NoCreditFixed(grade=NO_CREDIT)
    ladder = _ladder(policy)
    if grade not in ladder:
        raise NoSuchGrade(grade=grade[:10], grades=", ".join(ladder))
    if cap is not None and (cap == NO_CREDIT or ladder.index(grade) < ladder.index(cap)):
        raise OverrideAboveVeto(cap=cap, grade=grade)
    steps = abs(ladder.index(grade) - ladder.index(computed))
    if steps > policy.steps:
        raise OverrideTooFar(
            computed=computed,
            grade=grade,
            steps=steps,
            allowed=policy.steps,
            grades=", ".join(allowed_grades(computed, cap, policy)),
        )
    if len((reason or "").strip()) < policy.reason_length:
        raise OverrideWithoutReason(length=policy.reason_length)
    return grade


def _ladder(policy: OverridePolicy) -> tuple[str, ...]:
    return tuple(grade for grade in policy.grades.grades if grade != NO_CREDIT)
