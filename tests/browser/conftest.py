"""One server with the demo company and one browser for all journeys."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.live import launch, serving
from tests.demo_company import demo_of


@pytest.fixture(scope="module")
def live(config: Any, server: Any, database_name: str) -> Iterator[Any]:
    """The application with the demo company, and its address."""
    name = f"{database_name}_live"
    server.clone(name, demo_of(server, config))
    own = replace(config, database_url=server.owner_url(name), database_app_url=server.app_url(name))
    with serving(own) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """The one browser."""
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()
