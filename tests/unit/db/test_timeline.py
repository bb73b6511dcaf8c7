"""A line lands in the timeline of what it is about, with its facts."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.tables import (
    CaseEvent,
    CredentialingGap,
    CredentialingGapEvent,
    DenialCase,
    RecordsRequest,
    RecordsRequestEvent,
    Recoupment,
    RecoupmentEvent,
)
from overturn.db.timeline import WORKFLOW, enter

AT = datetime(2026, 10, 5, tzinfo=UTC)
ID = uuid4()


def entered(of: type[Any], **amount: Decimal) -> Any:
    session, event_id = AsyncSession(), uuid4()
    enter(session, of(id=ID), event_id, kind="closed", summary="Closed.", actor=WORKFLOW, at=AT, **amount)
    (line,) = session.new
    assert line.id == event_id
    return line


@pytest.mark.parametrize(
    ("of", "timeline", "names"),
    [
        (DenialCase, CaseEvent, "case_id"),
        (Recoupment, RecoupmentEvent, "recoupment_id"),
        (RecordsRequest, RecordsRequestEvent, "request_id"),
        (CredentialingGap, CredentialingGapEvent, "gap_id"),
    ],
)
def test_each_has_a_timeline_of_its_own(of: type, timeline: type, names: str) -> None:
    line = entered(of)
    assert (type(line), getattr(line, names)) == (timeline, ID)
    assert (line.kind, line.summary, line.actor, line.happened_at) == ("closed", "Closed.", "workflow", AT)


@pytest.mark.parametrize("of", [DenialCase, Recoupment])
def test_a_line_about_money_has_its_dollars(of: type) -> None:
    assert entered(of, amount=Decimal("70.10")).amount == Decimal("70.10")
    assert entered(of).amount is None
