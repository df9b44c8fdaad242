"""The register of contracts, the calendar of their dates, suppliers and partners, and a contract's own page."""

import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from werkzeug.datastructures import FileStorage

from credit_app.documents_text import WORD, text_of
from credit_app.facts.contracts import draft_version, freeze, take_over
from credit_app.facts.customer_documents import Handed
from credit_app.facts.performance import milestones_of
from credit_app.forms.uploads import checked_upload
from credit_app.models.contract import Contract, ContractDocument
from credit_app.models.contract_review import ContractReview
from credit_app.models.party import Party
from credit_app.models.performance import ContractMilestone
from tests.factories import TODAY, make_customer
from tests.screens.desk import Desk
from tests.screens.drawn_up import TERMS, contract_with, under_review
from tests.screens.pages import File, Page
from workflows import clock


def word_file(text: str) -> bytes:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        body = f"<w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body>"
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{space}">{body}</w:document>')
    return file.getvalue()


def in_force(desk: Desk, contract: Contract, said: str, **terms: object) -> Contract:
    """`contract` put in force with a version whose uploaded document says that, and its milestones planned."""
    session = desk.session
    document: Handed = checked_upload(FileStorage(io.BytesIO(word_file(said)), "Contract.docx"), "file")
    version = draft_version(
        session, contract, TERMS | terms, TODAY, contract.owner_id, text=text_of(document.content, WORD),
        note="First draft", document=document,
    )  # fmt: skip
    freeze(session, version)
    take_over(contract, version)
    contract.status, contract.filed_on = "active", TODAY
    for kind, title, day in milestones_of(version, version.ends_on):
        session.add(
            ContractMilestone(
                contract_id=contract.id, kind=kind, title=title, due_on=day, owner_id=contract.owner_id,
                created_at=clock.now(),
            )
        )  # fmt: skip
    session.commit()
    return contract


@pytest.fixture
def pumps(desk: Desk) -> Contract:
    customer = make_customer(
        desk.session, "Nordhafen Steel GmbH", branch_id=desk.cast.north.id, country="DE",
        registration_number="HRB 4711",
    )  # fmt: skip
    return in_force(desk, contract_with(desk, customer), "Retention of title. 买方应在验收合格后付款")


@pytest.fixture
def valves(desk: Desk) -> Contract:
    customer = make_customer(desk.session, "Far AG", branch_id=desk.cast.south.id)
    return in_force(
        desk,
        contract_with(desk, customer, owner=desk.cast.samir, title="Valves for the south", kind="service"),
        "Warranty of two years",
        ends_on=TODAY + timedelta(days=200),
    )


def numbers(desk: Desk, address: str, who: str = "carla") -> set[str]:
    """The numbers of the contracts that a list shows."""
    found = desk.get(getattr(desk.cast, who), address).text
    known = desk.session.scalars(select(Contract.number)).all()
    return {number for number in known if number in found}


def test_contracts_are_found_by_what_they_say_and_whom_they_are_with(
    desk: Desk, pumps: Contract, valves: Contract
) -> None:
    both, first, second = {pumps.number, valves.number}, {pumps.number}, {valves.number}
    for typed, found in {
        "retention title": first,
        "RETEN": first,
        "验收合格": first,
        "付款": first,
        "验付": set(),
        "nordhafen pumps": first,
        "nordhafen warranty": set(),
        "warranty": second,
        pumps.number: first,
        "for the south": second,
        "' | !": set(),
        "CTR": both,
    }.items():
        assert numbers(desk, f"/contracts?q={typed}") == found, typed
    # Of another branch nothing is found, whatever is asked.
    assert numbers(desk, "/contracts?q=warranty", "sara") == set()
    assert numbers(desk, "/contracts", "sara") == first
    assert pumps.title in desk.get(desk.cast.carla, "/search?q=retention").text
    assert desk.get(desk.cast.carla, f"/search?q={pumps.number.lower()}").path == f"/contracts/{pumps.number}"
    assert "Nothing found" in desk.get(desk.cast.sara, f"/search?q={valves.number}").text
    change = desk.get(desk.cast.sara, f"/contracts/{pumps.number}").form("/change")
    change.fill(changes="Sixty more pumps").send()
    review = desk.session.scalars(select(ContractReview.number)).one()
    assert desk.get(desk.cast.sara, f"/search?q={review}").path == f"/contracts/reviews/{review}"
    assert "Nothing found" in desk.get(desk.cast.samir, f"/search?q={review}").text
    pumps.customer.name = "Südhafen 钢铁厂"  # type: ignore[union-attr]
    desk.session.commit()
    for typed in ("südhafen", "钢铁", "nordhafen"):
        assert numbers(desk, f"/contracts?q={typed}") == first, typed


def test_the_register_is_filtered_sorted_and_handed_out(
    desk: Desk, pumps: Contract, valves: Contract
) -> None:
    both, first, second = {pumps.number, valves.number}, {pumps.number}, {valves.number}
    for address, found in {
        "?status=active&sort=ends": both,
        "?status=draft": set(),
        "?kind=service": second,
        "?ends=180": set(),
        "?ends=365": both,
        "?side=purchase": set(),
        f"?branch={desk.cast.north.id}": first,
        "?owner=me": set(),
        "?sort=-title&q=steel": first,
    }.items():
        assert numbers(desk, f"/contracts{address}") == found, address
    assert numbers(desk, "/contracts?owner=me", "sara") == first
    desk.get(desk.cast.carla, "/contracts?sort=secret", 400)
    table = desk.get(desk.cast.carla, "/contracts/list.csv?q=steel").raw.decode().splitlines()
    assert len(table) == 2
    assert "Nordhafen Steel GmbH" in table[1]


def test_the_list_goes_on_where_the_page_ends(desk: Desk) -> None:
    customer = make_customer(desk.session, "Many Ltd", branch_id=desk.cast.north.id)
    made = [contract_with(desk, customer, title=f"Order {n:03d}") for n in range(60)]
    desk.session.commit()
    page = desk.get(desk.cast.sara, "/contracts?q=order&sort=title")
    assert "60 contracts fit" in page.text
    shown: set[str] = set()
    for address in addresses(desk, "/contracts?q=order&sort=title"):
        shown |= numbers(desk, address, "sara")
    assert shown == {row.number for row in made}


def addresses(desk: Desk, address: str) -> Iterator[str]:
    """The pages of a list, one after the other."""
    following = [address]
    while following:
        yield following[0]
        following = desk.get(desk.cast.sara, following[0]).all("//a[@rel='next']/@href")


def test_dates_come_by_month_with_what_is_to_be_done(desk: Desk, pumps: Contract, valves: Contract) -> None:
    def dates(asked: str, who: str = "carla") -> str:
        return desk.get(getattr(desk.cast, who), f"/contracts/calendar{asked}").text

    assert numbers(desk, "/contracts/calendar") == {pumps.number, valves.number}  # the deliveries
    assert numbers(desk, "/contracts/calendar", "sara") == {pumps.number}
    assert numbers(desk, "/contracts/calendar?owner=me") == set()
    assert "Contract ends" not in dates("")
    whole_year = dates("?span=365")
    assert "Last day of notice" in whole_year
    assert (TODAY + timedelta(days=40)).strftime("%B %Y") in whole_year
    # An end is a date also where nothing was planned; a date that was kept is none any more.
    desk.session.execute(text("DELETE FROM contract_milestone WHERE kind = 'expiry'"))
    desk.session.execute(
        text("UPDATE contract_milestone SET status = 'done', done_on = due_on WHERE kind = 'delivery'")
    )
    desk.session.commit()
    assert "Contract ends" in dates("?span=365")
    assert numbers(desk, "/contracts/calendar?span=30") == set()


def test_a_supplier_has_a_file_and_is_not_opened_twice(desk: Desk, pumps: Contract) -> None:
    cast = desk.cast

    def said(page: Page, **values: str) -> tuple[str, Page]:
        sent = page.form("/parties/new").fill(**values).send()
        return " ".join([*sent.problems, *sent.messages]), sent

    def open_file(**values: str) -> tuple[str, Page]:
        return said(desk.get(cast.sara, "/contracts/parties/new"), kind="supplier", **values)

    assert "Enter the country too" in open_file(name="Castings", registration_number="HRB 1")[0]
    given = {"name": "Nordhafen Steel GmbH", "country": "de", "registration_number": "hrb-4711"}
    assert "file is open" in open_file(**given)[0]
    desk.fresh()
    row = desk.session.scalars(select(Party)).one()
    assert (row.branch_id, row.country) == (cast.north.id, "DE")
    # The same company as a customer, each way.
    assert "also our customer" in desk.get(cast.sara, f"/contracts/parties/{row.number}").text
    assert pumps.customer is not None
    file = desk.get(cast.sara, f"/customers/{pumps.customer.number}?tab=contracts").text
    assert "File as Supplier" in file
    assert pumps.number in file
    # A like name is asked about; the same registration never passes.
    asked = open_file(name="Nordhafen Steel AG")[1]
    assert "Is it one of these?" in asked.text
    assert "file is open" in said(asked, other="y")[0]
    asked = open_file(**given)[1]
    assert "has this registration number" in said(asked, other="y")[0]
    desk.get(cast.anna, "/contracts/parties/new", 403)


def test_of_two_who_change_a_file_the_second_is_told(desk: Desk) -> None:
    cast = desk.cast
    desk.session.add(
        Party(
            number="P-000001",
            kind="supplier",
            name="Castings Ltd",
            branch_id=cast.north.id,
            created_at=clock.now(),
        )
    )
    desk.session.commit()
    first, second = (desk.get(one, "/contracts/parties/P-000001/edit") for one in (cast.sara, cast.mona))
    assert "Saved" in " ".join(first.form("/edit").fill(city="Hamburg").send().messages)
    sent = second.form("/edit").fill(city="Bremen").send()
    assert "changed by somebody else" in " ".join(sent.problems)
    desk.fresh()
    assert desk.session.scalars(select(Party.city)).one() == "Hamburg"
    desk.get(cast.samir, "/contracts/parties/P-000001", 404)


def test_the_page_of_a_contract_says_where_it_stands_and_hands_out_its_papers(
    desk: Desk, pumps: Contract
) -> None:
    cast, number = desk.cast, pumps.number
    page = desk.get(cast.sara, f"/contracts/{number}")
    assert "Terms in force" in page.text
    assert "Price and payment" in page.text
    assert "Next date: Delivery" in page.text
    got = desk.browser(cast.sara).client.get(f"/contracts/{number}/versions/1")
    assert got.get_data()[:2] == b"PK"
    assert "attachment" in got.headers["Content-Disposition"]
    desk.get(cast.samir, f"/contracts/{number}/versions/1", 404)

    def file_paper(content: bytes, name: str) -> str:
        form = desk.get(cast.sara, f"/contracts/{number}").form("/papers")
        sent = form.fill(kind="delivery").attach("file", File(name, content)).send()
        return " ".join([*sent.problems, *sent.messages])

    assert "not a PDF" in file_paper(b"MZ what claims to be a PDF", "note.pdf")
    assert "paper is filed" in file_paper(b"%PDF-1.7 delivery note", "送货单.pdf")
    desk.fresh()
    paper = desk.session.scalars(select(ContractDocument)).one()
    assert (paper.kind, paper.uploaded_by) == ("delivery", cast.sara.id)
    assert not desk.get(cast.carla, f"/contracts/{number}").has_form("/papers")
    got = desk.browser(cast.carla).client.get(f"/contracts/{number}/papers/{paper.id}")
    assert got.get_data() == b"%PDF-1.7 delivery note"
    desk.get(cast.samir, f"/contracts/{number}/papers/{paper.id}", 404)


def test_a_contract_under_review_shows_who_is_next_and_the_diagram(desk: Desk) -> None:
    customer = make_customer(desk.session, "Reviewed Ltd", branch_id=desk.cast.north.id)
    under_review(desk, "contract_signature", "signing", contract := contract_with(desk, customer))
    page = desk.get(desk.cast.carla, f"/contracts/{contract.number}")
    assert page.all("//*[@data-bpmn]")
    assert "What happens next" in page.text
    assert "Terms as drafted" in page.text
