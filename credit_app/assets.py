"""Static files: addresses that change with the content, so that browsers may keep them, and compressed answers."""

import gzip
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for

COMPRESSED = ("text/css", "text/javascript", "application/javascript", "image/svg+xml", "application/json")
YEAR = 365 * 24 * 3600

_stamps: dict[Path, tuple[int, str]] = {}
_packed: dict[tuple[str, int], bytes] = {}


def init_app(app: Flask) -> None:
    """Give templates `asset()` and answer static files with caching and compression."""
    app.jinja_env.globals["asset"] = asset
    app.after_request(finish)


def asset(name: str) -> str:
    """Return the address of a file under static/, with a stamp of its content."""
    return url_for("static", filename=name, v=stamp(Path(str(current_app.static_folder)) / name))


def stamp(path: Path) -> str:
    """Return a short hash of the file, read again only when it changed; empty when it does not exist."""
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return ""
    known = _stamps.get(path)
    if known is None or known[0] != changed:
        known = _stamps[path] = (changed, sha256(path.read_bytes()).hexdigest()[:10])
    return known[1]


def finish(response: Response) -> Response:
    """Add the caching header and gzip to an answer of the static endpoint; leave every other answer alone.

    Pages are not compressed: they repeat what a person typed next to the CSRF token (BREACH).
    """
    if request.endpoint != "static" or response.status_code != 200:
        return response
    if request.args.get("v"):
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    kind = response.mimetype
    if kind not in COMPRESSED or "gzip" not in request.headers.get("Accept-Encoding", ""):
        return response
    name = str((request.view_args or {}).get("filename", ""))
    response.close()  # the file that Flask opened; its content is read once and kept compressed
    response.direct_passthrough = False
    response.set_data(packed(name, (Path(str(current_app.static_folder)) / name).read_bytes()))
    response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response


def packed(name: str, body: bytes) -> bytes:
    """Return `body` compressed: the copy that the build left beside the file, else made once per content."""
    beside = Path(str(current_app.static_folder)) / f"{name}.gz"
    if name.startswith("vendor/") and beside.is_file():
        return beside.read_bytes()
    key = (name, hash(body))
    if key not in _packed:
        _packed[key] = gzip.compress(body, 9, mtime=0)
    return _packed[key]
