"""The statement of account as it is sent to a customer, in one language."""

from collections.abc import Mapping, Sequence
from datetime import date

from credit_app.domain.money import format_amount
from credit_app.facts.dunning_proof import Otherwise
from credit_app.facts.interest_statement import AccountInterest
from credit_app.facts.interest_words import formula, rate_word
from credit_app.facts.ledger_words import entry_word
from credit_app.facts.statement import Account, Statement
from credit_app.i18n import _, written_day
from credit_app.models import Customer, OpenItem
from credit_app.reports.pdf import Column, Document, Section


def statement_document(
    company: str,
    customer: Customer,
    statement: Statement,
    language: str,
    confirm_by: date | None = None,
    letters: Sequence[Otherwise] = (),
    interest: Mapping[str, AccountInterest] | None = None,
) -> Document:
    """The statement as a document; the locale of the caller is that of `language`.

    With `confirm_by` it asks to confirm the balance by that day and has a place to sign. `letters` named more as open
    than the books of their day show now; `interest` (currency -> late interest of the account) is explained under each
    account.
    """
    lang, region = ("zh", "CN") if language.startswith("zh") else ("en", "GB")
    day = written_day(statement.as_of)
    sections = [_address(customer)]
    for account in statement.accounts:
        sections += _account(account, statement)
        if interest and account.currency in interest:
            sections.append(interest_section(interest[account.currency]))
    if not statement.accounts:
        sections.append(Section(_("Account"), [_("Nothing is open and nothing has moved in this period.")]))
    if statement.pay_to:
        sections.append(Section(_("Payment"), [pay_to_said(*one) for one in statement.pay_to]))
    if letters:
        sections.append(Section(_("Letters"), [letter_said(one) for one in letters]))
    if confirm_by is None:
        sections.append(Section(_("Please check"), [_("Tell us within 14 days what you see otherwise.")]))
    else:
        sections.append(_to_sign(confirm_by))
    return Document(
        title=_("Statement of account as of %(day)s", day=day),
        author=company,
        lead=company,
        foot=_(
            "%(company)s, account of %(name)s, as of %(day)s", company=company, name=customer.name, day=day
        ),
        sections=sections,
        lang=lang,
        region=region,
    )


def pay_to_said(currency: str, account: str) -> str:
    """Where what is owed in a currency is to be paid, as letters say it."""
    return _("Please pay %(currency)s to: %(account)s", currency=currency, account=account)


def letter_said(one: Otherwise) -> str:
    """What a statement says of a letter that named more as open than the books of its day show now."""
    return _(
        "Our letter %(number)s of %(day)s names %(named)s as open; by later entries, %(then)s were open on that day.",
        number=one.number,
        day=written_day(one.letter_on),
        named=format_amount(one.named, one.currency),
        then=format_amount(one.open_then, one.currency),
    )


def _to_sign(confirm_by: date) -> Section:
    asked = _(
        "Please confirm the balance, or name what you see otherwise, and return this statement signed by %(day)s.",
        day=written_day(confirm_by),
    )
    blank = "_" * 40
    pairs = [
        (_("We agree / see otherwise"), blank),
        (_("Name and position"), blank),
        (_("Place and day"), blank),
        (_("Signature and stamp"), blank),
    ]
    return Section(_("Confirmation of the balance"), [asked], pairs=pairs)


def _address(customer: Customer) -> Section:
    place = ", ".join(part for part in (customer.address, customer.city, customer.country) if part)
    pairs = [(_("Customer"), customer.name), (_("Number"), customer.number), (_("Address"), place or None)]
    return Section(_("Account holder"), pairs=pairs)


def _account(account: Account, statement: Statement) -> list[Section]:
    code = account.currency
    totals: list[tuple[str, str | None]] = [
        (_("Balance before %(day)s", day=written_day(statement.begins)), _money(account.opening, code)),
        (_("Balance on %(day)s", day=written_day(statement.as_of)), _money(account.closing, code)),
        (_("Of it overdue"), _money(account.overdue, code)),
        (_("Received and not allocated"), _money(account.unallocated, code)),
    ]
    items = Section(
        _("Open items in %(currency)s", currency=code),
        head=[
            Column(_("Number"), wide=True),
            Column(_("Kind")),
            Column(_("Document date")),
            Column(_("Due")),
            Column(_("Amount"), number=True),
            Column(_("Open"), number=True),
        ],
        rows=[
            (
                _number(item),
                entry_word(item.kind),
                written_day(item.document_date),
                written_day(item.due_date),
                format_amount(item.amount),
                format_amount(item.open_amount),
            )
            for item in account.items
        ],
    )
    movements = Section(
        _("Movements in %(currency)s", currency=code),
        head=[
            Column(_("Day")),
            Column(_("Kind")),
            Column(_("Number"), wide=True),
            Column(_("Amount"), number=True),
            Column(_("Balance"), number=True),
        ],
        rows=[
            (
                written_day(one.on_date),
                entry_word(one.kind),
                one.number or None,
                format_amount(one.amount),
                format_amount(one.balance),
            )
            for one in account.movements
        ],
    )
    found = [Section(_("Account in %(currency)s", currency=code), pairs=totals)]
    found += [items] if account.items else []
    return found + ([movements] if account.movements else [])


def _number(item: OpenItem) -> str:
    if not item.instalment:
        return item.number
    words = _("instalment %(num)s", num=item.instalment)
    return f"{item.number}, {words}"


def interest_section(found: AccountInterest) -> Section:
    """How late interest came about, line by line, with its formula and what of it is left to claim."""
    rows = [
        (
            number if place == 0 else None,
            _("%(from)s to %(to)s", **{"from": written_day(part.from_on), "to": written_day(part.to_on)}),
            str(part.days),
            format_amount(part.open_amount),
            f"{part.rate.normalize():f} %, {rate_word(part.why)}",
            format_amount(part.amount),
        )
        for number, one in found.rows
        for place, part in enumerate(one.segments)
    ]
    total = _("Not claimed yet: %(total)s", total=_money(found.total, found.currency))
    return Section(
        _("Late interest in %(currency)s", currency=found.currency),
        [formula(), total, *found.fees],
        head=[
            Column(_("Number")),
            Column(_("Period"), wide=True),
            Column(_("Days"), number=True),
            Column(_("Open"), number=True),
            Column(_("Rate a year"), wide=True),
            Column(_("Interest"), number=True),
        ],
        rows=rows,
    )


def _money(amount: object, currency: str) -> str:
    return f"{currency} {format_amount(amount)}"  # type: ignore[arg-type]
