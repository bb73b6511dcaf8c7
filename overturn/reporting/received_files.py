"""What arrived, newest first, and what was wrong with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.received_files import POSTING, progress
from overturn.reporting.rows import fetch_all

FILES_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A received file without its content; `progress` while it is posted."""

    sha256: str
    file_name: str
    source: str
    size_bytes: int
    state: str
    transaction_types: list[str]
    findings: list[dict[str, Any]]
    received_at: datetime
    bytes_checked: int
    parts: int | None
    parts_posted: int
    claims: int
    remittances: int

    @property
    def progress(self) -> str | None:
        return progress(self) if self.state == POSTING else None


_FILES: Final = text("""
    SELECT f.sha256, f.file_name, f.source, f.size_bytes, f.state, f.transaction_types, f.findings,
           f.received_at, f.bytes_checked, f.parts, f.parts_posted, f.claims,
           (SELECT count(*) FROM remittance r WHERE r.file_sha256 = f.sha256) AS remittances
      FROM received_file f
     ORDER BY f.received_at DESC, f.sha256
     LIMIT :shown
""")


async def newest_files(session: AsyncSession) -> list[FileFacts]:
    """The newest files, up to FILES_SHOWN."""
    return await fetch_all(session, FileFacts, _FILES, shown=FILES_SHOWN)
