"""The built wheel contains everything the program needs at run time, third-party files included."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize(
    "wanted",
    [
        "credit_app/_data/bpmn/credit_application.bpmn",
        "credit_app/_data/bpmn/authority_matrix.dmn",
        "credit_app/_data/templates/layout.html",
        "credit_app/_data/migrations/env.py",
        "credit_app/_data/migrations/script.py.mako",
        "credit_app/guard.py",
        "credit_app/static/app.css",
        "credit_app/static/vendor/tabler.min.css",
        "credit_app/static/vendor/htmx.min.js",
        "credit_app/static/vendor/bpmn-navigated-viewer.production.min.js",
        "credit_app/static/vendor/dmn-navigated-viewer.production.min.js",
        "credit_app/static/vendor/licences/bpmn-js.txt",
        "credit_app/translations/zh_Hans_CN/LC_MESSAGES/messages.po",
        "credit_app/_data/templates/print/document.typ",
        "credit_app/_data/scripts/verify_receipt.py",
        "credit_app/static/vendor/fonts/NotoSansSC-Regular.ttf",
        "credit_app/static/vendor/fonts/NotoSansSC-Bold.ttf",
        "workflows/engine.py",
    ],
)
def test_the_wheel_contains(names: set[str], wanted: str) -> None:
    assert wanted in names


def test_the_wheel_contains_every_template_diagram_and_migration(names: set[str]) -> None:
    for folder, pattern in (("templates", "*.html"), ("bpmn", "*.bpmn"), ("migrations", "versions/*.py")):
        for path in (ROOT / folder).rglob(pattern):
            assert f"credit_app/_data/{path.relative_to(ROOT)}" in names


def test_the_wheel_contains_neither_tests_nor_data(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert tops == {"credit_app", "workflows", "credit_desk-0.1.0.dist-info"}


def test_the_front_end_lock_names_no_address() -> None:
    text = (ROOT / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert "://" not in text


def test_the_python_locks_have_hashes_and_no_address() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text


def test_an_installed_wheel_finds_its_files_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = (
        "from credit_app import migrate, resources\n"
        "print(resources.in_checkout(), resources.templates(), resources.bpmn(), migrate.head_revision())"
    )
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, check=True, capture_output=True, text=True
    )
    answer, templates, bpmn, revision = shown.stdout.split()
    assert answer == "False"
    assert templates == str(tmp_path / "site" / "credit_app" / "_data" / "templates")
    assert Path(bpmn, "approval.bpmn").is_file()
    assert revision != "None"
