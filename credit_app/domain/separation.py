"""Separation of duties: who may decide an application at a level, and why somebody may not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from credit_app.domain.sentences import N_, Sentence

SALES_ROLES = frozenset({"sales_rep", "sales_manager"})
ALL_BRANCHES = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with roles as (role, branch id or None for all branches)."""

    person_id: int
    roles: frozenset[tuple[str, int | None]]
    active: bool = True

    def has_role(self, role: str, branch_id: int | None) -> bool:
        """Whether the role is held for that branch."""
        return (role, ALL_BRANCHES) in self.roles or (
            branch_id is not None and (role, branch_id) in self.roles
        )

    def has_role_anywhere(self, roles: Iterable[str]) -> bool:
        """Whether one of the roles is held in any branch."""
        wanted = set(roles)
        return any(role in wanted for role, _ in self.roles)


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """The decision at hand. Persons who acted for somebody else are listed together with that other person.

    `deciders` decided at another level in this round; the branch is the customer's.
    """

    level: str
    branch_id: int | None
    requesters: frozenset[int]
    raters: frozenset[int] = frozenset()
    deciders: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Substitution:
    """`substitute_id` acts for `person_id` from the first to the last day, both included."""

    person_id: int
    substitute_id: int
    starts_on: date
    ends_on: date


def stands_in_for(substitutions: Iterable[Substitution], person_id: int, day: date) -> frozenset[int]:
    """Whom that person may act for on that day; a substitute's substitute may not."""
    return frozenset(
        s.person_id
        for s in substitutions
        if s.substitute_id == person_id and s.person_id != person_id and s.starts_on <= day <= s.ends_on
    )


def excluded_persons(facts: DecisionFacts) -> frozenset[int]:
    """Who may not decide whatever their role: neither themselves nor through somebody acting for them."""
    return facts.requesters | facts.raters | facts.deciders


def may_decide(
    person: Person, facts: DecisionFacts, acting_for: Person | None = None
) -> tuple[Sentence, ...]:
    """Why this person may not decide; empty when they may.

    `acting_for` is the one who delegated the task or whom the person substitutes (the caller has checked that
    this holds today): then that one must hold the role, and neither of the two may be barred.
    """
    reasons = [_BARRED[code] for code in _ties(person.person_id, facts)]
    principal = person
    if acting_for is not None and acting_for.person_id != person.person_id:
        principal = acting_for
        reasons += [_BARRED_FOR[code] for code in _ties(acting_for.person_id, facts)]
    if not (person.active and principal.active):
        reasons.append(_INACTIVE)
    if any(one.has_role_anywhere(SALES_ROLES) for one in (person, principal)):
        reasons.append(_SALES)
    if not principal.has_role_anywhere([facts.level]):
        reasons.append(_no_role(facts.level))
    elif not principal.has_role(facts.level, facts.branch_id):
        reasons.append(_BRANCH)
    return tuple(reasons)


def eligible_persons(people: Iterable[Person], facts: DecisionFacts) -> frozenset[int]:
    """Those of the people who may decide in their own right; empty: the next level, and an alert."""
    return frozenset(person.person_id for person in people if not may_decide(person, facts))


def _ties(person_id: int, facts: DecisionFacts) -> list[str]:
    groups = {"requester": facts.requesters, "rater": facts.raters, "decider": facts.deciders}
    return [code for code, persons in groups.items() if person_id in persons]


def _no_role(level: str) -> Sentence:
    text = N_("This decision belongs to the role “%(role)s”.")
    return Sentence("separation.role", text, {"role": level})


_BARRED = {
    "requester": Sentence("separation.requester", N_("Nobody decides on what they asked for.")),
    "rater": Sentence("separation.rater", N_("Nobody decides on a customer they rated.")),
    "decider": Sentence("separation.decider", N_("You have decided at another level in this round already.")),
}
_BARRED_FOR = {
    "requester": Sentence(
        "separation.for_requester", N_("Nobody decides for the person who asked for the credit.")
    ),
    "rater": Sentence("separation.for_rater", N_("Nobody decides for the person who rated the customer.")),
    "decider": Sentence(
        "separation.for_decider",
        N_("The person you act for has decided at another level in this round already."),
    ),
}
_SALES = Sentence("separation.sales", N_("Sales never approves credit."))
_BRANCH = Sentence("separation.branch", N_("This customer belongs to another branch."))
_INACTIVE = Sentence("separation.inactive", N_("This account is not active."))
