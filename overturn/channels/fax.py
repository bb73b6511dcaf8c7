"""A package by a fax service that is spoken to by HTTP: one request a file, each with its key."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import httpx2

from overturn.channels.sending import ChannelError, Receipt, content_hash
from overturn.packages import PackageFile

TIMEOUT_SECONDS: Final = 60.0
TRY_AGAIN: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(frozen=True, slots=True)
class FaxChannel:
    """A service at `url` that takes a PDF in the body, the number in `X-Fax-To` and a key in
    `Idempotency-Key`, and answers JSON with `id`."""

    url: str
    clock: Callable[[], datetime]
    token: str = field(default="", repr=False)

    def send(self, files: list[PackageFile], *, to: str, idempotency_key: str) -> Receipt:
        """Fax every file, in order.

        Raises:
            ChannelError: the service refused a file (for good, but for 408, 429 and 5xx) or did not answer.
        """
        with httpx2.Client(timeout=TIMEOUT_SECONDS) as client:
            ids = [
                self._fax(client, file, to, f"{idempotency_key}-{number}")
                for number, file in enumerate(files, start=1)
            ]
        return Receipt("fax", to, ", ".join(ids), "queued", content_hash(files), self.clock())

    def _fax(self, client: httpx2.Client, file: PackageFile, to: str, key: str) -> str:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/pdf",
            "Idempotency-Key": key,
            "X-Fax-To": to,
        }
        try:
            answer = client.post(self.url, content=file.content, headers=headers)
            if answer.is_success:
                return _id(answer.json())
        except (httpx2.HTTPError, ValueError) as error:
            raise ChannelError("The fax service did not answer as it should.", permanent=False) from error
        permanent = answer.is_client_error and answer.status_code not in TRY_AGAIN
        raise ChannelError(
            f"The fax service refused {file.name} to {to}: HTTP {answer.status_code}.", permanent=permanent
        )


def _id(answer: Any) -> str:
    if not isinstance(answer, dict) or not answer.get("id"):
        raise ValueError("the answer has no id")
    return str(answer["id"])
