"""Whether contracts go on: asked in time, renewed, left to their terms, given notice of; and their last day."""

from datetime import date, timedelta
from typing import Any

import orjson
from sqlalchemy import select

from credit_app import contracting, jobs, starting
from credit_app.facts.contracts import draft_version, freeze, take_over
from credit_app.models import Person
from credit_app.models.contract import Contract, ContractDocument, ContractEvent
from credit_app.models.contract_review import ContractReview
from credit_app.models.performance import ContractBreach, ContractMilestone, ContractRenewal
from tests.factories import TODAY
from tests.screens.desk import Desk
from tests.screens.drawn_up import in_force
from tests.screens.flows import covers
from tests.screens.pages import File, Page
from workflows import clock
from workflows.tables import Outbox

PDF = File("notice.pdf", b"%PDF-1.4\n%%EOF\n")
NOTICE_DAYS = 30
ENDS = TODAY + timedelta(days=100)
LAST = ENDS - timedelta(days=NOTICE_DAYS)


def asked(desk: Desk, **terms: Any) -> ContractRenewal:
    """The decision on a contract that ends in a hundred days, with thirty days of notice."""
    given: dict[str, Any] = {
        "ends_on": ENDS,
        "renewal_notice_days": NOTICE_DAYS,
        "delivery_on": None,
        "renewal": "by_agreement",
    }
    contract = in_force(desk, **given | terms)
    assert jobs.start_renewals(desk.app) == 1
    assert jobs.start_renewals(desk.app) == 0
    desk.fresh()
    return desk.session.scalars(
        select(ContractRenewal).where(ContractRenewal.contract_id == contract.id)
    ).one()


def again(desk: Desk, renewal: ContractRenewal) -> ContractRenewal:
    desk.fresh()
    return desk.session.get_one(ContractRenewal, renewal.id)


def decide(
    desk: Desk, renewal: ContractRenewal, choice: str, ground: str = "", by: Person | None = None
) -> Page:
    page = desk.open_task(by or desk.cast.sara, renewal)  # type: ignore[arg-type]
    return page.form("/tasks/").fill(choice=choice, ground=ground).send()


def notice(
    desk: Desk, renewal: ContractRenewal, choice: str, file: File | None = None, **values: str
) -> Page:
    page = desk.open_task(desk.cast.sara, renewal)  # type: ignore[arg-type]
    form = page.form("/tasks/").fill(choice=choice, **values)
    return (form.attach("file", file) if file else form).send()


def ended_at(desk: Desk, renewal: ContractRenewal) -> str:
    return desk.way(renewal)[-1]  # type: ignore[arg-type]


@covers("contract_renewal/to_remind_owner", "contract_renewal/renew")
def test_a_contract_is_renewed_by_a_change_that_the_worker_begins(desk: Desk) -> ContractRenewal:
    renewal = asked(desk)
    assert (renewal.decide_by, renewal.contract.status) == (LAST, "active")
    assert desk.sees(desk.cast.mona, renewal) is None  # type: ignore[arg-type]
    page = desk.open_task(desk.cast.sara, renewal)  # type: ignore[arg-type]
    assert "go on after" in page.heading
    assert "Contract ends" in page.text
    # Nobody decided two weeks before the last day of notice: the owner is reminded, once.
    assert desk.timers(50) == 0
    assert desk.timers(60) == 1
    with desk.later(61):
        (mail,) = [one for one in desk.mails() if one.template == "contract_renewal_due"]
    assert (mail.to, again(desk, renewal).contract.number in mail.subject) == (desk.cast.sara.name, True), (
        mail
    )
    assert "agreed anew" in decide(desk, renewal, "renew").error_at("ground")
    assert decide(desk, renewal, "renew", "Two more years, price as before").status == 200
    found = again(desk, renewal)
    assert (found.status, ended_at(desk, found)) == ("renewed", "contract_renewal/renewal_started")
    asking = desk.session.scalars(select(Outbox).where(Outbox.channel == starting.CHANNEL)).one()
    params = orjson.loads(asking.params)
    assert (asking.recipient, params["kind"]) == ("contract_change", "renewal")
    # What the worker asks for is one review of the kind renewal in the owner's name, also when it asks twice.
    begun: list[tuple[Any, ...]] = []

    class Stub:
        def start(self, _session: Any, process: str, *given: Any) -> Any:
            begun.append((process, given[2]))
            return type("Rest", (), {"instance_id": None})

    start = starting.STARTERS["contract_change"]
    numbers = {start(desk.session, Stub(), params) for _time in range(2)}  # type: ignore[arg-type]
    review = desk.session.scalars(select(ContractReview)).one()
    assert numbers == {review.number}
    assert (review.kind, review.changes) == ("renewal", "Two more years, price as before")
    assert [(process, actor.person_id) for process, actor in begun] == [
        ("contract_change", desk.cast.sara.id)
    ]
    assert contracting.PROCESSES["renewal"] == "contract_change"
    review.status, review.closed_on = "withdrawn", TODAY
    found.contract.status, found.contract.terminated_on = "terminated", TODAY
    desk.session.flush()
    assert start(desk.session, Stub(), params) == ""  # type: ignore[arg-type]
    desk.session.rollback()
    return found


@covers("contract_renewal/leave")
def test_a_contract_that_is_left_to_its_terms_runs_out(desk: Desk) -> ContractRenewal:
    renewal = asked(desk, delivery_on=TODAY + timedelta(days=40), warranty_months=24)
    assert "It ends on" in desk.open_task(desk.cast.sara, renewal).text  # type: ignore[arg-type]
    assert decide(desk, renewal, "leave", "They buy elsewhere").status == 200
    assert (again(desk, renewal).status, ended_at(desk, renewal)) == (
        "let_expire",
        "contract_renewal/left_to_terms",
    )
    with desk.later(100):
        assert jobs.expire_contracts(desk.app) == 0
    with desk.later(101):
        assert jobs.expire_contracts(desk.app) == 1
        assert jobs.expire_contracts(desk.app) == 0
    found = again(desk, renewal)
    assert found.contract.status == "expired"
    kinds = {row.kind: row.status for row in desk.session.scalars(select(ContractMilestone))}
    # The warranty outlives the contract.
    assert kinds == {"delivery": "planned", "warranty": "planned", "expiry": "done", "renewal": "cancelled"}
    page = desk.get(desk.cast.cole, f"/contracts/renewals/{renewal.number}")
    assert "They buy elsewhere" in page.text
    return found


@covers(
    "contract_renewal/give_notice_wanted",
    "contract_renewal/notice_not_given",
    "contract_renewal/notice_was_given",
)
def test_notice_is_given_in_time_with_its_proof(desk: Desk) -> ContractRenewal:
    renewal = asked(desk, renewal="automatic", starts_on=TODAY - timedelta(days=265))
    page = desk.open_task(desk.cast.sara, renewal)  # type: ignore[arg-type]
    assert "It renews itself until" in page.text
    assert "Choose renew" in page.form("/tasks/").send().error_at("choice")
    assert decide(desk, renewal, "notice", "Another supplier is cheaper").status == 200
    assert "why not" in notice(desk, renewal, "not_given").error_at("note")
    assert notice(desk, renewal, "not_given", note="They lower the price").status == 200
    assert again(desk, renewal).status == "deciding"
    assert decide(desk, renewal, "notice").status == 200
    today = TODAY.isoformat()
    assert "Hand in the notice" in notice(desk, renewal, "given", received_on=today).error_at("file")
    shown = f"/contracts/renewals/{renewal.number}"
    assert len(desk.get(desk.cast.sara, shown).links("/tasks/")) == 1
    assert desk.get(desk.cast.carla, shown).links("/tasks/") == []  # she could not open it
    early = (TODAY - timedelta(days=2)).isoformat()
    assert "not after" in notice(desk, renewal, "given", PDF, received_on=early).error_at("received_on")
    with desk.later(75):
        late = (LAST + timedelta(days=2)).isoformat()
        assert "not after" in notice(desk, renewal, "given", PDF, received_on=late).error_at("received_on")
        assert notice(desk, renewal, "given", PDF, received_on=LAST.isoformat()).status == 200
    found = again(desk, renewal)
    assert (found.status, found.noticed_on) == ("notice_given", LAST)
    assert desk.session.get_one(ContractDocument, found.document_id).kind == "notice"
    # The notice is handed out where it is named, to those who see the contract and to nobody else.
    paper = f"/contracts/{found.contract.number}/papers/{found.document_id}"
    page = desk.get(desk.cast.carla, f"/contracts/renewals/{found.number}")
    assert page.links(paper) == [paper]
    answer = desk.browser(desk.cast.carla).client.get(paper)
    assert (answer.status_code, answer.data) == (200, b"%PDF-1.4\n%%EOF\n")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    for address in (paper, f"/contracts/renewals/{found.number}"):
        desk.get(desk.cast.samir, address, 404)
    assert ended_at(desk, renewal) == "contract_renewal/notice_given"
    # It would renew itself, were it not for the notice.
    with desk.later(101):
        assert jobs.expire_contracts(desk.app) == 1
    assert again(desk, renewal).contract.status == "expired"
    return found


@covers("contract_renewal/over_undecided")
def test_a_contract_that_renews_itself_is_prolonged_by_its_own_length(desk: Desk) -> ContractRenewal:
    renewal = asked(desk, renewal="automatic", starts_on=TODAY - timedelta(days=265))
    planned = {row.kind: row.id for row in desk.session.scalars(select(ContractMilestone))}
    with desk.later(80):
        page = desk.open_task(desk.cast.sara, renewal)  # type: ignore[arg-type]
        assert "is over" in page.text
        forged = page.form("/tasks/").forge(choice="notice").send()
        assert "is over" in forged.error_at("choice")
    with desk.later(101):
        assert jobs.expire_contracts(desk.app) == 1
    found = again(desk, renewal)
    length = timedelta(days=366)
    assert (found.status, found.contract.status, found.contract.ends_on) == (
        "dropped",
        "active",
        ENDS + length,
    )
    assert found.contract.current is not None
    assert found.contract.current.ends_on == ENDS  # what was agreed stands
    rows = {row.kind: row for row in desk.session.scalars(select(ContractMilestone))}
    assert {kind: row.id for kind, row in rows.items()} == planned
    assert (rows["expiry"].due_on, rows["renewal"].due_on) == (ENDS + length, LAST + length)
    kinds = list(desk.session.scalars(select(ContractEvent.kind).order_by(ContractEvent.id)))
    assert kinds[-2:] == ["prolonged", "renewal_dropped"]
    # The next end is asked about in its time.
    assert jobs.start_renewals(desk.app) == 0
    with desk.later(101 + 366 - 30 - 90):
        assert jobs.start_renewals(desk.app) == 1
    return found


@covers("contract_renewal/over_without_notice")
def test_a_termination_drops_the_decision_on_renewal(desk: Desk) -> ContractRenewal:
    cast, renewal = desk.cast, asked(desk)
    decide(desk, renewal, "notice")
    number = renewal.contract.number
    page = desk.get(cast.sara, f"/contracts/{number}/breaches/new")
    form = page.form_named("breach-form").fill(
        by_side="them", kind="not_paid", occurred_on=TODAY.isoformat(), description="Nothing is paid since spring",
        consequence="termination",
    )  # fmt: skip
    page = form.send()
    assert "The breach is recorded" in " ".join(page.messages)
    assert "Hand in the notice" in page.form("/terminate").fill(ends_on=TODAY.isoformat()).send().error_at(
        "file"
    )
    sent = page.form("/terminate").fill(ends_on=TODAY.isoformat()).attach("file", PDF).send()
    assert "terminated" in " ".join(sent.messages)
    found = again(desk, renewal)
    assert (found.status, found.contract.status, found.contract.terminated_on) == (
        "dropped",
        "terminated",
        TODAY,
    )
    assert {row.status for row in desk.session.scalars(select(ContractMilestone))} == {"cancelled"}
    assert desk.session.scalars(select(ContractBreach)).one().status == "claimed"
    assert not desk.task_ids(found)  # type: ignore[arg-type]
    with desk.later(101):
        assert jobs.expire_contracts(desk.app) == 0
    return found


def test_the_decision_goes_to_the_branch_once_the_owner_has_moved(desk: Desk) -> None:
    in_force(desk, owner=desk.cast.samir, ends_on=ENDS)
    assert jobs.start_renewals(desk.app) == 1
    desk.fresh()
    renewal = desk.session.scalars(select(ContractRenewal)).one()
    assert desk.sees(desk.cast.samir, renewal) is None  # type: ignore[arg-type]
    tab, _address = desk.sees(desk.cast.sara, renewal)  # type: ignore[arg-type,misc]
    assert tab == "groups"


def test_a_contract_is_not_terminated_while_its_change_is_under_way(desk: Desk) -> None:
    contract = in_force(desk)
    session = desk.session
    session.add(
        ContractBreach(
            contract_id=contract.id, by_side="them", kind="not_paid", occurred_on=TODAY, consequence="termination",
            description="Nothing is paid", created_at=clock.now(),
        )
    )  # fmt: skip
    session.add(
        ContractReview(
            number="CRV-1", contract_id=contract.id, customer_id=contract.customer_id, kind="change", status="drafting",
            changes="Longer terms", created_at=clock.now(),
        )
    )  # fmt: skip
    session.commit()
    breach = session.scalars(select(ContractBreach)).one()
    page = desk.get(desk.cast.sara, f"/contracts/{contract.number}/breaches/{breach.id}")
    sent = page.form("/terminate").fill(ends_on=TODAY.isoformat()).attach("file", PDF).send()
    assert "Withdraw it first" in " ".join(sent.problems)
    desk.fresh()
    assert desk.session.scalars(select(Contract.status)).one() == "active"


def test_a_later_end_stays_when_a_change_leaves_the_term_alone(desk: Desk) -> None:
    contract = in_force(desk, ends_on=date(2027, 1, 1))
    contract.ends_on = date(2028, 1, 1)
    desk.session.flush()

    def changed(**terms: Any) -> date | None:
        version = draft_version(desk.session, contract, terms, TODAY, desk.cast.sara.id)
        freeze(desk.session, version)
        take_over(contract, version)
        assert contract.current is version
        return contract.ends_on

    assert changed(payment_days=60) == date(2028, 1, 1)
    assert changed(ends_on=date(2027, 6, 1)) == date(2027, 6, 1)
