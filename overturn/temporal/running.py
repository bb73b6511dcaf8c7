"""Running a worker until it is told to stop."""

import asyncio
import signal

from temporalio.worker import Worker


async def run_until_stopped(worker: Worker) -> None:
    """Poll until SIGTERM or SIGINT, then finish what runs, within the worker's graceful shutdown timeout."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with worker:
        await stopped.wait()
