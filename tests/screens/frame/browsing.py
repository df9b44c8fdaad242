"""A browser for tests of single requests: it keeps the CSRF token of the page it saw last."""

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.factories import PASSWORD

TOKEN = re.compile(r'name="csrf_token" (?:type="hidden" )?value="([^"]+)"|csrf-token" content="([^"]+)"')


class Browser:
    """A test client that sends the CSRF token of the page it saw last, as a browser does."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.token = ""

    def get(self, path: str, **options: Any) -> TestResponse:
        return self._seen(self.client.get(path, **options))

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        form = {"csrf_token": self.token, **(data or {})}
        return self._seen(self.client.post(path, data=form, **options))

    def _seen(self, answer: TestResponse) -> TestResponse:
        if answer.mimetype == "text/html" and (found := TOKEN.search(answer.text)):
            self.token = found[1] or found[2]
        return answer

    def sign_in(self, email: str, password: str = PASSWORD, **data: str) -> TestResponse:
        self.get("/sign-in")
        return self.post("/sign-in", {"email": email, "password": password, **data})
