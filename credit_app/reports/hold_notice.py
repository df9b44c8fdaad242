"""The letter that tells a customer from when on nothing is delivered, in one language."""

from credit_app.domain.money import format_amount
from credit_app.i18n import _, written_day
from credit_app.models.holds import CustomerHold
from credit_app.reports.pdf import Document, Section


def notice_document(company: str, hold: CustomerHold, language: str) -> Document:
    """The notice as a document; the locale of the caller is that of `language`."""
    lang, region = ("zh", "CN") if language.startswith("zh") else ("en", "GB")
    customer = hold.customer
    place = ", ".join(part for part in (customer.address, customer.city, customer.country) if part)
    facts = [
        (_("Customer"), customer.name),
        (_("Number"), customer.number),
        (_("Address"), place or None),
        (_("Reference"), hold.number),
        (_("Day"), written_day(hold.noticed_on) if hold.noticed_on else None),
    ]
    blank = "_" * 40
    received = [(_("Received on"), blank), (_("Name and position"), blank), (_("Signature and stamp"), blank)]
    return Document(
        title=_("Notice of a stop of deliveries"),
        author=company,
        lead=company,
        foot=_("%(company)s, notice %(number)s", company=company, number=hold.number),
        sections=[
            Section(_("To"), pairs=facts),
            Section(_("Notice"), lines_of(hold)),
            Section(_("Receipt"), [_("Please confirm that you have received this notice.")], pairs=received),
        ],
        lang=lang,
        region=region,
    )


def lines_of(hold: CustomerHold) -> list[str]:
    """What the letter says."""
    days = hold.notice_days or 0
    amount = f"{hold.currency} {format_amount(hold.from_amount)}" if hold.from_amount is not None else ""
    which = (
        _(
            "Unless what is overdue is paid by then, we deliver no orders of %(amount)s or more.",
            amount=amount,
        )
        if hold.scope == "above"
        else _("Unless what is overdue is paid by then, we deliver no further orders.")
    )
    owed = (
        [_("Overdue are %(amount)s.", amount=f"{hold.currency} {format_amount(hold.amount)}")]
        if hold.amount
        else []
    )
    return [
        *owed,
        _("This notice takes effect %(days)s days after you have received it.", days=days),
        which,
        _("What has been delivered stays payable. Deliveries go on as soon as the account is settled."),
    ]
