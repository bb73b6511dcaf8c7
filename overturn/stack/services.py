"""Our own processes in the order in which they start."""

import os
import sys
from functools import partial
from pathlib import Path

from overturn.settings import PREFIX
from overturn.stack.part import Part, answers

SOURCE_TREE = Path(__file__).resolve().parents[2]
HEALTH = "/health"
SETTLE_SECONDS = 2.0
RELAY = "services.relay"
MODULES = ("services.ingest", RELAY, "services.classifier", "workflows", "services.appeals", "services.web")


def service_parts(home: Path, ports: dict[str, int]) -> list[Part]:
    """One part for each module; those that listen (`ports` by module) are ready when they say so."""
    return [_service(home, module, ports.get(module)) for module in MODULES]


def _service(home: Path, module: str, port: int | None) -> Part:
    return Part(
        name=module,
        command=[sys.executable, "-m", module],
        ready=partial(answers, port, HEALTH) if port else _started,
        port=port,
        health=HEALTH if port else None,
        settle_seconds=0.0 if port else SETTLE_SECONDS,
        environment={**os.environ, f"{PREFIX}HOME": str(home), "PYTHONPATH": str(SOURCE_TREE)},
        folder=SOURCE_TREE,
    )


def _started() -> bool:
    """A process without a port counts as ready when it still runs after a while."""
    return True
