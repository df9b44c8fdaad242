"""A reader of Chinese meets no English word but the names, and what people typed."""

import re

import pytest

from credit_app.models import CreditApplication, Person
from tests.screens.desk import DRAFT, Desk
from tests.screens.pages import Page, plain

CHINESE = "zh_Hans_CN"
WORD = re.compile(r"[A-Za-z]{4,}")
# Names of our own product, of file formats and of what the house calls so in every language.
KNOWN = {"Credit", "Desk", "English", "Enter", "GmbH", "test"}
KNOWN |= {"general", "Word", "Excel", "XLSX", "JPEG", "BPMN", "JavaScript"}
# What desk.py types into the pages of the assessment.
TYPED = """We know the customer well; its office: Nothing against it. A sound company that pays in time
(court register). The company publishes none. As the customer needs it."""
HASH = re.compile(r"[0-9a-f]{64}")


@pytest.fixture
def application(desk: Desk) -> CreditApplication:
    """An application that waits for its first decision; everybody reads Chinese."""
    for person in desk.cast.everyone():
        person.locale = CHINESE
    desk.session.commit()
    return desk.in_approval(desk.customer("王府井百货", days_late=3))


def english_on(page: Page, names: set[str]) -> list[str]:
    """The texts that can be read on a page, or are read out, with an English word in them."""
    texts = [
        str(text) for text in page.all("//text()[not(ancestor::script or ancestor::style or ancestor::code)]")
    ]
    texts += [str(text) for text in page.all("//@title | //@placeholder | //@aria-label | //@data-act")]
    found = []
    for text in texts:
        words = set(WORD.findall(HASH.sub("", text))) - KNOWN - names
        if words:
            found.append(" ".join(text.split())[:120])
    return found


def names_of(desk: Desk) -> set[str]:
    own = [desk.cast.company.name, "North South", DRAFT["purpose"], TYPED]
    typed = " ".join([*own, *desk.names.values(), *desk.emails.values()])
    titles = " ".join(person.title or "" for person in desk.cast.everyone())
    return set(WORD.findall(f"{typed} {titles}"))


def reads(desk: Desk, person: Person, path: str) -> list[str]:
    return english_on(desk.get(person, path), names_of(desk))


def test_sales_rep_meets_no_english(desk: Desk, application: CreditApplication) -> None:
    sara = desk.cast.sara
    for path in ("/", "/help", "/inbox", "/inbox/done", "/applications", "/customers", "/search?q=1"):
        assert reads(desk, sara, path) == [], path
    assert reads(desk, sara, f"/applications/{application.number}") == []
    page = desk.draft(sara)
    assert english_on(page, names_of(desk)) == []
    refused = page.form("/tasks/").send()
    assert refused.status == 422
    assert english_on(refused, names_of(desk)) == []


def test_approver_meets_no_english(desk: Desk, application: CreditApplication) -> None:
    anna = desk.cast.anna
    page = desk.open_task(anna, application)
    assert "王府井百货" in plain(page.main)
    assert english_on(page, names_of(desk)) == []
    assert reads(desk, anna, f"/customers/{application.customer.number}") == []
    assert reads(desk, anna, "/inbox/groups") == []


def test_auditor_meets_no_english_but_codes_in_the_history(
    desk: Desk, application: CreditApplication
) -> None:
    page = desk.get(desk.cast.otto, f"/history/{application.instance_id}")
    rules = "automatic_grant authority_matrix table receivable item small_amount weak_score medium credit_strategy"
    codes = set(WORD.findall(rules))
    found = english_on(page, names_of(desk) | codes)
    assert found == []
