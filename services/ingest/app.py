"""The ingest process: the drop folder and the HTTP upload, over one way of posting."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from typing import Annotated, Any, Final
from urllib.parse import unquote

import structlog
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError

from overturn.db.session import Sessions, create_engine, create_sessions
from overturn.settings import Settings
from overturn.x12.file import MAX_BYTES
from services.ingest.drop_folder import DropFolder
from services.ingest.posting import Receipt
from services.ingest.receiving import receive_file
from services.ingest.rejections import rules

UNNAMED: Final = "upload.835"

log = structlog.get_logger()


def create_app(settings: Settings) -> FastAPI:
    rules()  # a broken table is told at the start, not at the first rejection
    engine = create_engine(settings.database_url)
    sessions = create_sessions(engine)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(DropFolder(settings.drop_folder, sessions).watch())
        yield
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await engine.dispose()

    app = FastAPI(title="Overturn ingest", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.settings = settings
    app.state.sessions = sessions
    for outage in (OperationalError, InterfaceError):
        app.exception_handler(outage)(unavailable)
    app.get("/health")(health)
    app.post("/api/v1/remittances", dependencies=[Depends(authorized)])(upload)
    return app


async def health(request: Request) -> dict[str, str]:
    """Ready when the database answers."""
    sessions: Sessions = request.app.state.sessions
    async with sessions() as session:
        await session.execute(text("SELECT 1"))
    return {"status": "ready"}


async def unavailable(_: Request, outage: Exception) -> JSONResponse:
    log.warning("ingest.unavailable", error=type(outage).__name__)
    return JSONResponse(
        {"detail": "The database does not answer; nothing was posted. Send the file again later."}, 503
    )


async def authorized(request: Request, authorization: Annotated[str, Header()] = "") -> None:
    expected = "Bearer " + request.app.state.settings.ingest_token.get_secret_value()
    if not secrets.compare_digest(authorization.encode(), expected.encode()):
        raise HTTPException(401, "The ingest token is missing or wrong (header 'Authorization: Bearer ...').")


async def upload(
    request: Request,
    x_file_name: Annotated[str, Header()] = UNNAMED,
    x_file_source: Annotated[str, Header(pattern="^(upload|command)$")] = "upload",
) -> dict[str, Any]:
    """Post the body as one file; `X-File-Name` is percent-encoded."""
    content = await _body(request)
    receipt: Receipt = await receive_file(
        request.app.state.sessions,
        file_name=_plain_name(x_file_name),
        content=content,
        source=x_file_source,
    )
    return asdict(receipt)


async def _body(request: Request) -> bytes:
    """The body, refused as soon as it is larger than we take."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BYTES:
            raise HTTPException(
                413, f"A file may have {MAX_BYTES // 2**20} MB at most; split it and send again."
            )
    return bytes(content)


def _plain_name(name: str) -> str:
    """The last part of the name, printable: it is shown and never used as a path."""
    last = unquote(name).replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:200] or UNNAMED
