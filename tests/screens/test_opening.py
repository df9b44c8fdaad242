"""Opening an application: in which branch it stands."""

from tests.factories import make_person
from tests.screens.desk import Desk, number_on


def test_a_rep_applies_in_the_branch_they_sell_in_wherever_they_sit(desk: Desk) -> None:
    for name, home in (("Nora North", desk.cast.south), ("Nils Nowhere", None)):
        rep = make_person(desk.session, "sales_rep", name=name, branch=desk.cast.north)
        rep.branch = home
        desk.session.commit()
        page = desk.draft(rep)
        assert desk.application(number_on(page)).branch_id == desk.cast.north.id
