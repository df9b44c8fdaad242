"""docs/api.md: its example runs as it stands, and it names every request."""

import json
import os
import re
import subprocess
import threading

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from credit_app.api.openapi import _STATUSES
from credit_app.api.table import OPERATIONS
from tests.api.conftest import Caller
from tests.test_docs import text_of

PAGE = text_of("docs/api.md")


def test_the_example_of_the_page_runs_with_curl(app: Flask, erp: Caller, session: Session) -> None:
    [example] = re.findall(r"^```bash\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        env = {"CREDIT": f"http://127.0.0.1:{server.port}", "TOKEN": erp.secret, "PATH": os.environ["PATH"]}
        ran = subprocess.run(
            ["bash", "-e", "-c", example], env=env, capture_output=True, text=True, timeout=60, check=False
        )
    finally:
        server.shutdown()
        thread.join()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    answers = [json.loads(found) for found in re.findall(r"\{.*?\}(?=\{|$)", ran.stdout, re.DOTALL)]
    assert [answer["new"] for answer in answers[:3]] == [1, 1, 1]
    assert [(item["external_id"], item["open_amount"]) for item in answers[3]["items"]] == [
        ("R-1001#2", "714.00")
    ]


def test_the_page_names_every_request_scope_and_status() -> None:
    rows = set(re.findall(r"^\| `(\w+ /[^`]*)` \| `([\w.]+)` \|", PAGE, re.MULTILINE))
    assert rows == {(f"{one.method} {one.path}", one.scope) for one in OPERATIONS}
    statuses = set(map(int, re.findall(r"^\| (\d{3}) \|", PAGE, re.MULTILINE)))
    assert statuses == {*_STATUSES, 405}
