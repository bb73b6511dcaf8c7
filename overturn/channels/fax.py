"""A package by a fax service that is spoken to by HTTP: one request a file, each with its key."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import httpx2

from overturn.channels import CannotTellError, ChannelAwayError, ChannelRefusedError, Package, Receipt
from overturn.domain.channel_names import ChannelName
from overturn.packages import PackageFile

TIMEOUT_SECONDS: Final = 60.0
NOT_NOW: Final = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
)


@dataclass(frozen=True, slots=True)
class FaxChannel:
    """A service at `url` that takes a PDF in the body, the number in `X-Fax-To` and a key in
    `Idempotency-Key`, and answers JSON with `id`: the same for the same key, without faxing again."""

    url: str
    clock: Callable[[], datetime]
    token: str = field(default="", repr=False)
    name: ChannelName = ChannelName.FAX
    label: str = "Fax"

    async def find(self, package: Package) -> Receipt | None:  # noqa: ARG002 - the contract's
        """None: the service knows the keys, and sending again faxes nothing twice."""
        return None

    async def send(self, package: Package) -> Receipt:
        """Fax every file, in order."""
        ids: list[str] = []
        async with httpx2.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
            for file in package.files:
                try:
                    ids.append(await self._fax(client, file, package, len(ids) + 1))
                except (ChannelRefusedError, ChannelAwayError) as error:
                    if not ids:
                        raise
                    said = f"{error} {len(ids)} of {len(package.files)} files went out before it."
                    kind = ConnectionError if isinstance(error, ChannelAwayError) else CannotTellError
                    raise kind(said) from error
        return package.receipt(", ".join(ids), answer="queued", sent_at=self.clock())

    async def _fax(self, client: httpx2.AsyncClient, file: PackageFile, package: Package, number: int) -> str:
        headers = {
            "Content-Type": "application/pdf",
            "Idempotency-Key": f"{package.key}-{number}",
            "X-Fax-To": package.destination,
            **({"Authorization": f"Bearer {self.token}"} if self.token else {}),
        }
        try:
            answer = await client.post(self.url, content=file.content, headers=headers)
            if answer.is_success:
                return _id(answer.json())
        except httpx2.ConnectError as error:
            raise ChannelAwayError("The fax service could not be reached.") from error
        except (httpx2.HTTPError, ValueError) as error:  # it may have the file
            raise ConnectionError("The fax service did not answer as it should.") from error
        raise _refusal(answer.status_code)(
            f"The fax service refused {file.name} to {package.destination}: HTTP {answer.status_code}."
        )


def _refusal(status: int) -> type[Exception]:
    """What the service answers in the middle of its own failure says nothing about the file."""
    if status in NOT_NOW:
        return ChannelAwayError
    return ConnectionError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else ChannelRefusedError


def _id(answer: Any) -> str:
    if not isinstance(answer, dict) or not answer.get("id"):
        raise ValueError("the answer has no id")
    return str(answer["id"])
