"""277CA answers find their claims in either order, and the latest one counts."""

from itertools import permutations

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from overturn.db import tables
from overturn.db.session import Sessions
from tests.integration.records import only, post, rows
from tests.x12_files import acknowledgement, submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

SENT = submission("P1", "P2")
REJECTED = acknowledgement(("P1", "A3"), ("P2", "A2"), received_on="20260903", control="1")
ACCEPTED = acknowledgement(("P1", "A2"), received_on="20260905", control="2")


async def states(sessions: Sessions) -> dict[str, str | None]:
    found = await rows(sessions, tables.Claim)
    return {c.patient_control_number: c.acknowledgement for c in found}


@pytest.mark.parametrize("order", list(permutations([SENT, REJECTED, ACCEPTED])))
async def test_the_latest_answer_counts_in_whatever_order_the_files_come(
    sessions: Sessions, order: tuple[bytes, ...]
) -> None:
    for content in order:
        await post(sessions, content)
    assert await states(sessions) == {"P1": "accepted", "P2": "accepted"}
    answers = await rows(sessions, tables.ClaimAcknowledgement)
    assert len(answers) == 3
    assert all(answer.claim_id for answer in answers)


async def test_only_received_is_neither_accepted_nor_rejected(sessions: Sessions) -> None:
    await post(sessions, SENT)
    await post(sessions, acknowledgement(("P1", "A1"), ("P2", "A3")))
    assert await states(sessions) == {"P1": None, "P2": "rejected"}


async def test_an_answer_to_a_claim_that_is_not_ours_is_kept(sessions: Sessions) -> None:
    assert (await post(sessions, acknowledgement(("NOBODY", "A2")))).state == "posted"
    assert (await only(sessions, tables.ClaimAcknowledgement)).claim_id is None
    assert await rows(sessions, tables.Outbox, col(tables.Outbox.topic) == "claim.acknowledged.v1") == []


async def test_a_longer_file_takes_no_more_statements(sessions: Sessions) -> None:
    engine: AsyncEngine = sessions.kw["bind"]
    statements: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    numbers = [f"P{n}" for n in range(40)]
    needed = []
    for some in (numbers[:1], numbers):
        await post(sessions, submission(*some, control=str(len(some))))
        statements.clear()
        await post(sessions, acknowledgement(*((n, "A2") for n in some), control=str(100 + len(some))))
        needed.append(len(statements))
    assert needed[1] <= needed[0] + 1
    assert set((await states(sessions)).values()) == {"accepted"}
