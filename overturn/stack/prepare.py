"""What must be in the parts before the services start: tables, topics, search attributes.

The local stack does it at every start; `python -m overturn.stack.prepare` is for a deployment of given parts.
"""

import asyncio

from overturn.broker.admin import ensure_topics
from overturn.db.migrate import upgrade
from overturn.logging import configure_logging
from overturn.settings import Settings, load_settings
from overturn.temporal.client import connect
from overturn.temporal.search_attributes import register_search_attributes


async def prepare(settings: Settings) -> None:
    """Make what is missing; running it again changes nothing."""
    await asyncio.to_thread(upgrade, settings.database_url)
    await asyncio.to_thread(ensure_topics, settings.kafka_bootstrap_servers)
    await register_search_attributes(await connect(settings))


if __name__ == "__main__":
    configure_logging()
    asyncio.run(prepare(load_settings()))
