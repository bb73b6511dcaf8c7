"""Sending files to the running ingest service, as the command line and the demo do; the web does it alike."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, Self, TypedDict
from urllib.parse import quote

import httpx2

from overturn.settings import Settings


class ClientOptions(TypedDict):
    """What `httpx2` clients of the ingest service have in common. `timeout` in seconds."""

    timeout: float
    trust_env: bool


Told = Callable[[str, float], None]
"""Is told what happens to the file, in words, and which share of that is done: 0 to 1."""

RECEIVING: Final = "/api/v1/remittances"
PIECE: Final = 1024 * 1024
POLL_SECONDS: Final = 1.0
TRIES: Final = 60

# A large file takes minutes to store, and our own service is never behind a proxy.
CLIENT_OPTIONS: Final = ClientOptions(timeout=600.0, trust_env=False)


class IngestError(Exception):
    """The file did not reach the ingest service; the message says what to do."""


def _nobody(_words: str, _share: float) -> None:
    """The `Told` of who does not ask."""


class IngestClient:
    """One connection to the ingest service."""

    def __init__(self, settings: Settings) -> None:
        self._address = f"http://{settings.ingest_host}:{settings.ingest_port}"
        self._client = httpx2.Client(
            base_url=self._address,
            headers={"Authorization": f"Bearer {settings.ingest_token.get_secret_value()}"},
            **CLIENT_OPTIONS,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def send(self, path: Path, told: Told = _nobody) -> dict[str, Any]:
        """Send one file and return the receipt, when it is posted: state, sha256, claims, message, findings.

        Raises:
            IngestError: the file cannot be read, or the service is away or refuses the request.
        """
        try:
            with path.open("rb") as file:
                receipt = self._post(file, path.name, told)
        except OSError as error:
            raise IngestError(f"{path}: {error.strerror or type(error).__name__}.") from None
        while receipt["state"] == "posting":
            told(receipt["message"], receipt["percent"] / 100)
            time.sleep(POLL_SECONDS)
            receipt = self._ask(receipt["sha256"], path.name)
        return receipt

    def _post(self, file: BinaryIO, name: str, told: Told) -> dict[str, Any]:
        size = os.fstat(file.fileno()).st_size
        headers = {
            "X-File-Name": quote(name),
            "X-File-Source": "command",
            "Content-Length": str(size),
        }
        try:
            answer = self._client.post(RECEIVING, content=_pieces(file, size, told), headers=headers)
        except httpx2.HTTPError:
            raise IngestError(
                f"The ingest service at {self._address} does not answer. Is the stack up (`overturn status`)?"
            ) from None
        return _receipt(answer, name)

    def _ask(self, sha256: str, name: str) -> dict[str, Any]:
        """How far the file is. The service may be away for a while: the file is stored."""
        for _ in range(TRIES):
            try:
                return _receipt(self._client.get(f"{RECEIVING}/{sha256}"), name)
            except httpx2.HTTPError:
                time.sleep(POLL_SECONDS)
        raise IngestError(
            f"{name}: the ingest service at {self._address} does not answer any more. The file is stored and "
            "is posted to its end when the service is back (`overturn status`)."
        )


def _pieces(file: BinaryIO, size: int, told: Told) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
        told("sending", file.tell() / max(size, 1))


def _receipt(answer: httpx2.Response, name: str) -> dict[str, Any]:
    if not answer.is_success:
        raise IngestError(f"{name}: {_detail(answer)}")
    try:
        receipt: dict[str, Any] = answer.json()
    except ValueError:
        raise IngestError(
            f"What answers at {answer.url} is not the ingest service; set OVERTURN_INGEST_PORT to its port."
        ) from None
    return receipt


def _detail(answer: httpx2.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the ingest service answered {answer.status_code}; see its log (`overturn status`)"


def files_in(paths: Iterable[Path]) -> Iterator[Path]:
    """The files themselves, and those in folders, by name."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
        else:
            yield path
