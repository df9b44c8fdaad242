"""Filters of templates: a name means one thing."""

from collections import defaultdict
from typing import Any

import pytest
from flask import Flask

from credit_app import create_app
from credit_app.config import Config
from credit_app.db import db


def test_no_part_takes_the_name_of_another_ones_filter(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, list[Any]] = defaultdict(list)
    register = Flask.add_template_filter

    def noted(app: Flask, function: Any, name: str | None = None) -> None:
        given[name or function.__name__].append(function)
        register(app, function, name)

    monkeypatch.setattr(Flask, "add_template_filter", noted)
    app = create_app(config)
    with app.app_context():
        db.engine.dispose()
    assert len(given) > 50
    assert {name for name, found in given.items() if len(set(map(id, found))) > 1} == set()
