"""The documentation says what is there: links, commands, settings, people, refusals and examples."""

import importlib
import importlib.util
import re
import shutil
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import click
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from credit_app import resources
from credit_app.cli import cli
from credit_app.demo.people import PASSWORD, PEOPLE, SHOWN_FIRST
from credit_app.importers.fields import CUSTOMER, FIELDS
from credit_app.importers.mapping import _KEYS, SHIPPED, read_mapping
from credit_app.processes import FOLDERS, registry_of
from credit_app.screens.sessions import DEFAULTS
from tests.factories import Cast
from tests.processes.conftest import Desk
from workflows import Engine, deploy_directory, gate

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
EXAMPLE = ROOT / "docs" / "examples" / "file_check"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))


def anchors(page: Path) -> set[str]:
    """The names that a page's headings have as link targets."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_page
def test_every_link_and_image_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(without_code(page.read_text("utf-8"))):
        if target.startswith(("https://", "http://")):
            continue
        name, _, anchor = target.partition("#")
        found = (page.parent / name).resolve() if name else page
        assert found.exists(), f"{target} does not exist"
        assert found.is_relative_to(ROOT)
        if anchor:
            assert anchor in anchors(found), f"{target}: there is no such heading"


@every_page
def test_every_command_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    code = [body for _, body in FENCE.findall(text)] + re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    for line in "\n".join(code).splitlines():
        for words in re.findall(r"(?:^|\.venv/bin/|\(|\$ )credit((?: [a-z][a-z-]*)+)", line.strip()):
            command: click.Command = cli
            for word in words.split():
                if not isinstance(command, click.Group):
                    break
                assert word in command.commands, f"credit{words}: there is no “{word}”"
                command = command.commands[word]


@every_page
def test_make_targets_exist(page: Path) -> None:
    known = re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE)
    for words in re.findall(r"(?:^|`)make((?: [a-z]+)+)", page.read_text("utf-8"), re.MULTILINE):
        assert set(words.split()) <= set(known)


def test_every_setting_is_in_the_readme() -> None:
    config = text_of("credit_app/config.py")
    settings = set(re.findall(r'environ(?:\.get\(|, )"([A-Z_]+)"', config))
    assert {"PORT", "DATABASE_URL", "SMTP_URL"} <= settings
    table = set(re.findall(r"^\| `([A-Z_]+)` \|", text_of("README.md"), re.MULTILINE))
    asked = set(re.findall(r'envvar="([A-Z_]+)"', text_of("credit_app/cli/setup.py")))
    assert table == settings | asked


def test_the_people_of_the_readme_are_those_of_the_demo() -> None:
    readme = text_of("README.md")
    named = set(re.findall(r"[\w.]+@demo\.[\w.]+\w", readme))
    shown = {next(person for person in PEOPLE if person.role == role) for role in SHOWN_FIRST}
    assert named == {person.email for person in shown}
    for person in shown:
        assert f"| {person.title} | {person.email} |" in readme
    assert f"`{PASSWORD}`" in readme


def test_every_reason_of_the_gate_is_explained() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "workflows").glob("*.py"))
    reasons = set(re.findall(r'(?:_refuse|DefinitionRefused)\(\s*"(\w+)"', code)) | set(
        gate._FORBIDDEN.values()
    )
    section = text_of("docs/how-to-add-a-process.md").partition("## What the gate refuses")[2]
    named = {
        name for row in re.findall(r"^\| (`.+?) \|", section, re.MULTILINE) for name in row.split("`")[1::2]
    }
    assert named == reasons


def test_every_key_and_field_of_a_mapping_is_explained(tmp_path: Path) -> None:
    page = text_of("docs/data.md")
    keys = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.+?) \|", page, re.MULTILINE))))
    assert keys >= _KEYS - {"fields"}
    for fields in FIELDS.values():
        for name in fields:
            assert f"`{name}`" in page or (name.startswith("customer_") and name[9:] in CUSTOMER), name
    for shipped in SHIPPED.glob("*.toml"):
        assert f"`{shipped.stem}`" in page
    (example,) = (body for language, body in FENCE.findall(page) if language == "toml")
    assert set(tomllib.loads(example)) >= {"kind", "fields"}
    (tmp_path / "old_system.toml").write_text(example, "utf-8")
    assert read_mapping(tmp_path / "old_system.toml").creates_customers


def test_the_figures_of_sign_in_have_their_policy_keys() -> None:
    named = set(re.findall(r"`sign_in\.(\w+)`", text_of("docs/security.md")))
    assert named == set(DEFAULTS)


def test_every_decision_is_listed_once_in_order() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = sorted(path.name for path in folder.glob("[0-9]*.md"))
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text("utf-8"))
    assert listed == pages
    for number, name in enumerate(pages, 1):
        assert name.startswith(f"{number:04}-")
        parts = re.findall(r"^## (.+)$", (folder / name).read_text("utf-8"), re.MULTILINE)
        assert parts == ["Context", "Decision", "Why", "Consequences"]


def test_headings_go_down_one_level_at_a_time() -> None:
    for page in PAGES:
        levels = [
            len(mark) for mark in re.findall(r"^(#+) ", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
        ]
        assert levels[0] == 1
        assert levels.count(1) == 1, page
        assert all(after <= before + 1 for before, after in pairwise(levels)), page


# --- the example of how-to-add-a-process.md ------------------------------------------------------------------------


def test_the_page_shows_the_files_of_the_example_as_they_are() -> None:
    page = text_of("docs/how-to-add-a-process.md")
    for path in sorted(EXAMPLE.rglob("*")):
        if path.is_dir() or "__pycache__" in path.parts:
            continue
        name = str(path.relative_to(EXAMPLE))
        shown = path.suffix in (".py", ".html") and path.name != "__init__.py"
        assert (
            (path.read_text("utf-8").rstrip() in page)
            if shown
            else (name in page or not path.stat().st_size > 100)
        )


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The example copied into the project, as the page says: a folder with all diagrams, and its code found."""
    for path in (*resources.bpmn().iterdir(), *(EXAMPLE / "bpmn").iterdir()):
        shutil.copy(path, tmp_path)
    for folder in FOLDERS.values():
        package = importlib.import_module(f"credit_app.{folder}")
        added = str(EXAMPLE / "credit_app" / folder)
        monkeypatch.setattr(package, "__path__", [*package.__path__, added])
    importlib.invalidate_caches()
    yield tmp_path
    registry_of.cache_clear()


def example_tests() -> ModuleType:
    path = EXAMPLE / "tests" / "processes" / "test_file_check.py"
    spec = importlib.util.spec_from_file_location("docs_example_tests", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "name", ["test_complete_documents_end_the_check", "test_missing_documents_are_asked_of_the_sales_rep"]
)
def test_the_example_runs(
    name: str, example: Path, app: Flask, session: Session, owner_session: Session, cast: Cast
) -> None:
    deploy_directory(owner_session, example)
    owner_session.commit()
    with app.test_request_context():
        getattr(example_tests(), name)(Desk(session, Engine(registry_of(example)), cast))


def test_the_templates_of_the_example_can_be_read(whole_app: Flask) -> None:
    for path in (EXAMPLE / "templates").rglob("*.*"):
        whole_app.jinja_env.parse(path.read_text("utf-8"))
