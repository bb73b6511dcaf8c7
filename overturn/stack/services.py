"""Our own processes in the order in which they start."""

import os
import sys
from functools import partial
from pathlib import Path

from overturn.paths import ROOT
from overturn.settings import PREFIX, Settings, given_settings
from overturn.stack.part import LOOPBACK, Part, answers

EVERY_INTERFACE = "0.0.0.0"  # noqa: S104 - compared with, not bound to
HEALTH = "/health"
SETTLE_SECONDS = 2.0
RELAY = "services.relay"
MODULES = ("services.ingest", RELAY, "services.classifier", "workflows", "services.appeals", "services.web")


def service_parts(home: Path, ports: dict[str, int]) -> list[Part]:
    """One part for each module; those that listen (`ports` by module) are ready when they say so."""
    return [_service(home, module, ports.get(module)) for module in MODULES]


def asked_at(name: str) -> str:
    """The host at which `web` or `ingest` is asked: where it listens, or loopback if that is everywhere."""
    setting = f"{name}_host"
    host = str(given_settings().get(setting, Settings.model_fields[setting].default))
    return LOOPBACK if host == EVERY_INTERFACE else host


def _service(home: Path, module: str, port: int | None) -> Part:
    host = asked_at(module.removeprefix("services.")) if port else LOOPBACK
    return Part(
        name=module,
        command=[sys.executable, "-m", module],
        ready=partial(answers, port, HEALTH, host) if port else _started,
        host=host,
        port=port,
        health=HEALTH if port else None,
        settle_seconds=0.0 if port else SETTLE_SECONDS,
        environment={**os.environ, f"{PREFIX}HOME": str(home), "PYTHONPATH": str(ROOT)},
        folder=ROOT,
    )


def _started() -> bool:
    """A process without a port counts as ready when it still runs after a while."""
    return True
