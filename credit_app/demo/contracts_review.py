"""Reviews of contracts of the demo, each at another step: drafted, reviewed, answered, changed again, escalated."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app import contracting, resources
from credit_app.domain.contracts import AREAS
from credit_app.facts.contract_drafting import Checked, Drafted, suggestions
from credit_app.facts.contract_opinions import Opinion, Point, PointAnswer, give_opinion
from credit_app.facts.contract_review import open_points
from credit_app.facts.contract_words import TERM_WORDS
from credit_app.facts.contracts import TEXTS, record_need
from credit_app.facts.people import ids_with
from credit_app.models import Customer, Person
from credit_app.models.contract_review import ContractReview
from credit_app.processes import registry_of
from credit_app.steps.contract_negotiation import answer_comments, check_clauses, draft_contract
from workflows import Action, Actor, Engine, clock
from workflows.tables import OpenTask

# (days ago, title, goods, amount, payment days, how far it came)
STORIES = (
    (2, "Twelve pumps for the new line", "Twelve pumps, type K 40", 48_000, 30, "drafting"),
    (5, "Conveyor belts 2026", "Conveyor belts, 400 m", 22_500, 45, "checking"),
    (8, "Spare parts, frame of one year", "Spare parts by price list", 90_000, 60, "in_review"),
    (12, "Cooling units with installation", "Six cooling units", 135_000, 60, "answering"),
    (18, "Control cabinets", "Twenty control cabinets", 64_000, 90, "second_round"),
    (22, "Steel profiles", "Steel profiles S355, 80 t", 310_000, 90, "escalated"),
)
LONGEST_WARRANTY = 24  # months, as the policy's text has it
ASKED = {
    "credit": Point("points-0", "payment", "condition", "A guarantee of the parent above EUR 50,000", ""),
    "legal": Point(
        "points-0", "warranty", "wording", "Thirty months are longer than policy lets us give",
        "The warranty runs for twenty-four months from delivery.",
    ),
}  # fmt: skip


def add_contract_reviews(session: Session, rep: Person, now: datetime) -> list[ContractReview]:
    """A review for each story, with customers of the branch of `rep`, who drafts."""
    engine = Engine(registry_of(resources.bpmn()))
    branch = next(row.branch_id for row in rep.roles if row.branch_id is not None)
    query = select(Customer).where(Customer.branch_id == branch, Customer.status == "active")
    customers = session.scalars(query.order_by(Customer.id).limit(len(STORIES))).all()
    return [
        _review(session, engine, rep, customer, story, now)
        for customer, story in zip(customers, STORIES, strict=False)
    ]


def _review(
    session: Session, engine: Engine, rep: Person, customer: Customer, story: tuple[Any, ...], now: datetime
) -> ContractReview:
    days, title, goods, amount, payment_days, step = story
    begun = now - timedelta(days=days)
    with clock.at(begun):
        contract = record_need(
            session, customer, rep.id, begun.date(), side="sales", kind="goods", title=title,
            need=f"{goods}, before the season begins", need_by=begun.date() + timedelta(days=90),
            why_us="We know their plant and have the parts in stock",
        )  # fmt: skip
        review = contracting.start_review(session, engine, contract.id, Actor(rep.id), "demo")
    terms = _terms(goods, amount, payment_days, begun)
    if step != "drafting":
        with clock.at(begun + timedelta(hours=3)):
            _draft(session, engine, review, rep, terms, "")
    if step not in ("drafting", "checking"):
        with clock.at(begun + timedelta(days=1)):
            _check(session, engine, review, rep)
            _opinions(session, engine, review, ["finance"] if step == "in_review" else list(AREAS))
    if step in ("second_round", "escalated"):
        choices = {"second_round": ("take_up", "insist"), "escalated": ("insist", "insist")}[step]
        with clock.at(begun + timedelta(days=3)):
            _answer(session, engine, review, rep, choices)
    if step == "second_round":
        with clock.at(begun + timedelta(days=4)):
            _draft(session, engine, review, rep, terms | {"warranty_months": 24}, "Warranty as policy has it")
            _check(session, engine, review, rep)
            _opinions(session, engine, review, ["delivery"])
    return review


def _terms(goods: str, amount: int, payment_days: int, begun: datetime) -> dict[str, Any]:
    starts_on = begun.date() + timedelta(days=30)
    empty: Mapping[str, Any] = {name: "" if name in TEXTS else None for name in TERM_WORDS} | {
        "retention_from": "invoice"
    }
    return {
        **empty, "goods": goods, "quantity": Decimal(1), "unit": "lot", "delivery_terms": "DAP",
        "amount": Decimal(amount), "delivery_place": "Works of the buyer", "currency": "EUR",
        "delivery_on": starts_on + timedelta(days=45),
        "payment_days": payment_days, "payment_method": "open_account", "warranty_months": 30,
        "liability_cap": Decimal(amount), "governing_law": "DE", "forum": "Hamburg", "starts_on": starts_on,
        "ends_on": starts_on + timedelta(days=364), "renewal": "none",
    }  # fmt: skip


def _draft(
    session: Session, engine: Engine, review: ContractReview, rep: Person, terms: dict[str, Any], note: str
) -> None:
    drafted = Drafted(terms, "template", "sale_of_goods:en", "en", "", None, note)
    _complete(
        session,
        engine,
        review,
        rep.id,
        "draft_contract",
        lambda action: draft_contract.complete(action, drafted),
    )


def _check(session: Session, engine: Engine, review: ContractReview, rep: Person) -> None:
    def checked(action: Action) -> dict[str, Any]:
        version = review.reviewed
        longer = version is not None and (version.warranty_months or 0) > LONGEST_WARRANTY
        rows = []
        for place, one in enumerate(suggestions(action, review)):
            departs = longer and one.clause.code == "warranty"
            state, reason = ("deviating", "The customer asks for more") if departs else ("present", "")
            rows.append(Checked(f"rows-{place}", one.clause.code, state, one.quoted, reason))
        return check_clauses.complete(action, (rows, str(review.version_id)))

    _complete(session, engine, review, rep.id, "check_clauses", checked)


def _opinions(session: Session, engine: Engine, review: ContractReview, areas: list[str]) -> None:
    for area in areas:
        _opinion(session, engine, review, area)


def _opinion(session: Session, engine: Engine, review: ContractReview, area: str) -> None:
    verdict = {"credit": "conditions", "legal": "object"}.get(area, "agree")
    points = [ASKED[area]] if area in ASKED else []
    opinion = Opinion(verdict, "", points, {}, str(review.version_id))
    who = ids_with(session, AREAS[area], review.contract.branch_id)[0]
    _complete(session, engine, review, who, f"review_{area}", lambda action: give_opinion(action, opinion))


def _answer(
    session: Session, engine: Engine, review: ContractReview, rep: Person, choices: tuple[str, str]
) -> None:
    """The first choice is for counsel's wording, the second for the condition."""
    reasons = {"take_up": "", "insist": "The customer would not sign"}
    answers = [
        PointAnswer(f"rows-{place}", row.id, choice, reasons[choice])
        for place, row in enumerate(open_points(session, review))
        for choice in (choices[0] if row.kind == "wording" else choices[1],)
    ]
    _complete(
        session, engine, review, rep.id, "answer_comments",
        lambda action: answer_comments.complete(action, answers),
    )  # fmt: skip


def _complete(
    session: Session, engine: Engine, review: ContractReview, person_id: int, node: str,
    answer: Callable[[Action], Any],
) -> None:  # fmt: skip
    query = select(OpenTask.id).where(OpenTask.instance_id == review.instance_id, OpenTask.node == node)
    engine.complete(session, session.scalars(query).one(), Actor(person_id), "demo", answer)
    session.flush()
