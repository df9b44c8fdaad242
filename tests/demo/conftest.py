"""The demo runs inside the application, as at the first start."""

from collections.abc import Iterator

import pytest
from flask import Flask


@pytest.fixture
def app_context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
