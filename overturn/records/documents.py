"""The documents of a request for records: which the payer asks for, and which are there."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.exhibits import supplied_exhibits
from overturn.db.tables import RecordsRequest
from overturn.domain.checklist import Asked, RequiredDocument, Supplier, checklist
from overturn.domain.codes import Category
from overturn.rulebook import Rulebook

LETTER: Final = "documentation"
"""The letter that answers a denial for want of records: its documents are those a payer asks for."""


def askable_documents(rulebook: Rulebook, payer_key: str | None) -> tuple[RequiredDocument, ...]:
    """The documents that people have to bring when this payer asks for records."""
    rows = checklist(
        rulebook.required_documents,
        payer_key=payer_key,
        letter=LETTER,
        category=Category.DOCUMENTATION,
        present=(),
    )
    return tuple(row.document for row in rows if row.document.supplied_by is not Supplier.SYSTEM)


async def asked_documents(
    session: AsyncSession, request: RecordsRequest, rulebook: Rulebook
) -> tuple[Asked, ...]:
    """The documents this request asks for, and whether each is uploaded."""
    present = {row.document for row in await supplied_exhibits(session, request_id=request.id)}
    return tuple(
        Asked(row, row.document in present)
        for row in askable_documents(rulebook, request.payer_key)
        if row.document in request.documents
    )
