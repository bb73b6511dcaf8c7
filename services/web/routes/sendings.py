"""`/cases/{id}/sendings/{id}`: what went to the payer, as it went, and what shows it."""

from http import HTTPStatus
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from starlette.responses import JSONResponse

from overturn.db.tables import SentFile
from overturn.packages import PackageFile
from overturn.reporting.sendings import SendingFacts, sendings_of
from services.web.documents import package_answer
from services.web.pages import problem
from services.web.routes.cases import OnCase

router = APIRouter(prefix="/cases/{case_id}/sendings/{sending_id}")

NOT_SENT: Final = "Nothing is kept of this sending: it did not go out."


@router.get("/package")
async def download_sent_package(on: OnCase, sending_id: UUID) -> Response:
    """The files, byte for byte as they were handed to the channel."""
    return await sent_package(on.request, on.session, on.case_id, sending_id)


@router.get("/proof.json")
async def download_proof(on: OnCase, sending_id: UUID) -> Response:
    """Channel, destination, time, confirmation, and SHA-256 of every file."""
    return await sent_proof(on.request, on.session, on.case_id, sending_id)


async def sent_package(request: Request, session: AsyncSession, owner_id: UUID, sending_id: UUID) -> Response:
    """What went out for a case or a records request, where it did."""
    if await _sent(session, owner_id, sending_id) is None:
        return problem(request, HTTPStatus.NOT_FOUND, NOT_SENT)
    kept = await session.scalars(
        select(SentFile).where(col(SentFile.sending_id) == sending_id).order_by(col(SentFile.position))
    )
    files = [PackageFile(file.name, file.content, file.pages) for file in kept]
    return package_answer(files, f"sent-{sending_id.hex[:8]}")


async def sent_proof(request: Request, session: AsyncSession, owner_id: UUID, sending_id: UUID) -> Response:
    """What shows that it went out, as JSON."""
    sending = await _sent(session, owner_id, sending_id)
    if sending is None:
        return problem(request, HTTPStatus.NOT_FOUND, NOT_SENT)
    headers = {"Content-Disposition": f'attachment; filename="proof-{sending_id.hex[:8]}.json"'}
    return JSONResponse(sending.written(), headers=headers)


async def _sent(session: AsyncSession, owner_id: UUID, sending_id: UUID) -> SendingFacts | None:
    found = (sending for sending in await sendings_of(session, owner_id) if sending.id == sending_id)
    sending = next(found, None)
    return sending if sending and sending.sent_at and sending.files else None
