"""The words of payment methods."""

from credit_app.i18n import _l

PAYMENT_WORDS = {
    "open_account": _l("Open account"),
    "bill": _l("Bill of exchange"),
    "instalments": _l("Instalments"),
    "cash_on_delivery": _l("Cash on delivery"),
    "prepayment": _l("Prepayment"),
}
