"""What is handed out with a receipt so that anybody can check it without this program."""

import json
import re
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from credit_app import resources
from credit_app.models import Attachment, CustomerDocument, DecisionReceipt
from workflows import history

READ_ME = """Receipt of a credit decision

receipt.json       what the decision rested on, in one canonical form
chain.jsonl        the chain of the process's history from the receipt's place in it to its present end
documents/         the documents that the receipt names, where they were asked for
verify_receipt.py  checks all of it; needs Python 3 and nothing else

Unpack, then:  python verify_receipt.py .

SHA-256 of the receipt:      {sha256}
Last hash of the chain:      {head}

Compare these two with a copy from elsewhere, such as a printed receipt. The first then proves the receipt and its
documents, the second also the history that follows. On their own the files prove that they fit together.
"""


def figures_of(receipt: DecisionReceipt) -> dict[str, Any]:
    """The figures of a receipt."""
    found: dict[str, Any] = json.loads(receipt.body)
    return found


def chain_of(session: Session, receipt: DecisionReceipt) -> list[dict[str, Any]]:
    """The chain from the receipt's place to its end; only the event that names the receipt with its content."""
    place = figures_of(receipt)["chain"]
    told = history.naming(session, place["instance"], place["seq"], receipt.sha256)
    return history.excerpt(session, place["instance"], place["seq"], told)


def files_of(
    session: Session, receipt: DecisionReceipt, with_documents: bool, whole_file: bool = True
) -> dict[str, bytes]:
    """Name -> content of everything that is handed out.

    Without the `whole_file` only the documents that came with the application itself.
    """
    rows = chain_of(session, receipt)
    head = rows[-1]["hash"] if rows else figures_of(receipt)["chain"]["hash"]
    files = {
        "receipt.json": receipt.body.encode(),
        "chain.jsonl": b"".join(orjson.dumps(row) + b"\n" for row in rows),
        "verify_receipt.py": resources.verifier().read_bytes(),
        "README.txt": READ_ME.format(sha256=receipt.sha256, head=head).encode(),
    }
    return files | (_documents(session, receipt, whole_file) if with_documents else {})


def _documents(session: Session, receipt: DecisionReceipt, whole_file: bool) -> dict[str, bytes]:
    """The documents that the receipt names, as they are kept now; one that is gone is left out."""
    found = {}
    for document in figures_of(receipt)["documents"]:
        model: Any = Attachment if document["kind"] == "attachment" else CustomerDocument
        row = session.scalar(select(model).where(model.id == document["id"]).options(undefer(model.content)))
        if row is not None and (whole_file or row.application_id == receipt.application_id):
            name = re.sub(r"[^\w.\- ]", "_", document["filename"])[-100:].lstrip(".") or "document"
            found[f"documents/{document['kind']}-{document['id']}-{name}"] = bytes(row.content)
    return found
