"""Brings the stack up in order, keeps it up, takes it down in reverse order."""

import asyncio
import os
import time
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from overturn.settings import (
    STACK_FILE,
    Settings,
    given_port,
    given_settings,
    home_folder,
    load_settings,
)
from overturn.stack import kafka, postgres, temporal
from overturn.stack.keeper import Keeper
from overturn.stack.part import LOOPBACK, Part, Progress, free_port, quiet
from overturn.stack.services import RELAY, service_parts
from overturn.stack.state import (
    PartState,
    StackState,
    choose_ports,
    ensure_secrets,
    lock,
    prepare_home,
    write_state,
)
from overturn.temporal.search_attributes import SEARCH_ATTRIBUTES

GIVEN = {"postgres": "database_url", "kafka": "kafka_bootstrap_servers", "temporal": "temporal_address"}
"""A part whose setting comes from the environment is not started."""


class Stack:
    """The local stack of one home folder.

    `services=False` starts what the services need and nothing more; `temporal_ui` starts Temporal's own
    web interface, at `temporal_ui_port`.
    """

    def __init__(self, home: Path | None = None, *, services: bool = True, temporal_ui: bool = False) -> None:
        self.home = (home or home_folder()).resolve()
        self.settings: dict[str, str | int | bool] = {}
        self.temporal_ui_port = free_port() if temporal_ui else None
        self._services = services
        self._given = given_settings()
        self._secrets: dict[str, str] = {}
        self._ports: dict[str, int] = {}
        self._infrastructure: list[Keeper] = []
        self._service_keepers: list[Keeper] = []
        self._progress: Progress = quiet
        self._started_at = datetime.now(UTC)
        self._ready = False
        self._lock: IO[str] | None = None

    async def start(self, progress: Progress = quiet) -> None:
        """Bring everything up; on any failure whatever runs already is taken down again."""
        self._progress = progress
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Take everything down, services before what they stand on; no process and no port is left."""
        for stage in (self._service_keepers, self._infrastructure):
            for keeper in stage:
                self._progress(keeper.part.name, "stopping")
            await asyncio.gather(*(keeper.stop() for keeper in stage))
            stage.clear()
        if self._lock is not None:
            (self.home / STACK_FILE).unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def parts(self) -> list[PartState]:
        """Every part as it is now, always in the same order."""
        addresses = {name: self._given[setting] for name, setting in GIVEN.items() if setting in self._given}
        below = [PartState.given(name, address) for name, address in addresses.items()]
        below += [keeper.state for keeper in self._infrastructure]
        below.sort(key=lambda part: list(GIVEN).index(part.name))
        return below + [keeper.state for keeper in self._service_keepers]

    async def _start(self) -> None:
        await asyncio.to_thread(self._take_home)
        started = (self._start_postgres(), self._start_kafka(), self._start_temporal())
        await _all(*started)
        self._publish()  # every process reads its settings from it
        await self._prepare()
        if self._services:
            ports = {f"services.{name}": self._ports[name] for name in ("ingest", "web")}
            parts = service_parts(self.home, ports)
            await _all(*(self._keep(part, self._service_keepers) for part in parts))
        self._ready = True
        self._publish()

    def _take_home(self) -> None:
        prepare_home(self.home)
        self._lock = lock(self.home)
        self._secrets = ensure_secrets(self.home)
        self._ports = self._choose_ports()
        self.settings = {name: self._given[name] for name in GIVEN.values() if name in self._given}
        self.settings |= {
            "web_port": self._ports["web"],
            "ingest_port": self._ports["ingest"],
            "drop_folder": str(self.home / "drop"),
        }

    def _choose_ports(self) -> dict[str, int]:
        listening = ("web", "ingest") if self._services else ()
        fixed = {name: port for name in listening if (port := given_port(name)) is not None}
        preferred = {name: Settings.model_fields[f"{name}_port"].default for name in ("web", "ingest")}
        return choose_ports(self.home, {"postgres": 0, "kafka": 0, "temporal": 0, **preferred}, fixed)

    async def _start_postgres(self) -> None:
        if "database_url" in self._given:
            return
        port, admin_password = self._ports["postgres"], self._secrets["database_admin_password"]
        account = postgres.unprivileged_account()
        folder = await asyncio.to_thread(postgres.choose_folder, self.home, account)
        if self.home not in folder.parents:
            self._progress("postgres", f"only root can pass to {self.home}, so the data lies in {folder}")
        part = await asyncio.to_thread(postgres.part, folder, port, admin_password, account)
        await self._keep(part, self._infrastructure)
        password = self._secrets["database_password"]
        url = await asyncio.to_thread(postgres.ensure_database, admin_password, port, password)
        self.settings["database_url"] = url

    async def _start_kafka(self) -> None:
        if "kafka_bootstrap_servers" in self._given:
            return
        port = self._ports["kafka"]
        part = await asyncio.to_thread(kafka.tansu, port)
        await self._keep(replace(part, after_restart=self._refill_broker), self._infrastructure)
        self.settings |= {"kafka_bootstrap_servers": f"{LOOPBACK}:{port}", "kafka_idempotent": False}

    async def _start_temporal(self) -> None:
        if "temporal_address" in self._given:
            return
        port = self._ports["temporal"]
        program = await temporal.obtain_temporal(self._progress)
        database = self.home / "temporal.db"
        part = temporal.part(program, database, port, SEARCH_ATTRIBUTES, self.temporal_ui_port)
        await self._keep(part, self._infrastructure)
        self.settings["temporal_address"] = f"{LOOPBACK}:{port}"

    async def _keep(self, part: Part, stage: list[Keeper]) -> None:
        keeper = Keeper(part, self.home / "logs" / f"{part.name}.log", self._publish)
        stage.append(keeper)
        began = time.monotonic()
        await keeper.start()
        self._progress(part.name, f"ready in {time.monotonic() - began:.1f} s")

    async def _prepare(self) -> None:
        from overturn.stack.prepare import prepare

        await prepare(load_settings(self.home))
        self._progress("overturn", "tables, topics and search attributes are there")

    async def _refill_broker(self) -> None:
        """The embedded broker forgets everything. The relay ends before the topics are there again: what the
        old one still sent would hide the loss from the new one, which looks for it when it starts."""
        from overturn.broker.admin import ensure_topics

        for keeper in self._service_keepers:
            if keeper.part.name == RELAY:
                await keeper.restart()
        await asyncio.to_thread(ensure_topics, str(self.settings["kafka_bootstrap_servers"]))

    def _publish(self) -> None:
        """Tell other commands what runs; called at every change."""
        if self._lock is None:
            return
        content = {"pid": os.getpid(), "started_at": self._started_at, "ready": self._ready}
        write_state(self.home, StackState(**content, settings=self.settings, parts=self.parts))


async def _all(*work: Awaitable[None]) -> None:
    """Wait for every one, then raise the first failure: nothing keeps starting behind a failure's back."""
    for result in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
