"""The text of a decision receipt: one canonical form of its figures, so that its hash can be computed anywhere."""

import hashlib
import json
from typing import Any

SCHEMA = "credit-desk.decision-receipt.1"


def canonical(figures: object) -> str:
    """JSON with sorted keys and nothing that could be written in two ways: no spaces, no escapes, no floats.

    Raises TypeError for a float: it has no single exact text.
    """
    refuse_floats(figures)
    return json.dumps(figures, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def refuse_floats(value: object) -> None:
    """Raise TypeError when a float stands anywhere in JSON data."""
    if isinstance(value, float):
        raise TypeError(f"a receipt holds exact figures, not {value!r}")
    inner: Any = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        refuse_floats(each)


def digest(text: str) -> str:
    """SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def exact(value: Any) -> Any:
    """JSON data with every float as text, so that a receipt can hold it."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict):
        return {key: exact(each) for key, each in value.items()}
    return [exact(each) for each in value] if isinstance(value, list) else value
