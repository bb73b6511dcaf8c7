"""`python -m services.relay`"""

import asyncio

from overturn.logging import configure_logging
from overturn.settings import load_settings
from services.relay.app import run

if __name__ == "__main__":
    configure_logging()
    asyncio.run(run(load_settings()))
