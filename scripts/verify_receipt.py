#!/usr/bin/env python3
"""Check the receipt of a credit decision without the program that made it: only Python is needed.

    python verify_receipt.py FOLDER_OR_ZIP [--sha256 HASH] [--head HASH]

The folder (or ZIP) holds receipt.json and, where there, chain.jsonl and the documents under documents/. Checked are:
the receipt's own form and hash; each document handed in against the hash that the receipt names; every link of the
chain of the process's history after the receipt's place in it, and that this chain names the receipt's hash.
`--sha256` and `--head` are hashes that you have from elsewhere (a printed receipt, another person's copy): without
one of them a forger could have made all files anew. With `--sha256` nothing in the receipt and its documents can have
been changed; with `--head` nothing in the history that follows either, which the receipt alone does not bind.
The exit code is 0 when everything holds, 1 when something does not, 2 when the files cannot be read.
"""

import argparse
import hashlib
import json
import sys
import zipfile
from pathlib import Path

SCHEMA = "credit-desk.decision-receipt.1"
MOST = 200_000_000  # bytes of one file


class Wrong(Exception):
    """Something does not hold; the text says what."""


def main(arguments=None):
    """Check what was named and say the result; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("place", type=Path, help="folder or ZIP file with receipt.json")
    parser.add_argument("--sha256", default="", help="the receipt's hash as you know it from elsewhere")
    parser.add_argument("--head", default="", help="the chain's last hash as you know it from elsewhere")
    given = parser.parse_args(arguments)
    try:
        files = read(given.place)
    except (OSError, zipfile.BadZipFile, Wrong) as error:
        print(f"Cannot be read: {error}")
        return 2
    try:
        check(files, given.sha256.strip().lower(), given.head.strip().lower())
    except Wrong as wrong:
        print(f"WRONG: {wrong}")
        return 1
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        print(f"WRONG: the files do not have the form of a receipt ({type(error).__name__}: {error})")
        return 1
    print("Everything holds.")
    return 0


def read(place):
    """Return the files of a folder or ZIP: name -> bytes."""
    if place.is_dir():
        found = {
            path.relative_to(place).as_posix(): path.read_bytes()
            for path in place.rglob("*")
            if path.is_file()
        }
    else:
        with zipfile.ZipFile(place) as archive:
            large = [info.filename for info in archive.infolist() if info.file_size > MOST]
            if large:
                raise Wrong(f"{large[0]} is larger than {MOST} bytes")
            found = {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
    if "receipt.json" not in found:
        raise Wrong("there is no receipt.json")
    return found


def check(files, known_hash, known_head):
    """Check everything, telling each result. Raises Wrong at the first that does not hold."""
    receipt = check_receipt(files["receipt.json"], known_hash)
    digest = hashlib.sha256(files["receipt.json"]).hexdigest()
    check_documents(receipt, files)
    if "chain.jsonl" in files:
        check_chain(receipt, digest, files["chain.jsonl"], known_head)
    else:
        print("The history's chain was not handed in.")
        if known_head:
            raise Wrong("a head was given, but there is no chain.jsonl to compare it with")
    if not (known_hash or known_head):
        print(
            "Compare one of these hashes with a copy from elsewhere: the files alone prove that they fit together."
        )


def check_receipt(content, known_hash):
    """Return the receipt's figures when its form is the canonical one and its hash the known one."""
    try:
        receipt = json.loads(content.decode("utf-8"))
    except ValueError as error:
        raise Wrong(f"receipt.json is no JSON text: {error}") from None
    if not isinstance(receipt, dict) or receipt.get("schema") != SCHEMA:
        raise Wrong(f"receipt.json is no receipt of the form {SCHEMA}")
    canonical = json.dumps(receipt, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    if canonical.encode() != content:
        raise Wrong("receipt.json is not in its canonical form: it was changed after it was made")
    digest = hashlib.sha256(content).hexdigest()
    if known_hash and known_hash != digest:
        raise Wrong(
            f"the receipt's hash is {digest}, not {known_hash}: it is another receipt, or was changed"
        )
    decision, application = receipt["decision"], receipt["application"]
    print(f"Receipt of {application['number']}, {decision['decision']} at {decision['decided_at']}")
    print(f"SHA-256 of the receipt {digest}" + (" (as known)" if known_hash else ""))
    return receipt


def check_documents(receipt, files):
    """Compare the documents handed in with the hashes of the receipt; extra ones are wrong, missing ones are told."""
    handed_in = {
        hashlib.sha256(content).hexdigest(): name
        for name, content in files.items()
        if name.startswith("documents/")
    }
    wanted = {document["sha256"]: document for document in receipt["documents"]}
    strange = sorted(name for digest, name in handed_in.items() if digest not in wanted)
    if strange:
        raise Wrong(f"{strange[0]} is none of the receipt's documents, or was changed")
    for digest, document in wanted.items():
        state = "as it was" if digest in handed_in else "not handed in"
        print(f"Document {document['filename']} ({document['size']} bytes): {state}")


def check_chain(receipt, digest, content, known_head):
    """Compute every link anew from the receipt's place on, and find the event that names the receipt."""
    place = receipt["chain"]
    previous, seq, named = bytes.fromhex(place["hash"]), place["seq"], None
    for line in content.split(b"\n"):  # a text may hold other signs that end lines
        if not line.strip():
            continue
        row = json.loads(line)
        seq += 1
        if row["seq"] != seq:
            raise Wrong(f"the chain lacks event {seq}")
        parts = row["head"].split("\x1f")
        if parts[:2] != [str(place["instance"]), str(seq)]:
            raise Wrong(f"event {seq} of the chain belongs to another place")
        payload = row.get("payload")
        if payload is not None:
            if hashlib.sha256(payload.encode()).hexdigest() != row["payload_sha256"]:
                raise Wrong(f"the content of event {seq} was changed")
            if names(json.loads(payload), digest):
                named = seq
        link = hashlib.sha256(previous + bytes.fromhex(row["payload_sha256"]) + row["head"].encode()).digest()
        if link.hex() != row["hash"]:
            raise Wrong(f"event {seq} of the chain was changed")
        previous = link
    if named is None:
        raise Wrong("no event of the chain names this receipt")
    if known_head and known_head != previous.hex():
        raise Wrong(f"the chain ends with {previous.hex()}, not with {known_head}")
    print(f"The chain of process {place['instance']} holds from event {place['seq'] + 1} to {seq}")
    print(f"Event {named} names this receipt")
    print(f"Last hash of the chain {previous.hex()}" + (" (as known)" if known_head else ""))


def names(payload, digest):
    """Whether an event's content says that a receipt with this hash was written."""
    return any(
        change.get("table") == "decision_receipt" and (change.get("after") or {}).get("sha256") == digest
        for change in payload.get("changes", [])
    )


if __name__ == "__main__":
    sys.exit(main())
