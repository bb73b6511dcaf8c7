"""Remittances, acknowledgements and a decision, in any order and repeated, leave a case in one state."""

from decimal import Decimal
from random import Random
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from overturn.domain.denial_case import CaseStatus, Outcome, PayerDecision, StepRefusedError
from tests.workflow.claims import answer_claim, approved, resubmit
from tests.workflow.office import Office

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]

DECISION, ACCEPTANCE, FIRST, SECOND = "decision", "acceptance", "first", "second"


async def decide(office: Office, case_id: UUID) -> None:
    """A remittance may come between the page and the step: whoever decides reloads and decides again."""
    for _ in range(10):
        version = (await office.record.case(case_id)).version
        try:
            await office.decide(case_id, PayerDecision.OVERTURNED, version)
        except StepRefusedError:
            continue
        return
    raise AssertionError("the decision was never taken")


@given(random=st.randoms(use_true_random=False))
@settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_any_order_of_facts_ends_with_one_result(office: Office, random: Random) -> None:
    case_id = await approved(office)
    await resubmit(office, case_id)
    await office.kinds_until(case_id, "sent")
    await office.record.adjudicate(case_id, more_paid="50.00", still_denied="70.00")
    remittances = {FIRST: uuid4(), SECOND: uuid4()}
    facts = [DECISION, *(fact for fact in (ACCEPTANCE, FIRST, SECOND) for _ in range(random.randint(1, 3)))]
    random.shuffle(facts)
    for fact in facts:
        if fact == DECISION:
            await decide(office, case_id)
        elif fact == ACCEPTANCE:
            await answer_claim(office, case_id, "A2", times=2)
        else:
            await office.tell(case_id, remittances[fact])

    kinds = await office.kinds_until(case_id, "remittance", 2)
    case = await office.record.case(case_id)
    assert (case.status, case.recovered_amount) == (CaseStatus.AWAITING_PAYMENT, Decimal("50.00"))
    await office.record.adjudicate(case_id, more_paid="70.00", still_denied="0")
    last = uuid4()
    for _ in range(2):
        await office.tell(case_id, last)
    assert (await office.result(case_id)).outcome is Outcome.RECOVERED
    case = await office.record.case(case_id)
    assert (case.recovered_amount, case.written_off_amount) == (Decimal("120.00"), Decimal(0))
    assert not await office.record.open_items(case_id)
    kinds = await office.record.kinds(case_id)
    assert [kinds.count(kind) for kind in ("sent", "decide", "remittance")] == [1, 1, 3]
