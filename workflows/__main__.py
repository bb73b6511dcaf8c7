"""`python -m workflows`"""

import asyncio

from overturn.logging import configure_logging
from overturn.settings import load_settings
from workflows.worker import run

if __name__ == "__main__":
    configure_logging()
    asyncio.run(run(load_settings()))
