"""Who may open which page, and whose customers and applications they see there."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tests.factories import Cast
from tests.screens.frame.browsing import Browser

EVERYBODY = {
    "sara", "samir", "mona", "anna", "amir", "carla", "felix", "clara", "rita", "cole", "lena", "otto", "ada",
}  # fmt: skip
SALES = {"sara", "samir", "mona"}
CREDIT = {"anna", "amir", "carla", "felix", "clara"}
LEDGER = {"rita", "cole", "lena"}
PAGES = {
    "/": EVERYBODY,
    "/help": EVERYBODY,
    "/account": EVERYBODY,
    "/search": EVERYBODY,
    "/inbox": SALES | CREDIT | LEDGER,
    "/inbox/groups": SALES | CREDIT | LEDGER,
    "/inbox/done": SALES | CREDIT | LEDGER,
    "/inbox/watching": SALES | CREDIT | LEDGER,
    "/applications": SALES | CREDIT | {"otto"},
    "/customers": SALES | CREDIT | LEDGER | {"otto"},
    "/blacklist": CREDIT | {"mona", "lena", "otto"},
    "/receivables": CREDIT | LEDGER | {"otto"},
    "/collection": SALES | CREDIT | LEDGER | {"otto"},
    "/contracts": SALES | CREDIT | LEDGER | {"otto"},
    "/contracts/calendar": SALES | CREDIT | LEDGER | {"otto"},
    "/contracts/parties": SALES | CREDIT | LEDGER | {"otto"},
    "/contracts/parties/new": SALES | {"lena"},
    "/receivables/bank": {"rita", "carla", "otto"},
    "/imports": {"rita", "carla", "ada", "otto"},
    "/processes": {"ada", "otto", "carla"},
    "/policy": CREDIT | {"ada", "otto"},
    "/admin/people": {"ada", "otto"},
    "/admin/people/new": {"ada"},
    "/admin/substitutes": {"ada", "otto"},
    "/admin/calendar": {"ada"},
    "/admin/organisation": {"ada", "otto"},
    "/admin/currencies": CREDIT | {"rita", "otto", "ada"},
    "/admin/tokens": {"ada", "otto"},
    "/admin/outbox": {"ada"},
    "/admin/incidents": {"ada"},
}


@pytest.mark.parametrize("name", sorted(EVERYBODY))
def test_each_role_opens_its_pages_and_no_other(
    signed_in: Callable[[Any], Browser], cast: Cast, rows: SimpleNamespace, name: str
) -> None:
    opened = signed_in(getattr(cast, name))
    navigation = opened.get("/help").text
    for path, people in PAGES.items():
        answer = opened.get(path)
        assert answer.status_code == (200 if name in people else 403), path
        # The navigation offers exactly what opens.
        offered = f'href="{path}"' in navigation
        if path in (
            "/inbox",
            "/applications",
            "/customers",
            "/blacklist",
            "/receivables",
            "/collection",
            "/contracts",
            "/receivables/bank",
            "/imports",
            "/processes",
            "/policy",
        ) or path.startswith("/admin"):
            assert offered == (name in people and path != "/admin/people/new"), path


def test_without_signing_in_every_page_leads_to_the_sign_in(browser: Browser) -> None:
    for path in PAGES:
        answer = browser.get(path)
        assert answer.status_code == 302, path
        assert answer.location.startswith("/sign-in"), path


@pytest.mark.parametrize(
    ("name", "ours", "theirs"),
    [
        ("sara", True, False),
        ("samir", False, True),
        ("stefan", False, False),
        ("mona", True, True),
        ("anna", True, False),
        ("amir", False, True),
        ("carla", True, True),
        ("otto", True, True),
    ],
)
def test_applications_are_seen_by_requester_and_branch(
    signed_in: Callable[[Any], Browser],
    cast: Cast,
    rows: SimpleNamespace,
    name: str,
    ours: bool,
    theirs: bool,
) -> None:
    opened = signed_in(getattr(cast, name))
    listed = opened.get("/applications").text
    for application, seen in ((rows.ours, ours), (rows.theirs, theirs)):
        path = f"/applications/{application.number}"
        assert opened.get(path).status_code == (200 if seen else 404)
        assert (application.number in listed) == seen
        assert (application.number in opened.get("/search", query_string={"q": "CA-"}).text) == seen
        jump = opened.get("/search", query_string={"q": application.number.lower()})
        assert (jump.status_code == 302) == seen


def test_a_draft_is_seen_by_its_author_alone(
    signed_in: Callable[[Any], Browser], cast: Cast, rows: SimpleNamespace
) -> None:
    path = f"/applications/{rows.draft.number}"
    assert signed_in(cast.sara).get(path).status_code == 200
    for name in ("stefan", "mona", "anna", "carla", "otto"):
        assert signed_in(getattr(cast, name)).get(path).status_code == 404


@pytest.mark.parametrize(
    ("name", "north", "south"),
    [
        ("sara", 200, 404),
        ("stefan", 302, 404),  # Sara's customer: a reason is asked
        ("samir", 404, 200),
        ("mona", 200, 200),
        ("anna", 200, 302),
        ("amir", 302, 200),
        ("carla", 200, 200),
        ("rita", 200, 200),
        ("otto", 200, 200),
    ],
)
def test_customer_file_opens_by_role_branch_and_assignment(
    signed_in: Callable[[Any], Browser],
    cast: Cast,
    rows: SimpleNamespace,
    name: str,
    north: int,
    south: int,
) -> None:
    opened = signed_in(getattr(cast, name))
    listed = opened.get("/customers").text
    for customer, status in ((rows.north, north), (rows.south, south)):
        for tab in ("", "?tab=items", "?tab=limits", "?tab=nonsense"):
            assert opened.get(f"/customers/{customer.number}{tab}").status_code == status
        own_branch = status == 200 or (name, customer) == ("stefan", rows.north)
        assert (customer.name in listed) == own_branch


def test_administrators_see_no_credit_data(
    signed_in: Callable[[Any], Browser], cast: Cast, rows: SimpleNamespace
) -> None:
    opened = signed_in(cast.ada)
    assert opened.get(f"/customers/{rows.north.number}").status_code == 403
    assert opened.get(f"/applications/{rows.ours.number}").status_code == 403
    assert "Nordwind" not in opened.get("/search", query_string={"q": "nordwind"}).text


def test_an_exact_number_jumps(
    signed_in: Callable[[Any], Browser], cast: Cast, rows: SimpleNamespace
) -> None:
    opened = signed_in(cast.carla)
    answer = opened.get("/search", query_string={"q": f" {rows.north.number.lower()} "})
    assert answer.location == f"/customers/{rows.north.number}"
