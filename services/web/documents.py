"""Documents that people upload for a payer: checked, made into PDF, kept once; and packages to download."""

import asyncio
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final
from uuid import UUID

from fastapi import Response
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.tables import Exhibit
from overturn.domain import identifiers
from overturn.domain.checklist import RequiredDocument
from overturn.packages import NormalPdf, PackageFile, normalised, scan

OTHER: Final = "other"
ZIP_TIME: Final = (2000, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came, and the PDF that was made of it."""

    document: str
    file_name: str
    original: bytes
    pdf: NormalPdf


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose document it is: a case's or a rebuttal's, at this level of appeal, or a records request's."""

    level: int
    case_id: UUID | None = None
    request_id: UUID | None = None
    recoupment_id: UUID | None = None

    @property
    def package_id(self) -> UUID | None:
        return self.case_id or self.request_id or self.recoupment_id


async def taken(content: bytes, *, scan_command: str) -> NormalPdf:
    """The file as a PDF.

    Raises:
        UploadRefusedError: it is none that can be sent, or a virus; the message says what to do.
    """
    return await asyncio.to_thread(_taken, content, scan_command)


def _taken(content: bytes, scan_command: str) -> NormalPdf:
    scan(content, scan_command)
    return normalised(content)


async def keep_upload(
    session: AsyncSession,
    owner: Owner,
    upload: Upload,
    *,
    required: Iterable[RequiredDocument],
    uploaded_by: UUID,
    now: datetime,
) -> None:
    """Keep the document; the same file is kept once. The title is the table's, or the file's own name."""
    titles = {row.document: row.title for row in required}
    digest = sha256(upload.original).hexdigest()
    row = Exhibit(
        id=identifiers.deterministic_id("exhibit", owner.package_id, owner.level, digest),
        case_id=owner.case_id,
        request_id=owner.request_id,
        recoupment_id=owner.recoupment_id,
        level=owner.level,
        document=upload.document if upload.document in titles else OTHER,
        title=titles.get(upload.document) or _stem(upload.file_name),
        file_name=upload.file_name[:200],
        original_sha256=digest,
        content=upload.pdf.content,
        pages=upload.pdf.pages,
        uploaded_by=uploaded_by,
        uploaded_at=now,
    )
    told = {"document": row.document, "title": row.title, "file_name": row.file_name}
    statement = insert(Exhibit).values(row.model_dump())
    await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=told))


def _stem(file_name: str) -> str:
    """What a cover sheet can print of a file's name."""
    words = "".join(sign if sign.isprintable() else " " for sign in Path(file_name).stem)
    return " ".join(words.replace("_", " ").split())[:80] or "Document"


def package_answer(files: list[PackageFile], name: str) -> Response:
    """One PDF, or a ZIP of several; the same files make the same bytes."""
    if len(files) == 1:
        headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
        return Response(files[0].content, media_type="application/pdf", headers=headers)
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as parts:
        for file in files:
            parts.writestr(zipfile.ZipInfo(file.name, date_time=ZIP_TIME), file.content)
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return Response(archive.getvalue(), media_type="application/zip", headers=headers)
