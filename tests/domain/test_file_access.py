"""Who opens a customer file freely, who with a reason, who not at all."""

import pytest

from credit_app.domain.default_policy import default_values
from credit_app.domain.file_access import CLOSED, OPEN, REASON, AccessPolicy, Filed, Viewer, way_in

POLICY = AccessPolicy.from_policy(default_values())
ROLES = frozenset({"sales_rep", "sales_manager", "credit_analyst", "receivables", "auditor"})
NORTH, SOUTH = 1, 2
FILE = Filed(NORTH, sales_rep_id=7, credit_analyst_id=8)


def viewer(role: str, branch: int | None, person_id: int = 99) -> Viewer:
    return Viewer(person_id, frozenset({(role, branch)}))


def way(*viewers: Viewer, file: Filed = FILE) -> str:
    return way_in(viewers, file, ROLES, POLICY)


@pytest.mark.parametrize(
    ("role", "branch", "expected"),
    [
        ("credit_analyst", NORTH, OPEN),
        ("credit_analyst", None, OPEN),
        ("credit_analyst", SOUTH, REASON),
        ("auditor", SOUTH, REASON),
        ("receivables", NORTH, OPEN),
        ("receivables", SOUTH, CLOSED),
        ("sales_manager", NORTH, OPEN),
        ("sales_manager", SOUTH, CLOSED),
        ("sales_rep", NORTH, REASON),
        ("sales_rep", SOUTH, CLOSED),
        ("admin", None, CLOSED),
    ],
)
def test_role_and_branch_open_a_file(role: str, branch: int | None, expected: str) -> None:
    assert way(viewer(role, branch)) == expected


def test_assignment_opens_a_file_of_another_branch_too() -> None:
    assert way(viewer("sales_rep", SOUTH, person_id=7)) == OPEN
    assert way(viewer("credit_analyst", SOUTH, person_id=8)) == OPEN
    assert way(Viewer(7, frozenset({("admin", None)}))) == CLOSED


def test_file_assigned_to_nobody_is_its_branchs_and_one_without_a_branch_everybodys() -> None:
    assert way(viewer("sales_rep", NORTH), file=Filed(NORTH)) == OPEN
    assert way(viewer("sales_rep", SOUTH), file=Filed(NORTH)) == CLOSED
    assert way(viewer("receivables", SOUTH), file=Filed(None, sales_rep_id=7)) == OPEN
    assert way(viewer("sales_rep", SOUTH), file=Filed(None, sales_rep_id=7)) == REASON


def test_widest_way_counts_for_somebody_with_several_roles_and_for_a_substitute() -> None:
    both = Viewer(99, frozenset({("sales_rep", NORTH), ("credit_analyst", NORTH)}))
    assert way(both) == OPEN
    assert way(viewer("credit_analyst", SOUTH), viewer("credit_analyst", NORTH, person_id=98)) == OPEN
    assert way() == CLOSED


def test_without_assignment_by_policy_a_rep_opens_every_file_of_the_branch() -> None:
    policy = AccessPolicy(frozenset(), frozenset(), 8)
    assert way_in([viewer("sales_rep", NORTH)], FILE, ROLES, policy) == OPEN
    assert way_in([viewer("credit_analyst", SOUTH)], FILE, ROLES, policy) == CLOSED
