"""Opening an application: who may, and in which branch it stands."""

from tests.factories import make_person
from tests.screens.desk import Desk, number_on


def test_a_rep_applies_in_the_branch_they_sell_in_wherever_they_sit(desk: Desk) -> None:
    for name, home in (("Nora North", desk.cast.south), ("Nils Nowhere", None)):
        rep = make_person(desk.session, "sales_rep", name=name, branch=desk.cast.north)
        rep.branch = home
        desk.session.commit()
        page = desk.draft(rep)
        assert desk.application(number_on(page)).branch_id == desk.cast.north.id


def test_a_sales_manager_applies_too_and_reworks_what_is_sent_back(desk: Desk) -> None:
    mona = desk.cast.mona
    application = desk.in_approval(desk.customer("Nordwind AG"), rep=mona)
    answer = desk.decide(
        desk.cast.anna, application, "send_back", rework_to="entry", reason="Which plant is it?"
    )
    assert answer.status == 200
    again = desk.open_task(mona, application).form("/tasks/").fill(purpose="The plant in Kiel").send()
    assert again.status == 200
    assert desk.again(application).status == "under_investigation"
