"""Reads the body of a request: JSON that says everything once and exactly, or the bytes of a document."""

import hashlib
import json
import re
from typing import Any, NoReturn

from flask import request

from credit_app.api.problems import ApiProblem

LARGEST_JSON = 2 * 1024 * 1024
LARGEST_DOCUMENT = 10 * 1024 * 1024
DEEPEST = 8
_BAD_TEXT = re.compile("[\x00\ud800-\udfff]")


class Number(str):
    """A number of JSON as it was written, so that 0.1 stays 0.1 and 1e999999 costs nothing."""

    __slots__ = ()


def read_bytes(types: tuple[str, ...], largest: int) -> bytes:
    """The body, of one of the media types. Raises ApiProblem 413 or 415."""
    if request.mimetype not in types:
        raise ApiProblem(
            415, f"The body is “{request.mimetype[:60] or 'of no type'}”; accepted is {' or '.join(types)}."
        )
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ApiProblem(415, "The body is compressed; send it as it is, without Content-Encoding.")
    if (request.content_length or 0) > largest:
        raise _too_large(largest)
    request.max_content_length = largest + 1
    data = request.get_data(cache=False)
    if len(data) > largest:
        raise _too_large(largest)
    return data


def _too_large(largest: int) -> ApiProblem:
    return ApiProblem(413, f"The body is larger than {largest >> 20} MB; send the rows in several requests.")


def request_hash(data: bytes) -> str:
    """What tells one request from another under the same key: method, address, type and body."""
    head = f"{request.method} {request.full_path} {request.mimetype}\n".encode("utf-8", "surrogatepass")
    return hashlib.sha256(head + data).hexdigest()


def read_json(data: bytes) -> dict[str, Any]:
    """The object in `data`; numbers come as Number. Raises ApiProblem 400."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ApiProblem(400, "The body is not UTF-8.") from error
    try:
        found = json.loads(
            text,
            object_pairs_hook=_once,
            parse_float=Number,
            parse_int=Number,
            parse_constant=_no_number,
        )
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        place = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise ApiProblem(400, f"The body is not JSON that can be read{place}.") from error
    if not isinstance(found, dict):
        raise ApiProblem(400, "The body has to be a JSON object, such as {“rows”: […]}.")
    _check_texts(found, DEEPEST)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ApiProblem(
                400, f"“{_shown(name)}” stands twice in the same object; every name may stand once."
            )
        found[name] = value
    return found


def _no_number(word: str) -> NoReturn:
    raise ApiProblem(400, f"{word} is no number of JSON; write an amount as text, such as “1234.50”.")


def _too_deep() -> ApiProblem:
    return ApiProblem(400, f"The body is nested deeper than {DEEPEST} levels.")


def _check_texts(value: Any, left: int) -> None:
    """No level too deep, and no text that neither the database nor an answer could hold."""
    if left == 0:
        raise _too_deep()
    if isinstance(value, str):
        if _BAD_TEXT.search(value):
            raise ApiProblem(
                400, f"“{_shown(value)}” holds a character that no text has: NUL or half of a pair."
            )
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_texts(name, left)
            _check_texts(inner, left - 1)
    elif isinstance(value, list):
        for inner in value:
            _check_texts(inner, left - 1)


def _shown(text: str) -> str:
    return _BAD_TEXT.sub("�", text)[:60]
