"""Sending files to the running ingest service, as the command line and the demo do; the web does it alike."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Self, TypedDict
from urllib.parse import quote

import httpx2

from overturn.settings import Settings


class ClientOptions(TypedDict):
    """What `httpx2` clients of the ingest service have in common. `timeout` in seconds."""

    timeout: float
    trust_env: bool


# A large file takes minutes to post, and our own service is never behind a proxy.
CLIENT_OPTIONS: Final = ClientOptions(timeout=600.0, trust_env=False)


class IngestError(Exception):
    """The file did not reach the ingest service; the message says what to do."""


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

    def send(self, path: Path) -> dict[str, Any]:
        """Send one file and return the receipt: state, sha256, claims, message, findings.

        Raises:
            IngestError: the file cannot be read, or the service is away or refuses the request.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise IngestError(f"{path}: {error.strerror or type(error).__name__}.") from None
        headers = {"X-File-Name": quote(path.name), "X-File-Source": "command"}
        try:
            answer = self._client.post("/api/v1/remittances", content=content, headers=headers)
        except httpx2.HTTPError:
            raise IngestError(
                f"The ingest service at {self._address} does not answer. Is the stack up (`overturn status`)?"
            ) from None
        if answer.status_code != httpx2.codes.OK:
            raise IngestError(f"{path.name}: {_detail(answer)}")
        return _receipt(answer)


def _receipt(answer: httpx2.Response) -> dict[str, Any]:
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
