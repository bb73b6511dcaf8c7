"""SFTP against a real server on loopback, with the host's key checked."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import asyncssh
import pytest

from overturn.channels import ChannelAwayError, ChannelRefusedError
from overturn.channels.sftp import SftpChannel
from tests.integration.channels.samples import FILES, KEY, clock, package
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.asyncio


@contextmanager
def server(folder: Path, host_key: asyncssh.SSHKey, allowed: Path) -> Iterator[int]:
    """An SFTP server that lets one key in and shows one folder; its port."""
    ready, stop = Event(), asyncio.Event()
    found: dict[str, Any] = {}

    async def serve() -> None:
        found["loop"] = asyncio.get_running_loop()
        listening = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[host_key],
            authorized_client_keys=str(allowed),
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(folder).encode()),
        )
        found["port"] = listening.get_port()
        ready.set()
        await stop.wait()
        listening.close()
        await listening.wait_closed()

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(PATIENCE_SECONDS)
    yield found["port"]
    found["loop"].call_soon_threadsafe(stop.set)
    thread.join()


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Our key pair, and the host's key."""
    for name in ("ours", "host", "stranger"):
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(str(tmp_path / name))
        key.write_public_key(str(tmp_path / f"{name}.pub"))
    (tmp_path / "box" / "in").mkdir(parents=True)
    return tmp_path


def known(keys: Path, port: int, name: str) -> Path:
    path = keys / "known_hosts"
    path.write_text(f"[127.0.0.1]:{port} {(keys / f'{name}.pub').read_text()}", encoding="utf-8")
    return path


def channel(keys: Path, hosts: Path, *, key: str = "ours") -> SftpChannel:
    return SftpChannel("practice", keys / key, hosts, clock)


async def test_every_file_is_put_whole_and_a_second_time_changes_nothing(keys: Path) -> None:
    host = asyncssh.read_private_key(str(keys / "host"))
    with server(keys / "box", host, keys / "ours.pub") as port:
        ours = channel(keys, known(keys, port, "host"))
        for _ in range(2):
            receipt = await ours.send(package(f"sftp://127.0.0.1:{port}/in"))
    stored = sorted((keys / "box" / "in").iterdir())
    assert [path.name for path in stored] == [f"{KEY}-{file.name}" for file in FILES]
    assert [path.read_bytes() for path in stored] == [file.content for file in FILES]
    assert receipt.confirmation == f"in/{KEY}-{FILES[0].name}, in/{KEY}-{FILES[1].name}"


async def test_a_host_we_do_not_know_gets_nothing(keys: Path) -> None:
    host = asyncssh.read_private_key(str(keys / "host"))
    with server(keys / "box", host, keys / "ours.pub") as port:
        stranger = channel(keys, known(keys, port, "stranger"))
        with pytest.raises(ChannelRefusedError, match="is not the one we know"):
            await stranger.send(package(f"sftp://127.0.0.1:{port}/in"))
    assert list((keys / "box" / "in").iterdir()) == []


@pytest.mark.parametrize(("key", "folder"), [("stranger", "in"), ("ours", "no-such-folder")])
async def test_a_key_or_a_folder_that_is_refused_is_said_for_good(keys: Path, key: str, folder: str) -> None:
    host = asyncssh.read_private_key(str(keys / "host"))
    with server(keys / "box", host, keys / "ours.pub") as port:
        ours = channel(keys, known(keys, port, "host"), key=key)
        with pytest.raises(ChannelRefusedError, match="refused the files"):
            await ours.send(package(f"sftp://127.0.0.1:{port}/{folder}"))


async def test_a_host_that_is_away_may_be_tried_again(keys: Path, unused_port: int) -> None:
    ours = channel(keys, known(keys, unused_port, "host"))
    with pytest.raises(ChannelAwayError, match="could not be reached"):
        await ours.send(package(f"sftp://127.0.0.1:{unused_port}/in"))
