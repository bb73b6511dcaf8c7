"""A package by SFTP: each file under a name of its own, written beside it first and then renamed."""

import asyncio
import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import asyncssh

from overturn.channels.sending import ChannelError, Receipt, content_hash
from overturn.packages import PackageFile

SSH_PORT: Final = 22


@dataclass(frozen=True, slots=True)
class SftpChannel:
    """The practice's account. `known_hosts` has the payers' host keys; a host not in it is refused."""

    user_name: str
    key_file: Path
    known_hosts: Path
    clock: Callable[[], datetime]

    def send(self, files: list[PackageFile], *, to: str, idempotency_key: str) -> Receipt:
        """Put the files into the folder of `to`, as sftp://host:port/folder. A second time replaces them.

        Raises:
            ChannelError: the host is not the one we know, refuses the key or a file (for good), or is away.
        """
        try:
            names = asyncio.run(self._put(files, to, idempotency_key))
        except asyncssh.HostKeyNotVerifiable as error:
            raise ChannelError(f"The host of {to} is not the one we know.", permanent=True) from error
        except (asyncssh.PermissionDenied, asyncssh.SFTPError) as error:
            raise ChannelError(f"{to} refused the files: {error.reason}", permanent=True) from error
        except (asyncssh.Error, OSError) as error:
            raise ChannelError(f"{to} could not be reached.", permanent=False) from error
        return Receipt("sftp", to, ", ".join(names), "stored", content_hash(files), self.clock())

    async def _put(self, files: list[PackageFile], to: str, key: str) -> list[str]:
        where, names = urlsplit(to), []
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
            for file in files:
                name = posixpath.join(where.path.lstrip("/"), f"{key}-{file.name}")
                async with sftp.open(f"{name}.part", "wb") as target:
                    await target.write(file.content)
                await sftp.posix_rename(f"{name}.part", name)
                names.append(name)
        return names
