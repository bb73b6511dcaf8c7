"""What a practice has set is what it is offered."""

import base64
from pathlib import Path
from typing import Any

import pytest

from overturn.channels.configured import configured_channels
from overturn.settings import Settings


def settings(**given: Any) -> Settings:
    needed = {
        "database_url": "postgresql+psycopg://user:password@host:5432/name",
        "kafka_bootstrap_servers": "host:9092",
        "temporal_address": "host:7233",
        "ingest_token": "t" * 32,
        "payload_key": base64.b64encode(bytes(32)).decode(),
    }
    return Settings(**(needed | given))


@pytest.mark.parametrize(
    ("given", "offered"),
    [
        ({}, ["mail", "portal"]),
        ({"fax_url": "https://fax.test"}, ["mail", "fax", "portal"]),
        ({"smtp_host": "mail.test"}, ["mail", "email", "email_to_fax", "portal"]),
        ({"sftp_key_file": Path("key"), "sftp_known_hosts": Path("hosts")}, ["mail", "sftp", "portal"]),
        ({"sftp_key_file": Path("key")}, ["mail", "portal"]),
    ],
)
def test_a_channel_is_open_once_it_is_set(given: dict[str, Any], offered: list[str]) -> None:
    assert list(configured_channels(settings(**given))) == offered


def test_secrets_are_not_shown() -> None:
    channels = configured_channels(
        settings(fax_url="https://fax.test", fax_token="hush", smtp_host="mail.test", smtp_password="hush")
    )
    assert "hush" not in repr(list(channels.values()))
