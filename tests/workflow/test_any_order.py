"""Facts of an appeal or a corrected claim, in any order and repeated, leave a case in one state."""

from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from random import Random
from typing import TypeVar
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from overturn.domain.denial_case import CaseStatus, Outcome
from tests.workflow.claims import answer_claim, approved, resubmit
from tests.workflow.led import RECALL_SECONDS, Led
from tests.workflow.office import Office
from tests.workflow.paths import Act

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]

T = TypeVar("T")
Happening = Callable[[], Awaitable[None]]
in_any_order = settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def _time_to_call_back(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office.activities, "_recall_seconds", RECALL_SECONDS)


def interleaved(random: Random, in_turn: Sequence[T], told: Sequence[T]) -> list[T]:
    """Steps of people one after the other, and among them each fact, once to three times in any order."""
    steps = iter(in_turn)
    merged: list[T | None] = [None] * len(in_turn)
    merged += [fact for fact in told for _ in range(random.randint(1, 3))]
    random.shuffle(merged)
    return [next(steps) if each is None else each for each in merged]


async def first_part_paid(office: Office, case_id: UUID) -> list[Happening]:
    """50.00 of 120.00 came, which two remittances tell of."""
    await office.record.adjudicate(case_id, more_paid="50.00", still_denied="70.00")
    return [remittance(office, case_id), remittance(office, case_id)]


def remittance(office: Office, case_id: UUID) -> Happening:
    """One event, however often it is told."""
    event_id = uuid4()
    return lambda: office.tell(case_id, event_id)


def acceptance(office: Office, case_id: UUID) -> Happening:
    return lambda: answer_claim(office, case_id, "A2", times=2)


async def ends_paid(office: Office, case_id: UUID) -> list[str]:
    """Overturned and paid in part it waits for the rest, which ends it; the kinds of its timeline."""
    await office.kinds_until(case_id, "remittance", 2)
    case = await office.record.case(case_id)
    assert (case.status, case.recovered_amount) == (CaseStatus.AWAITING_PAYMENT, Decimal("50.00"))
    await office.record.adjudicate(case_id, more_paid="70.00", still_denied="0")
    last = remittance(office, case_id)
    for _ in range(2):
        await last()
    assert (await office.result(case_id)).outcome is Outcome.RECOVERED
    case = await office.record.case(case_id)
    assert (case.recovered_amount, case.written_off_amount) == (Decimal("120.00"), Decimal(0))
    assert not await office.record.open_items(case_id)
    assert await office.record.published(case_id, "case.resolved.v1") == 1
    return await office.record.kinds(case_id)


@given(random=st.randoms(use_true_random=False))
@in_any_order
async def test_any_order_of_facts_ends_a_corrected_claim_with_one_result(
    office: Office, random: Random
) -> None:
    case_id = await approved(office)
    await resubmit(office, case_id)
    await office.kinds_until(case_id, "sent")
    do = Led(office, case_id).doing()
    facts = [*await first_part_paid(office, case_id), acceptance(office, case_id)]
    for happens in interleaved(random, [do[Act.OVERTURNED]], facts):
        await happens()
    kinds = await ends_paid(office, case_id)
    assert [kinds.count(kind) for kind in ("sent", "decide", "remittance")] == [1, 1, 3]


@given(random=st.randoms(use_true_random=False))
@in_any_order
async def test_any_order_of_facts_ends_an_appeal_with_one_result(office: Office, random: Random) -> None:
    """It is called back and sent again, goes out, is decided, and the decision is taken back once."""
    case_id, other_rules = await office.open(), uuid4()
    do = Led(office, case_id).doing()
    for act in (Act.APPROVE, Act.SEND):
        await do[act]()
    facts = [*await first_part_paid(office, case_id), acceptance(office, case_id)]
    facts.append(lambda: office.tell_other_rules(case_id, other_rules))
    acts = (Act.UNDO, Act.SEND, Act.GOES_OUT, Act.OVERTURNED, Act.UNDO, Act.OVERTURNED)
    for happens in interleaved(random, [do[act] for act in acts], facts):
        await happens()
    await office.kinds_until(case_id, "planned_anew")
    kinds = await ends_paid(office, case_id)
    counted = {kind: kinds.count(kind) for kind in ("send", "undo", "sent", "decide", "remittance")}
    assert counted == {"send": 2, "undo": 2, "sent": 1, "decide": 2, "remittance": 3}
    assert kinds.count("planned_anew") == 1
    assert [sending.state for sending in await office.record.sendings(case_id)] == ["not_sent", "sent"]
    assert [letter.state for letter in await office.record.letters(case_id)] == ["submitted"]
    await office.appeal(case_id).result()
