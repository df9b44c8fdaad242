"""A letter to a customer as it is printed and attached, in the letter's own language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time
from decimal import Decimal

from credit_app.domain.dunning_text import around_items
from credit_app.domain.money import format_amount
from credit_app.i18n import _, force_locale, ngettext, written_day
from credit_app.models.dunning import DunningItem, DunningLetter
from credit_app.reports.pdf import Column, typeset


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
    """What stands on the paper, made of nothing but what the letter keeps."""
    with force_locale(letter.language):
        return _document(letter, company)


def _document(letter: DunningLetter, company: str) -> LetterDocument:
    before, after = around_items(letter.body)
    claimed = [item for item in letter.items if item.claimed > 0]
    facts = [
        (_("Letter"), letter.number),
        (_("Date"), written_day(letter.letter_on)),
        (_("Customer number"), letter.customer.number),
    ]
    if letter.pay_by:
        facts.append((_("Pay by"), written_day(letter.pay_by)))
    with_charges = any(item.interest or item.fee for item in claimed)
    in_chinese = letter.language.startswith("zh")
    return LetterDocument(
        title=letter.subject or letter.number,
        company=company,
        sender=letter.sender,
        address=_address(letter),
        facts=facts,
        before=paragraphs(before),
        after=paragraphs(after),
        head=_head(with_charges=with_charges),
        rows=[_row(item, with_charges=with_charges) for item in claimed],
        totals=[_total(total) for total in letter.totals],
        foot=_(
            "%(company)s, letter %(number)s to %(name)s",
            company=company,
            number=letter.number,
            name=letter.customer.name,
        ),
        lang="zh" if in_chinese else "en",
        region="CN" if in_chinese else "GB",
    )


def _address(letter: DunningLetter) -> list[str]:
    """The postal address, whatever way the letter goes."""
    if letter.channel == "letter":
        lines = letter.address.splitlines()
        return [*lines[:1], *([letter.contact_name] if letter.contact_name else []), *lines[1:]]
    return [letter.customer.name, letter.contact_name, letter.address]


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, with the breaks of lines inside of each."""
    return [part.strip("\n") for part in text.split("\n\n") if part.strip()]


def _head(*, with_charges: bool) -> list[Column]:
    charges = [Column(_("Interest"), number=True), Column(_("Costs"), number=True)] if with_charges else []
    return [
        Column(_("Number"), wide=True),
        Column(_("Due")),
        Column(_("Days"), number=True),
        Column(_("Open"), number=True),
        Column(_("Claimed"), number=True),
        *charges,
    ]


def _row(item: DunningItem, *, with_charges: bool) -> list[str]:
    found = [
        item.number,
        written_day(item.due_date),
        str(item.days_overdue),
        format_amount(item.open_amount, item.currency),
        format_amount(item.claimed, item.currency),
    ]
    if with_charges:
        fee = format_amount(item.fee, item.fee_currency or item.currency)
        found += [format_amount(item.interest, item.currency), fee]
    return found


def _total(total: Mapping[str, str]) -> list[tuple[str, str]]:
    code = total["currency"]
    parts = [
        (_("Claimed"), Decimal(total["claimed"])),
        (_("Late interest"), Decimal(total["interest"])),
        (_("Costs"), Decimal(total["fee"])),
        (_("Less what is credited to you"), -Decimal(total["credit"])),
    ]
    shown = [(label, format_amount(amount, code)) for label, amount in parts if amount]
    return [
        *shown,
        (_("To pay in %(currency)s", currency=code), format_amount(Decimal(total["to_pay"]), code)),
    ]


def item_lines(items: Iterable[DunningItem]) -> str:
    """What a letter claims as lines of a mail, in the locale of the caller."""
    return "\n".join(_line(item) for item in items if item.claimed > 0)


def _line(item: DunningItem) -> str:
    amount = format_amount(item.claimed, item.currency)
    due = written_day(item.due_date)
    if item.days_overdue <= 0:
        return _("  %(number)s, due %(day)s: %(amount)s", number=item.number, day=due, amount=amount)
    return str(
        ngettext(
            "  %(number)s, due %(day)s, %(num)s day overdue: %(amount)s",
            "  %(number)s, due %(day)s, %(num)s days overdue: %(amount)s",
            item.days_overdue,
            number=item.number,
            day=due,
            amount=amount,
        )
    )
