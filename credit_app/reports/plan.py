"""The agreement of a payment plan, to sign, in one language."""

from credit_app.domain.money import format_amount
from credit_app.i18n import _, written_day
from credit_app.models.promises import PaymentPlan
from credit_app.reports.pdf import Column, Document, Section


def plan_document(company: str, plan: PaymentPlan, language: str) -> Document:
    """The agreement as a document; the locale of the caller is that of `language`."""
    lang, region = ("zh", "CN") if language.startswith("zh") else ("en", "GB")
    return Document(
        title=_("Payment plan %(number)s", number=plan.number),
        author=company,
        lead=company,
        foot=_("%(company)s, payment plan %(number)s", company=company, number=plan.number),
        sections=[_debtor(plan), _debt(plan), _instalments(plan), _terms(plan), _to_sign(company)],
        lang=lang,
        region=region,
    )


def _debtor(plan: PaymentPlan) -> Section:
    customer = plan.customer
    place = ", ".join(part for part in (customer.address, customer.city, customer.country) if part)
    pairs = [(_("Customer"), customer.name), (_("Number"), customer.number), (_("Address"), place or None)]
    return Section(_("Debtor"), pairs=pairs)


def _debt(plan: PaymentPlan) -> Section:
    said = _(
        "The debtor acknowledges that it owes %(amount)s for these items.", amount=_money(plan.amount, plan)
    )
    return Section(
        _("Debt"),
        [said],
        head=[Column(_("Number"), wide=True), Column(_("Due")), Column(_("Amount"), number=True)],
        rows=[
            (row.item.number, written_day(row.item.due_date), format_amount(row.amount)) for row in plan.items
        ],
    )


def _instalments(plan: PaymentPlan) -> Section:
    return Section(
        _("Instalments"),
        [_("The debtor pays the debt in these instalments, each received by its day.")],
        head=[Column(_("Instalment")), Column(_("Due"), wide=True), Column(_("Amount"), number=True)],
        rows=[
            (str(row.place), written_day(row.due_on), format_amount(row.amount)) for row in plan.instalments
        ],
    )


def _terms(plan: PaymentPlan) -> Section:
    interest = (
        _("Late interest goes on during the plan.")
        if plan.with_interest
        else _("No late interest is asked for while the plan is kept.")
    )
    broken = _(
        "When an instalment is missed after a reminder, the plan ends and all that is open is due at once."
    )
    return Section(
        _("What is agreed"), [interest, broken], pairs=[(_("Security offered"), plan.security or None)]
    )


def _to_sign(company: str) -> Section:
    blank = "_" * 40
    return Section(
        _("Signatures"),
        pairs=[
            (_("Place and day"), blank),
            (_("Debtor, name and position"), blank),
            (_("Signature and stamp"), blank),
            (company, blank),
        ],
    )


def _money(amount: object, plan: PaymentPlan) -> str:
    return f"{plan.currency} {format_amount(amount)}"  # type: ignore[arg-type]
