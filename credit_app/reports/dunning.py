"""A letter to a customer as it is printed and attached, in the letter's own language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time
from decimal import Decimal

from credit_app.domain.dunning_text import around_items
from credit_app.domain.money import format_amount
from credit_app.facts.dunning_text import day_in, said_in
from credit_app.models.dunning import DunningItem, DunningLetter
from credit_app.reports.pdf import Column, typeset
from workflows.errors import N_

FOOT = N_("%(company)s, letter %(number)s to %(name)s")
NOT_DUE = N_("%(number)s, due %(day)s: %(amount)s")
ONE_DAY = N_("%(number)s, due %(day)s, one day overdue: %(amount)s")
MORE_DAYS = N_("%(number)s, due %(day)s, %(days)s days overdue: %(amount)s")


@dataclass(frozen=True, slots=True)
class LetterDocument:
    """Everything that stands on the paper, as text. `totals`: for each currency pairs of label and amount, the last
    of them what is to be paid."""

    title: str
    company: str
    sender: Sequence[str]
    address: Sequence[str]
    facts: Sequence[tuple[str, str]]
    before: Sequence[str]
    after: Sequence[str]
    head: Sequence[Column]
    rows: Sequence[Sequence[str]]
    totals: Sequence[Sequence[tuple[str, str]]]
    foot: str
    lang: str
    region: str


def letter_pdf(letter: DunningLetter, company: str) -> bytes:
    """The letter as PDF; the same letter gives the same bytes. Raises PdfFailed."""
    document = letter_document(letter, company)
    return typeset("letter.typ", asdict(document), made_at(letter))


def made_at(letter: DunningLetter) -> datetime:
    """The instant that the PDF bears: noon of the letter's day."""
    return datetime.combine(letter.letter_on, time(12), UTC)


def file_name(letter: DunningLetter) -> str:
    """What the PDF is called."""
    return f"{letter.number}.pdf"


def letter_document(letter: DunningLetter, company: str) -> LetterDocument:
    """What stands on the paper, in the letter's language, made of nothing but what the letter keeps."""
    before, after = around_items(letter.body)
    claimed = [item for item in letter.items if item.claimed > 0]
    with_charges = any(item.interest or item.fee for item in claimed)
    language = letter.language
    in_chinese = language.startswith("zh")
    return LetterDocument(
        title=letter.subject or letter.number,
        company=company,
        sender=letter.sender,
        address=_address(letter),
        facts=_facts(letter),
        before=paragraphs(before),
        after=paragraphs(after),
        head=_head(language, with_charges=with_charges),
        rows=[_row(item, language, with_charges=with_charges) for item in claimed],
        totals=[_total(total, language) for total in letter.totals],
        foot=said_in(language, FOOT, company=company, number=letter.number, name=letter.customer.name),
        lang="zh" if in_chinese else "en",
        region="CN" if in_chinese else "GB",
    )


def _facts(letter: DunningLetter) -> list[tuple[str, str]]:
    language = letter.language
    pairs = [
        (N_("Letter"), letter.number),
        (N_("Date"), day_in(language, letter.letter_on)),
        (N_("Customer number"), letter.customer.number),
    ]
    if letter.pay_by:
        pairs.append((N_("Pay by"), day_in(language, letter.pay_by)))
    return [(said_in(language, label), value) for label, value in pairs]


def _address(letter: DunningLetter) -> list[str]:
    """The postal address, or where else the letter goes to."""
    if letter.channel == "letter":
        lines = letter.address.splitlines()
        return [*lines[:1], *([letter.contact_name] if letter.contact_name else []), *lines[1:]]
    return [letter.customer.name, letter.contact_name, letter.address]


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, with the breaks of lines inside of each."""
    return [part.strip("\n") for part in text.split("\n\n") if part.strip()]


def _head(language: str, *, with_charges: bool) -> list[Column]:
    labels = [N_("Due"), N_("Days overdue"), N_("Unpaid"), N_("Amount claimed")]
    labels += [N_("Interest"), N_("Costs")] if with_charges else []
    numbers = [Column(said_in(language, label), number=place > 0) for place, label in enumerate(labels)]
    return [Column(said_in(language, N_("Number")), wide=True), *numbers]


def _row(item: DunningItem, language: str, *, with_charges: bool) -> list[str]:
    found = [
        item.number,
        day_in(language, item.due_date),
        str(item.days_overdue),
        format_amount(item.open_amount, item.currency),
        format_amount(item.claimed, item.currency),
    ]
    if with_charges:
        fee = format_amount(item.fee, item.fee_currency or item.currency)
        found += [format_amount(item.interest, item.currency), fee]
    return found


def _total(total: Mapping[str, str], language: str) -> list[tuple[str, str]]:
    code = total["currency"]
    parts = [
        (N_("Amount claimed"), Decimal(total["claimed"])),
        (N_("Late interest"), Decimal(total["interest"])),
        (N_("Costs"), Decimal(total["fee"])),
        (N_("Less what is credited to you"), -Decimal(total["credit"])),
    ]
    shown = [(said_in(language, label), format_amount(amount, code)) for label, amount in parts if amount]
    to_pay = said_in(language, N_("To pay in %(currency)s"), currency=code)
    return [*shown, (to_pay, format_amount(Decimal(total["to_pay"]), code))]


def item_lines(items: Iterable[DunningItem], language: str) -> str:
    """What a letter claims as lines of a mail, in that language."""
    return "\n".join(f"  {_line(item, language)}" for item in items if item.claimed > 0)


def _line(item: DunningItem, language: str) -> str:
    values = {
        "number": item.number,
        "day": day_in(language, item.due_date),
        "amount": format_amount(item.claimed, item.currency),
    }
    if item.days_overdue <= 0:
        return said_in(language, NOT_DUE, **values)
    if item.days_overdue == 1:
        return said_in(language, ONE_DAY, **values)
    return said_in(language, MORE_DAYS, **values, days=str(item.days_overdue))
