"""What imports are called: their state, what a kind of file holds, why something was not taken."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from credit_app.i18n import _, _l, said
from credit_app.importers import DECLARED, Mapping, mappings
from credit_app.importers.ubl import MAPPING as UBL
from credit_app.models import IMPORT_KINDS, ImportBatch, ImportProblem
from credit_app.screens.words import import_kind_word

KIND_HELP = {
    "customers": _l(
        "A row for each customer, known by your own customer number. Rows of known customers renew what the file says"
        " of them."
    ),
    "invoices": _l(
        "A row for each invoice, credit note, interest or cost item, with a due date or payment terms: 30, EOM+15 or"
        " 40%@30, 60%@60. A negative amount is a credit note; it may name the invoice that it corrects."
    ),
    "receipts": _l(
        "A row for each amount received. One that names an invoice pays it as far as it is open, the oldest instalment"
        " first; the rest stays on account."
    ),
    "bank_statement": _l(
        "A camt.053 of the bank, with any number of statements. One that does not add up, or says something else than"
        " before, is not taken. What came in is then matched with open items; what no rule is sure of goes to a person."
    ),
    "ubl": _l(
        "An invoice or credit note of UBL 2.1 as XML, or a ZIP of up to 10,000. The customer is found by your customer"
        " number, ours, or the registration number; several due dates become instalments."
    ),
}


def import_state(batch: ImportBatch) -> str:
    """Return the status word of an import."""
    if batch.status in ("waiting", "running", "failed"):
        return batch.status
    if batch.status == "refused":
        return "rejected"
    return "checked" if batch.dry_run else "partly" if batch.rows_bad else "imported"


def import_problem(batch: ImportBatch) -> str:
    """Return why a file was not taken as a whole, in the reader's language; empty when single rows were the reason."""
    return said({"template": batch.problem, "values": batch.problem_values}) if batch.problem else ""


def problem_reason(row: ImportProblem) -> str:
    """Return why a row was not taken, in the reader's language."""
    return said({"template": row.reason, "values": row.reason_values})


def import_mapping_word(mapping: Mapping) -> str:
    """Return what a mapping is for: what the file holds, and where it comes from."""
    name = _(mapping.title) if mapping.title else mapping.name
    return _("%(what)s: %(name)s", what=import_kind_word(mapping.kind), name=name)


@dataclass(frozen=True, slots=True)
class KindOfFile:
    """What can be imported: its kind, the mapping's `name` (empty where none is needed), words; a table's `mapping`."""

    kind: str
    name: str
    word: str
    mapping: Mapping | None = None


def kinds_of_files() -> list[KindOfFile]:
    """Return all that can be imported, in the order of the kinds."""
    found = []
    for kind in IMPORT_KINDS:
        if kind in DECLARED:
            word = _("%(what)s: %(name)s", what=import_kind_word(kind), name=DECLARED[kind].TITLE)
            found.append(KindOfFile(kind, "", word))
        elif kind == UBL.name:
            word = _("%(what)s: %(name)s", what=import_kind_word(kind), name=UBL.title)
            found.append(KindOfFile(kind, UBL.name, word))
        else:
            tables = mappings(kind)
            found += [KindOfFile(kind, one.name, import_mapping_word(one), one) for one in tables]
    return found


def import_kind_help(kind: str) -> str:
    """Return what a kind of file holds, in a sentence or two."""
    return str(KIND_HELP.get(kind, ""))


FILTERS: tuple[Callable[[Any], str], ...] = (
    import_state,
    import_problem,
    problem_reason,
    import_kind_help,
)
