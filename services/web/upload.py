"""An uploaded file on its way to the ingest service, which alone stores and posts files."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import quote

import httpx2

from overturn.ingest_client import CLIENT_OPTIONS

MAX_UPLOAD_BYTES: Final = 100_000_000


class IngestUnavailableError(Exception):
    """The ingest service did not answer; nothing is lost, the person still has the file."""


@dataclass(frozen=True, slots=True)
class Received:
    """The ingest service's answer. `state`: posted, partly_posted, known or quarantined; posting where that
    goes on.

    `members` has a sentence for each file of an archive."""

    state: str
    message: str
    members: tuple[str, ...] = ()


Forward: TypeAlias = Callable[[str, bytes], Coroutine[Any, Any, Received]]
"""Hands over a file by name and content; raises IngestUnavailableError."""


def forward_to(host: str, port: int, token: str) -> Forward:
    """A `Forward` to the ingest service at this address."""

    async def forward(file_name: str, content: bytes) -> Received:
        # A header carries ASCII only; the name may be anything.
        headers = {"Authorization": f"Bearer {token}", "X-File-Name": quote(file_name, safe=" ()")}
        try:
            async with httpx2.AsyncClient(**CLIENT_OPTIONS) as client:
                answer = await client.post(
                    f"http://{host}:{port}/api/v1/remittances", content=content, headers=headers
                )
            body = answer.json()
            members = tuple(f"{m['file_name']}: {m['message']}" for m in body.get("members", ()))
            return Received(state=body["state"], message=body["message"], members=members)
        except (httpx2.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise IngestUnavailableError from error

    return forward
