"""A package by SFTP: each file under a name of its own, written beside it first and then renamed."""

import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import asyncssh

from overturn.channels import CannotTellError, ChannelAwayError, ChannelRefusedError, Package, Receipt
from overturn.domain.channel_names import ChannelName

SSH_PORT: Final = 22


@dataclass(frozen=True, slots=True)
class SftpChannel:
    """The practice's account. `known_hosts` has the payers' host keys; a host not in it is refused."""

    user_name: str
    key_file: Path
    known_hosts: Path
    clock: Callable[[], datetime]
    name: ChannelName = ChannelName.SFTP
    label: str = "SFTP"

    async def find(self, package: Package) -> Receipt | None:  # noqa: ARG002 - the contract's
        """None: a second time replaces the files by the same ones under the same names."""
        return None

    async def send(self, package: Package) -> Receipt:
        """Put the files into the folder of the destination, as sftp://host:port/folder."""
        to = package.destination
        names: list[str] = []
        try:
            await self._put(package, names)
        except asyncssh.HostKeyNotVerifiable as error:
            raise ChannelRefusedError(f"The host of {to} is not the one we know.") from error
        except (asyncssh.PermissionDenied, asyncssh.SFTPError) as error:
            kind = CannotTellError if names else ChannelRefusedError
            raise kind(f"{to} refused the files: {error.reason}") from error
        except (asyncssh.Error, OSError) as error:
            away = ConnectionError if names else ChannelAwayError
            raise away(f"{to} could not be reached.") from error
        return package.receipt(", ".join(names), answer="stored", sent_at=self.clock())

    async def _put(self, package: Package, names: list[str]) -> None:
        """Every file in turn; `names` grows by what is there."""
        where = urlsplit(package.destination)
        async with (
            asyncssh.connect(
                where.hostname or "",
                where.port or SSH_PORT,
                username=self.user_name,
                client_keys=[str(self.key_file)],
                known_hosts=str(self.known_hosts),
            ) as connection,
            connection.start_sftp_client() as sftp,
        ):
            for file in package.files:
                name = posixpath.join(where.path.lstrip("/"), f"{package.key}-{file.name}")
                async with sftp.open(f"{name}.part", "wb") as target:
                    await target.write(file.content)
                await sftp.posix_rename(f"{name}.part", name)
                names.append(name)
