"""`python -m services.appeals`"""

import asyncio

from overturn.logging import configure_logging
from overturn.settings import load_settings
from services.appeals.app import run

if __name__ == "__main__":
    configure_logging()
    asyncio.run(run(load_settings()))
