"""A long table is read whole, each row once, in batches of the size that was asked for."""

from itertools import pairwise
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col

from overturn.db.batches import in_batches
from overturn.db.bulk import insert_rows
from overturn.db.session import Sessions
from overturn.db.tables import Claim
from tests.integration.test_bulk import claim

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


@pytest.mark.parametrize(("rows", "sizes"), [(0, []), (3, [3]), (6, [3, 3]), (7, [3, 3, 1])])
async def test_every_row_is_in_one_batch(sessions: Sessions, rows: int, sizes: list[int]) -> None:
    stored = {uuid4() for _ in range(rows)}
    async with sessions.begin() as session:
        await insert_rows(session, Claim, [claim(id=claim_id) for claim_id in stored])
    async with sessions() as session:
        batches = [batch async for batch in in_batches(session, select(Claim), size=3)]
    found = [row.id for batch in batches for (row,) in batch]
    assert [len(batch) for batch in batches] == sizes
    assert set(found) == stored
    assert all(one < next_one for one, next_one in pairwise(found))


async def test_a_row_that_leaves_the_query_takes_none_with_it(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await insert_rows(session, Claim, [claim(id=uuid4()) for _ in range(5)])
    seen = []
    async with sessions() as session:
        unsent = select(Claim, col(Claim.charge_amount)).where(~col(Claim.submitted))
        async for batch in in_batches(session, unsent, size=2):
            for row, charged in batch:
                seen.append((row.id, charged))
                row.submitted = True
            await session.flush()
    assert len(seen) == len(set(seen)) == 5
