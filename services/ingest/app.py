"""The ingest process: the drop folder and the HTTP upload, over one way of posting."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated, Any, Final
from urllib.parse import unquote

import structlog
from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError

from overturn.db.received_files import POSTING
from overturn.db.session import Sessions, create_engine, create_sessions
from overturn.settings import Settings
from services.ingest.drop_folder import DropFolder
from services.ingest.intake import Intake
from services.ingest.receipts import Receipt
from services.ingest.rejections import shipped_or_published
from services.ingest.spooling import Spool, Spooled, TooLargeError

UNNAMED: Final = "upload.835"

log = structlog.get_logger()


def create_app(settings: Settings) -> FastAPI:
    shipped_or_published()  # a broken table is told at the start, not at the first rejection
    engine = create_engine(settings.database_url)
    sessions = create_sessions(engine)
    intake = Intake(sessions, settings.max_file_bytes)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        watching = [
            asyncio.create_task(watch)
            for watch in (DropFolder(settings.drop_folder, intake).watch(), intake.watch())
        ]
        yield
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        await intake.close()
        await engine.dispose()

    app = FastAPI(title="Overturn ingest", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.settings = settings
    app.state.sessions = sessions
    app.state.intake = intake
    for outage in (OperationalError, InterfaceError):
        app.exception_handler(outage)(unavailable)
    app.get("/health")(health)
    app.post("/api/v1/remittances", dependencies=[Depends(authorized)])(upload)
    app.get("/api/v1/remittances/{sha256}", dependencies=[Depends(authorized)])(progress)
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
        {"detail": "The database does not answer. Send the file again later: nothing is posted twice."}, 503
    )


async def authorized(request: Request, authorization: Annotated[str, Header()] = "") -> None:
    expected = "Bearer " + request.app.state.settings.ingest_token.get_secret_value()
    if not secrets.compare_digest(authorization.encode(), expected.encode()):
        raise HTTPException(401, "The ingest token is missing or wrong (header 'Authorization: Bearer ...').")


async def upload(
    request: Request,
    response: Response,
    x_file_name: Annotated[str, Header()] = UNNAMED,
    x_file_source: Annotated[str, Header(pattern="^(upload|command)$")] = "upload",
) -> dict[str, Any]:
    """Post the body as one file; `X-File-Name` is percent-encoded. 202: posting goes on after the answer."""
    intake: Intake = request.app.state.intake
    receipt = await intake.take(
        file_name=_plain_name(x_file_name), content=await _body(request, intake.limit), source=x_file_source
    )
    if receipt.state == POSTING:
        response.status_code = 202
    return asdict(receipt)


async def progress(request: Request, sha256: str) -> dict[str, Any]:
    """How far a file is, by the SHA-256 of its bytes."""
    receipt: Receipt | None = await request.app.state.intake.receipt(sha256)
    if receipt is None:
        raise HTTPException(404, "No file with this SHA-256 is stored; send it again.")
    return asdict(receipt)


async def _body(request: Request, limit: int) -> Spooled:
    """The body, refused as soon as it is larger than we take."""
    with Spool(limit) as content:
        try:
            async for chunk in request.stream():
                content.add(chunk)
        except TooLargeError as error:
            raise HTTPException(413, str(error)) from None
        return content.done()


def _plain_name(name: str) -> str:
    """The last part of the name, printable: it is shown and never used as a path."""
    last = unquote(name).replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:200] or UNNAMED
