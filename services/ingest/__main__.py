"""`python -m services.ingest`"""

import uvicorn

from overturn.logging import configure_logging
from overturn.settings import load_settings
from services.ingest.app import create_app

if __name__ == "__main__":
    configure_logging()
    settings = load_settings()
    uvicorn.run(
        create_app(settings),
        host=settings.ingest_host,
        port=settings.ingest_port,
        log_config=None,
        access_log=False,
    )
