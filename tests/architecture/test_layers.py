"""Imports go one way: services, workflows, overturn; and within overturn down to the domain."""

import ast
import sys
from pathlib import Path

import pytest

from tests.architecture.source_tree import CODE, ROOT, imported_modules, module_of, python_files

TOP = {"bench", "cli", "demo", "stack", "synthetic"}
"""Commands, the local stack and the generator: nothing that runs in production imports them."""

ALLOWED: dict[str, set[str]] = {
    "compiled": set(),
    "": {"compiled"},  # overturn itself: in which form the reader's modules are imported
    "domain": set(),
    "paths": set(),
    "settings": set(),
    "logging": set(),
    "synthetic": set(),
    "x12": {"domain"},
    "events": {"domain"},
    "letters": {"domain", "paths"},
    "packages": {"domain", "letters", "paths"},
    "channels": {"domain", "packages", "settings"},
    "rulebook": {"domain", "paths"},
    "reference": {"domain", "paths", "rulebook", "settings"},
    "temporal": {"domain", "settings"},
    "ingest_client": {"settings"},
    "db": {"domain", "events"},
    "accounts": {"db"},
    "window_overrides": {"db", "domain"},
    "rule_sets": {"db", "domain", "events", "reference", "rulebook", "settings", "window_overrides"},
    "rule_progress": {"db", "events"},
    "filing_limits": {"db", "domain", "rulebook"},
    "workloads": {"db", "rulebook"},
    "case_facts": {"db", "domain", "rulebook"},
    "language_model": {"letters"},
    "letter_editions": {"db", "domain", "letters", "paths"},
    "letter_trials": {"db", "domain", "letter_editions"},
    "work_state": {"db"},
    "recoupment_letters": {"db", "domain", "letters", "rulebook"},
    "replay": {"db", "domain", "rulebook"},
    "reporting": {"db", "domain", "events"},
    "records": {"db", "domain", "letters", "paths", "reporting", "rulebook"},
    "recoupment_package": {"db", "domain", "recoupment_letters", "reporting", "rulebook"},
    "broker": {"db", "events", "paths", "settings"},
    "topic_replay": {"broker", "db", "events", "replay", "rulebook"},
    "stack": {"broker", "db", "logging", "paths", "settings", "temporal"},
    "bench": {
        *("db", "domain", "ingest_client", "letters", "packages", "paths", "reference", "replay"),
        *("rulebook", "settings", "stack", "synthetic", "temporal", "x12"),
    },
    "demo": {"accounts", "db", "domain", "ingest_client", "reporting", "settings", "synthetic"},
    "cli": {
        *("accounts", "bench", "broker", "db", "demo", "domain", "ingest_client", "letters", "logging"),
        *("paths", "reference", "replay", "reporting", "rule_sets", "rulebook", "settings", "stack"),
        *("rule_progress", "synthetic", "temporal", "topic_replay", "work_state", "x12"),
    },
}
"""Each part of `overturn`, lowest first, and which other parts it may import."""

PURE = {
    *("abc", "bisect", "calendar", "collections", "contextlib", "dataclasses", "datetime", "decimal", "enum"),
    *("fractions", "functools", "hashlib", "heapq", "itertools", "math", "operator", "re", "statistics"),
    *("string", "types", "typing", "unicodedata", "uuid"),
}
CLOCKS = {
    *("date.today", "datetime.today", "datetime.now", "datetime.utcnow", "datetime.fromtimestamp"),
    *("time.time", "time.time_ns", "time.monotonic", "time.localtime", "time.gmtime"),
}


def layer_faults(module: str, source: str) -> list[str]:
    """What a module imports against the direction, one sentence each."""
    ours = [name for name in imported_modules(source) if name.split(".")[0] in CODE]
    return [f"{module} imports {name}" for name in ours if not _may_import(module, name)]


def _may_import(module: str, name: str) -> bool:
    top, _, rest = module.partition(".")
    other_top, _, other_rest = name.partition(".")
    part, other_part = rest.split(".")[0], other_rest.split(".")[0]
    if top == other_top == "overturn":
        return other_part == part or other_part in ALLOWED[part]
    if other_top == "overturn":
        return other_part not in TOP
    if other_top == "workflows":
        return top in {"services", "workflows"}
    return top == "services" and part == other_part


def purity_faults(module: str, source: str) -> list[str]:
    """What keeps a module of the domain from being pure."""
    imported = {name for name in imported_modules(source) if not name.startswith("overturn.domain.")}
    foreign = {name for name in imported if name.split(".")[0] not in PURE | {"pydantic"}}
    calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)}
    clocks = {call for call in calls if ".".join(call.split(".")[-2:]) in CLOCKS}
    return [
        *(f"{module} imports {name}" for name in sorted(foreign)),
        *(f"{module} calls {call}()" for call in sorted(clocks)),
        *(f"{module} opens a file" for call in calls & {"open"}),
    ]


def named_source(path: Path) -> tuple[str, str]:
    return module_of(path), path.read_text(encoding="utf-8")


def test_every_part_of_overturn_has_its_place() -> None:
    there = {path.stem for path in (ROOT / "overturn").iterdir() if not path.name.startswith("__")}
    assert there == set(ALLOWED) - {""}


def test_no_part_of_overturn_leads_back_to_itself() -> None:
    parts = list(ALLOWED)
    upwards = [(p, a) for p in parts for a in ALLOWED[p] if parts.index(a) >= parts.index(p)]
    assert not upwards


def test_imports_go_one_way() -> None:
    assert not [fault for path in python_files(*CODE) for fault in layer_faults(*named_source(path))]


def test_the_domain_is_pure() -> None:
    assert not [
        fault for path in python_files("overturn/domain") for fault in purity_faults(*named_source(path))
    ]


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("overturn.domain.deadlines", "from overturn.db import tables"),
        ("overturn.db.session", "from overturn.reporting.ledger import ledger"),
        ("overturn.x12.file", "import overturn.events"),
        ("overturn.reporting.ledger", "from services.web import plots"),
        ("workflows.worker", "from services.appeals.app import run"),
        ("workflows.worker", "from overturn.stack import kafka"),
        ("services.web.app", "from services import ingest"),
        ("services.web.app", "from overturn.synthetic.month import make_month"),
    ],
)
def test_an_import_against_the_direction_is_noticed(module: str, line: str) -> None:
    assert layer_faults(module, line)


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("services.web.app", "from services.web.context import Web"),
        ("services.appeals.app", "from workflows.task_queues import APPEALS"),
        ("workflows.worker", "from overturn.db.session import Sessions"),
        ("overturn.domain.routing", "from overturn.domain.codes import Action"),
    ],
)
def test_an_import_in_the_direction_passes(module: str, line: str) -> None:
    assert not layer_faults(module, line)


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import date\ndate.today()",
        "import datetime\ndatetime.datetime.now(datetime.UTC)",
        "import time",
        "from pathlib import Path",
        "import sqlalchemy",
        "open('rules.csv')",
    ],
)
def test_a_clock_or_a_disk_in_the_domain_is_noticed(source: str) -> None:
    assert purity_faults("overturn.domain.deadlines", source)


def test_what_counts_as_pure_is_in_the_library() -> None:
    assert sys.stdlib_module_names >= PURE
