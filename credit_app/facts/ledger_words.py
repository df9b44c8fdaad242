"""What items and entries of the ledger are called, on pages and in documents."""

from collections.abc import Mapping

from flask_babel import LazyString

from credit_app.i18n import _l

ENTRY_WORDS: Mapping[str, LazyString] = {
    "invoice": _l("invoice"),
    "credit_note": _l("credit note"),
    "interest": _l("late interest"),
    "cost": _l("collection cost"),
    "receipt": _l("receipt"),
    "adjustment": _l("adjustment"),
    "allocation": _l("allocation"),
    "bounced": _l("bounced payment"),
    "reversed": _l("reversed receipt"),
    "reversal": _l("reversal"),
}


def entry_word(kind: str) -> str:
    """What an item or entry is."""
    return str(ENTRY_WORDS.get(kind, kind))
