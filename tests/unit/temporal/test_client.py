"""Reaching a server that is not there."""

import base64

import pytest

from overturn.settings import Settings
from overturn.temporal.client import TemporalUnreachableError, connect


@pytest.mark.asyncio
async def test_a_server_that_is_not_there_is_named_with_the_way_out() -> None:
    settings = Settings(
        database_url="postgresql+psycopg://nobody@127.0.0.1:1/none",
        kafka_bootstrap_servers="127.0.0.1:1",
        temporal_address="127.0.0.1:1",
        ingest_token="generated-for-a-test-generated-for-a-test",
        payload_key=base64.b64encode(bytes(32)).decode(),
    )
    with pytest.raises(TemporalUnreachableError, match=r"127\.0\.0\.1:1.*overturn up"):
        await connect(settings)
