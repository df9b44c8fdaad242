"""What the areas say of a version of a contract, how the drafter answers, and who decides on what stays open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.contracts import AREAS, COMMENT_KINDS, OBJECTION_LEVELS, VERDICTS
from credit_app.facts.contract_cases import drafters, locked, review_of, version_of
from credit_app.facts.contract_review import (
    LEAST_WORDS,
    acting_in,
    askable,
    check_seen,
    open_points,
)
from credit_app.facts.contracts import note_event, policy_of, value_in_base
from credit_app.facts.deadlines import due_after
from credit_app.facts.people import ids_with
from credit_app.i18n import _
from credit_app.models.contract_review import ContractComment, ContractOpinion, ContractReview
from workflows import Action, Assignment, Conflict, InvalidAnswer, NotAllowed, history

REVIEW_DAYS, ANSWER_DAYS = "contract.review_days", "contract.answer_days"
ANSWERS = ("take_up", "accept", "insist")
DECISIONS = ("overrule", "uphold", "refuse")


@dataclass(frozen=True, slots=True)
class Point:
    """A comment as it was typed; `place` is the name of its row on the page."""

    place: str
    clause: str
    kind: str
    body: str
    wording: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """An area's answer: verdict, new points, and what becomes of its own older ones: comment id -> (name of its row,
    keep or take_back).

    `seen` is the id of the version that its page showed.
    """

    verdict: str
    note: str
    points: Sequence[Point]
    own: Mapping[int, tuple[str, str]]
    seen: str


@dataclass(frozen=True, slots=True)
class PointAnswer:
    """The drafter's answer to a point: one of ANSWERS, with the reason where the text is insisted on."""

    place: str
    comment_id: int
    choice: str
    note: str


@dataclass(frozen=True, slots=True)
class ObjectionDecision:
    """What a level decides: one of DECISIONS; `upheld` are the comments that are upheld, the rest is overruled."""

    choice: str
    upheld: frozenset[int]
    reason: str
    seen: str


# --- opinions ------------------------------------------------------------------------------------------------------


def area_of(action: Action) -> str:
    """The area that a review task is asked of: its node is named review_<area>."""
    return action.node.removeprefix("review_")


def to_review(action: Action) -> Assignment:
    """The role of the area in the contract's branch, less whoever drafted; in any branch where nobody else is there."""
    review, area = review_of(action), area_of(action)
    due = due_after(action.session, action.now, action.today, REVIEW_DAYS)
    out = drafters(action.session, review) | acting_in(action)
    branch, _people = askable(action.session, review, area, out)
    return Assignment(AREAS[area], branch, due, tuple(sorted(out)))


def own_points(session: Session, review: ContractReview, area: str) -> list[ContractComment]:
    """What an area asked in earlier rounds and the drafter insists on: it keeps or takes back each."""
    return [row for row in open_points(session, review) if row.area == area and row.round < review.round]


def give_opinion(action: Action, answer: Opinion) -> dict[str, str]:
    """Write an opinion down with its points. Raises InvalidAnswer naming the field, Conflict."""
    session, review, area = action.session, locked(action, "in_review"), area_of(action)
    version = check_seen(review, answer.seen)
    if answer.verdict not in VERDICTS:
        raise InvalidAnswer("verdict", _("Choose your opinion."))
    clauses = {row.clause for row in version.clauses}
    for point in answer.points:
        _check_point(point, clauses)
    kept = _own_decided(own_points(session, review, area), answer)
    _check_verdict(answer.verdict, [*(point.kind for point in answer.points), *kept])
    who = action.actor.person_id or 0
    session.add(
        ContractOpinion(
            review_id=review.id, version_id=version.id, round=review.round, area=area, verdict=answer.verdict,
            note=answer.note, given_by=who, given_at=action.now,
        )
    )  # fmt: skip
    for point in answer.points:
        session.add(
            ContractComment(
                review_id=review.id, version_id=version.id, round=review.round, area=area, clause=point.clause,
                kind=point.kind, body=point.body, wording=point.wording, made_by=who, created_at=action.now,
            )
        )  # fmt: skip
    session.flush()
    return {f"{area}_verdict": answer.verdict}


def _own_decided(own: Sequence[ContractComment], answer: Opinion) -> list[str]:
    """Take back what is taken back; returns the kinds of what is kept."""
    kept = []
    for row in own:
        place, choice = answer.own.get(row.id, ("own", ""))
        if choice not in ("keep", "take_back"):
            raise InvalidAnswer(
                f"{place}-choice", _("Say of each earlier point whether you keep it or take it back.")
            )
        if choice == "take_back":
            row.state = "taken_back"
        else:
            kept.append(row.kind)
    return kept


def _check_point(point: Point, clauses: set[str]) -> None:
    if point.kind not in COMMENT_KINDS:
        raise InvalidAnswer(f"{point.place}-kind", _("Choose what you ask."))
    if point.clause and point.clause not in clauses:
        raise InvalidAnswer(f"{point.place}-clause", _("Choose a clause of the list, or the whole contract."))
    if len(point.body) < LEAST_WORDS:
        raise InvalidAnswer(f"{point.place}-body", _("Say in a few words what you ask and why."))
    if point.kind == "wording" and not point.wording:
        raise InvalidAnswer(f"{point.place}-wording", _("Write the wording that you propose."))


def _check_verdict(verdict: str, kinds: Sequence[str]) -> None:
    """What is asked has to fit the opinion."""
    asked = set(kinds) - {"remark"}
    if verdict == "agree" and asked:
        raise InvalidAnswer(
            "verdict", _("Whoever agrees asks for nothing: choose another opinion, or make it a remark.")
        )
    if verdict == "conditions" and ("object" in asked or not asked):
        raise InvalidAnswer(
            "verdict",
            _("Name at least one condition or wording, and no objection, when you agree with conditions."),
        )
    if verdict == "object" and not asked & {"object", "wording"}:
        raise InvalidAnswer("verdict", _("Name at least one objection, or a wording that you propose."))


def question_to(action: Action) -> str:
    """What the page of an area asks, as a sentence."""
    words = {"contract": review_of(action).contract.title, "name": review_of(action).contract.other_side.name}
    return {
        "credit": _("Do limit, terms and securities bear “%(contract)s” with %(name)s?", **words),
        "finance": _("Do price, payment and currency of “%(contract)s” with %(name)s suit us?", **words),
        "legal": _("Do the clauses of “%(contract)s” with %(name)s hold?", **words),
        "delivery": _("Can we keep what “%(contract)s” with %(name)s asks of delivery?", **words),
    }[area_of(action)]


def verdicts(_action: Action) -> list[dict[str, str]]:
    """The opinions, each with what it asks for."""
    return [
        {"value": "agree", "label": _("Agree"), "act": _("Agree"), "next": _("Nothing is asked; remarks are kept.")},
        {
            "value": "conditions", "label": _("Agree with conditions"), "act": _("Agree with conditions"),
            "next": _("The drafter accepts each condition, takes up the wording, or insists."),
        },
        {
            "value": "object", "label": _("Object"), "act": _("Object"),
            "next": _("The drafter changes the text; what stays open goes to the level that policy names."),
        },
    ]  # fmt: skip


# --- the drafter's answers ------------------------------------------------------------------------------------------


def answer_points(action: Action, answers: Sequence[PointAnswer]) -> str:
    """Answer every open point; returns rework, insist or agreed.

    What is taken up needs a new version first: points that are insisted on go with it to those who asked.
    Raises InvalidAnswer naming the field, Conflict.
    """
    session, review = action.session, locked(action, "answering")
    asked = {row.id: row for row in open_points(session, review)}
    if set(asked) != {answer.comment_id for answer in answers}:
        raise Conflict(_("What is asked has changed meanwhile; look at the list again."))
    for answer in answers:
        row = asked[answer.comment_id]
        if answer.choice not in ANSWERS or (answer.choice == "accept" and row.kind != "condition"):
            raise InvalidAnswer(f"{answer.place}-choice", _("Choose what becomes of each point."))
        if answer.choice == "insist" and len(answer.note) < LEAST_WORDS:
            raise InvalidAnswer(f"{answer.place}-note", _("Say in a few words why the text stays."))
        row.state = {"take_up": "taken_up", "accept": "accepted", "insist": "open"}[answer.choice]
        row.answer, row.answered_by, row.answered_at = answer.note, action.actor.person_id, action.now
    choices = {answer.choice for answer in answers}
    note_event(
        session, review.contract, "points_answered", action.today, review.number, action.actor.person_id,
        review.version_id,
    )  # fmt: skip
    if "take_up" in choices:
        review.status = "drafting"
        return "rework"
    if "insist" in choices:
        review.status = "escalated"
        return "insist"
    return "agreed"


# --- what a level decides -------------------------------------------------------------------------------------------


def out_of_decision(session: Session, review: ContractReview) -> set[int]:
    """Who drafted, and who asked for what is open, also on whose behalf."""
    areas = {row.area for row in open_points(session, review)}
    asked = {row.made_by for row in open_points(session, review)}
    if review.instance_id is not None:
        nodes = [("contract_opinions", f"review_{area}") for area in sorted(areas)]
        asked |= history.people_who_completed(session, review.instance_id, nodes)
    return asked | drafters(session, review)


def to_decide(action: Action) -> Assignment:
    """The lowest level that policy lets decide on a contract of this value and that has somebody to do it; the last
    where nobody is there."""
    session, review = action.session, review_of(action)
    due = due_after(session, action.now, action.today, REVIEW_DAYS)
    out, branch = out_of_decision(session, review) | acting_in(action), review.contract.branch_id
    worth = value_in_base(session, version_of(review), action.today)
    levels = policy_of(session, action.today).objection_levels(worth)
    level = next((one for one in levels if set(ids_with(session, one, branch)) - out), OBJECTION_LEVELS[-1])
    return Assignment(level, branch, due, tuple(sorted(out)))


def check_decider(action: Action) -> None:
    """Raises NotAllowed for whoever drafted or asked for what is open."""
    if acting_in(action) & out_of_decision(action.session, review_of(action)):
        raise NotAllowed(_("Whoever drafted the contract, or asked for what is open, does not decide on it."))


def decide(action: Action, answer: ObjectionDecision) -> str:
    """Write the decision down; returns agreed, rework or refused. Raises InvalidAnswer naming the field, Conflict."""
    session, review = action.session, locked(action, "escalated")
    check_seen(review, answer.seen)
    if answer.choice not in DECISIONS:
        raise InvalidAnswer("choice", _("Choose what you decide."))
    points = open_points(session, review)
    upheld = answer.upheld & {row.id for row in points}
    if answer.choice == "uphold" and not upheld:
        raise InvalidAnswer("upheld", _("Choose at least one point that is upheld."))
    if len(answer.reason) < LEAST_WORDS:
        raise InvalidAnswer("reason", _("Say in a few words why."))
    for row in points:
        # A refusal leaves nothing to negotiate: every point was right to be raised.
        right = answer.choice == "refuse" or (answer.choice == "uphold" and row.id in upheld)
        row.state = "upheld" if right else "overruled"
        row.level = action.task.role if action.task is not None else None
        row.decided_by, row.decided_at = action.actor.person_id, action.now
        row.decision_note = answer.reason
    session.flush()
    note_event(
        session, review.contract, f"objections_{answer.choice}", action.today, answer.reason, action.actor.person_id,
        review.version_id,
    )  # fmt: skip
    if answer.choice == "uphold":
        review.status = "drafting"
    if answer.choice == "refuse":
        review.outcome_note = answer.reason[:1000]
    return {"overrule": "agreed", "uphold": "rework", "refuse": "refused"}[answer.choice]


def decided_last(session: Session, review: ContractReview) -> ContractComment | None:
    """A point that a level decided on last, with its note."""
    query = select(ContractComment).where(
        ContractComment.review_id == review.id, ContractComment.decided_at.is_not(None)
    )
    return session.scalar(query.order_by(ContractComment.decided_at.desc()).limit(1))
