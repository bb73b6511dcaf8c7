"""What the documentation names exists, and what exists is named: topics, settings, commands, folders."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from overturn.cli import app
from overturn.db.tables import metadata
from overturn.events import CONTRACT, dead_letter_topic
from overturn.paths import TOPICS
from overturn.settings import PREFIX, Settings
from tests.architecture.source_tree import ROOT, project_files

LETTERS = {"templates", "tests"}  # their Markdown is data: letters and the texts they are held against
PAGES = [
    path
    for path in project_files()
    if path.suffix == ".md" and path.relative_to(ROOT).parts[0] not in LETTERS
]
README = ROOT / "README.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:^|[\s/;|])overturn ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", re.MULTILINE)
TOPIC = re.compile(r"\b[a-z]+\.[a-z]+\.v\d+(?:\.dead-letter)?\b")
VARIABLE = re.compile(rf"\b{PREFIX}[A-Z][A-Z_]*[A-Z]\b")
PATH = re.compile(r"[\w./-]+/[\w./-]*")
TABLE_ROW = re.compile(r"^\| *\[?`([^`]+)`", re.MULTILINE)


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def code_in(page: Path) -> Iterator[str]:
    """What a page shows as code: blocks of commands, and spans within the prose."""
    yield from (body for language, body in BLOCK.findall(text(page)) if language in {"", "sh", "console"})
    yield from SPAN.findall(BLOCK.sub("", text(page)))


def section(page: Path, heading: str) -> str:
    """The text under a heading, up to the next one of any rank."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text(page), re.MULTILINE | re.DOTALL)
    assert found, f"{name(page)} has no section '{heading}'"
    return found[1]


@cache
def commands() -> dict[str, set[str]]:
    """Each command of `overturn` with its subcommands."""
    group: Any = typer.main.get_command(app)
    return {name: set(getattr(command, "commands", {})) for name, command in group.commands.items()}


@cache
def variables_in_code() -> frozenset[str]:
    """Every `OVERTURN_` variable that a setting, a script or a test reads."""
    settings = {f"{PREFIX}{field}".upper() for field in Settings.model_fields}
    sources = [p for p in project_files() if p.suffix != ".md" and p.suffix not in {".png", ".lock"}]
    found = {v for p in sources for v in VARIABLE.findall(p.read_bytes().decode(errors="replace"))}
    return frozenset(settings | {f"{setting}_FILE" for setting in settings} | found)


def unknown_commands(code: str) -> list[str]:
    """The commands named in a piece of code that `overturn` does not have."""
    wrong = []
    for command, following in COMMAND.findall(code):
        below = commands().get(command)
        if below is None or (below and following and following not in below):
            wrong.append(f"overturn {command} {following}".strip())
    return wrong


# --- what the pages name exists ---------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_that_is_named_exists(page: Path) -> None:
    assert not [wrong for code in code_in(page) for wrong in unknown_commands(code)]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_topic_that_is_named_exists(page: Path) -> None:
    assert set(TOPIC.findall(text(page))) <= {*CONTRACT, *map(dead_letter_topic, CONTRACT)}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_variable_that_is_named_exists(page: Path) -> None:
    assert set(VARIABLE.findall(text(page))) <= variables_in_code()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    named = {target for code in code_in(page) for target in re.findall(r"\bmake ([a-z][a-z-]+)", code)}
    assert named <= make_targets()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_path_in_code_exists(page: Path) -> None:
    tops = {path.relative_to(ROOT).parts[0] for path in project_files()}
    paths = {span for span in SPAN.findall(BLOCK.sub("", text(page))) if PATH.fullmatch(span)}
    assert not [path for path in paths if path.split("/")[0] in tops and not (ROOT / path).exists()]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_relative_link_resolves(page: Path) -> None:
    targets = [link.split("#")[0] for link in LINK.findall(BLOCK.sub("", text(page))) if "://" not in link]
    assert not [target for target in targets if target and not (page.parent / target).exists()]


# --- what exists is named ---------------------------------------------------------------------------------


def test_the_readme_shows_every_command() -> None:
    shown = {word for code in code_in(README) for found in COMMAND.findall(code) for word in found if word}
    missing = {c for c in commands() if c not in shown}
    missing |= {f"{c} {s}" for c, below in commands().items() for s in below if s not in shown}
    assert not missing


def test_the_settings_table_is_the_settings() -> None:
    rows = TABLE_ROW.findall(section(README, "Settings"))
    assert sorted(rows) == sorted(f"{PREFIX}{field}".upper() for field in Settings.model_fields)


def test_the_folder_table_is_the_tree() -> None:
    rows = TABLE_ROW.findall(section(README, "Where things are"))
    tops = {path.relative_to(ROOT).parts[0] for path in project_files() if path.parent != ROOT}
    assert {row.split("/")[0] for row in rows} == {top for top in tops if not top.startswith(".")}


def test_the_folder_table_has_every_service() -> None:
    rows = TABLE_ROW.findall(section(README, "Where things are"))
    there = {f"services/{path.parent.name}" for path in (ROOT / "services").glob("*/__main__.py")}
    assert {row.rstrip("/") for row in rows if row.startswith("services/")} == there


def test_the_topics_table_is_the_contract() -> None:
    assert TABLE_ROW.findall(section(ARCHITECTURE, "Topics")) == list(CONTRACT)


def test_the_created_topics_are_the_contract() -> None:
    assert set(yaml.safe_load(text(TOPICS))) == set(CONTRACT)


def test_the_tables_table_is_the_database() -> None:
    assert sorted(TABLE_ROW.findall(section(ARCHITECTURE, "Tables"))) == sorted(metadata.tables)


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "adr"
    listed = LINK.findall(text(folder / "README.md"))
    assert listed == sorted(path.name for path in folder.glob("[0-9]*.md"))


def test_every_decision_has_its_four_parts() -> None:
    for path in sorted((ROOT / "docs" / "adr").glob("[0-9]*.md")):
        assert re.search(r"^Status: \w+, 20\d\d-\d\d-\d\d$", text(path), re.MULTILINE), name(path)
        for heading in ("Context", "Decision", "Consequences"):
            assert section(path, heading).strip(), name(path)


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads(text(ROOT / "pyproject.toml"))
    wanted = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["demo"],
        *project["dependency-groups"]["dev"],
    ]
    names = {re.split(r"[\[<>=]", entry)[0] for entry in wanted}
    explained = set(SPAN.findall(text(ROOT / "docs" / "adr" / "0003-dependencies.md")))
    assert names <= explained


def test_every_how_to_and_runbook_is_linked_from_the_readme() -> None:
    linked = {link.split("#")[0] for link in LINK.findall(text(README))}
    pages = {name(p) for folder in ("how-to", "runbooks") for p in (ROOT / "docs" / folder).glob("*.md")}
    assert pages <= linked


def test_contributing_shows_every_make_target() -> None:
    rows = TABLE_ROW.findall(section(CONTRIBUTING, "Commands"))
    assert {row.split()[1] for row in rows} == make_targets()


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", text(ROOT / "Makefile"), re.MULTILINE))


# --- and the tests above can fail -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("overturn down", []),
        (".venv/bin/overturn ingest remit.835", []),
        ("$ overturn obliterate", ["overturn obliterate"]),
        ("python -m overturn.stack", []),
        ("overturn               tables are there", []),
    ],
)
def test_a_command_that_is_not_there_is_noticed(code: str, wrong: list[str]) -> None:
    assert unknown_commands(code) == wrong


def test_a_variable_that_is_not_there_is_noticed() -> None:
    assert PREFIX + "WEB_" + "PROT" not in variables_in_code()
    assert f"{PREFIX}WEB_PORT" in variables_in_code()
