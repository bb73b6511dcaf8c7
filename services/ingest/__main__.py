"""`python -m services.ingest`"""

import asyncio
from contextlib import suppress

import uvicorn

from overturn.logging import configure_logging
from overturn.settings import load_settings
from services.ingest.app import create_app
from services.ingest.handed_over import listen


async def main() -> None:
    configure_logging()
    settings = load_settings()
    app = create_app(settings)
    config = uvicorn.Config(
        app, host=settings.ingest_host, port=settings.ingest_port, log_config=None, access_log=False
    )
    listening = asyncio.create_task(listen(settings, app.state.sessions, app.state.intake))
    await uvicorn.Server(config).serve()
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening


if __name__ == "__main__":
    asyncio.run(main())
