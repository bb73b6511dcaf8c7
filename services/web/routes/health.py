"""`/health`: whether the database answers, for whoever starts and watches the process."""

from fastapi import APIRouter
from sqlalchemy import text

from services.web.context import Transaction

router = APIRouter()


@router.get("/health")
async def health(session: Transaction) -> dict[str, str]:
    await session.execute(text("SELECT 1"))
    return {"status": "ready"}
