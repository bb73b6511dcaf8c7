"""The relay process: publish, rest when idle, and look now and then whether the broker lost anything."""

import asyncio
import signal
from typing import Final

import structlog
from aiokafka.errors import KafkaError as ProducerError
from kafka.errors import KafkaError as AdminError
from sqlalchemy.exc import SQLAlchemyError

from overturn.broker.broker import create_broker
from overturn.db.session import create_engine, create_sessions
from overturn.settings import Settings
from services.relay.pruning import prune_daily
from services.relay.relay import publish_batch, republish_lost

REST_SECONDS: Final = 0.2
OUTAGE_SECONDS: Final = 1.0
LOSS_CHECK_SECONDS: Final = 15.0

log = structlog.get_logger()


async def run(settings: Settings) -> None:
    """Relay until told to stop; an outage of either side is waited out."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    engine = create_engine(settings.database_url, pool_size=2)
    sessions = create_sessions(engine)
    broker = create_broker(settings, client_id="services.relay")
    await broker.connect()
    pruning = asyncio.create_task(prune_daily(sessions, settings))
    next_check = 0.0
    while not stop.is_set():
        pause = REST_SECONDS
        try:
            now = asyncio.get_running_loop().time()
            if now >= next_check:
                await republish_lost(sessions, settings.kafka_bootstrap_servers)
                next_check = now + LOSS_CHECK_SECONDS
            if await publish_batch(sessions, broker):
                continue
        except (SQLAlchemyError, OSError, ProducerError, AdminError) as outage:
            log.warning("relay.waits", error=type(outage).__name__)
            pause = OUTAGE_SECONDS
        await _rest(stop, pause)
    pruning.cancel()
    await asyncio.gather(pruning, return_exceptions=True)
    await broker.stop()
    await engine.dispose()


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
