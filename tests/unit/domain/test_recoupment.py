"""A recoupment's steps fit its status, its dollars add up, and its clocks say what was missed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.deadlines import DeadlineKind
from overturn.domain.recoupment import (
    PERSONS_STEPS,
    TRANSITIONS,
    ClockState,
    Position,
    RecoupmentMoney,
    RecoupmentOutcome,
    RecoupmentRefusedError,
    RecoupmentStatus,
    RecoupmentStep,
    Source,
    allowed_steps,
    clock_state,
    clocks_at,
    next_status,
    outcome_of,
    price,
)

DUE, BEFORE, AFTER = date(2026, 4, 1), date(2026, 3, 31), date(2026, 4, 2)
DOLLARS = st.decimals(min_value=0, max_value=1000, places=2)


def money(demanded: str = "100", *, withheld: str = "0", disputed: bool = False) -> RecoupmentMoney:
    return RecoupmentMoney(Decimal(demanded), withheld=Decimal(withheld), disputed=disputed)


LETTER = Position(Source.LETTER, RecoupmentStatus.DEMANDED, 1, money())
PAID = replace(LETTER, money=money(withheld="100"))


@pytest.mark.parametrize("step", RecoupmentStep)
@pytest.mark.parametrize("status", RecoupmentStatus)
def test_every_step_fits_or_is_refused_in_words(status: RecoupmentStatus, step: RecoupmentStep) -> None:
    if status in TRANSITIONS[step]:
        assert next_status(status, step) == TRANSITIONS[step][status]
    else:
        with pytest.raises(RecoupmentRefusedError, match=f"is {status}; '{step.replace('_', ' ')}' needs"):
            next_status(status, step)


def test_of_a_closed_recoupment_a_step_can_be_taken_back_and_an_open_one_can_always_be_settled() -> None:
    assert allowed_steps(RecoupmentStatus.CLOSED) == (RecoupmentStep.UNDO,)
    waits = {RecoupmentStatus.SENDING, RecoupmentStatus.CLOSED}  # what is on its way ends after that
    assert set(TRANSITIONS[RecoupmentStep.SETTLE]) == set(RecoupmentStatus) - waits
    assert set(allowed_steps(RecoupmentStatus.DEMANDED)) == set(PERSONS_STEPS) - {
        RecoupmentStep.CALL_BACK,
        RecoupmentStep.DECIDE,
    }


@given(
    demanded=DOLLARS,
    events=st.lists(
        st.tuples(st.sampled_from(["withheld", "withdrawn", "repaid"]), DOLLARS, st.integers(1, 3)),
        max_size=12,
    ),
    disputed=st.booleans(),
    order=st.randoms(use_true_random=False),
)
def test_the_dollars_add_up_in_any_order_of_events_told_any_number_of_times(
    demanded: Decimal,
    events: Sequence[tuple[str, Decimal, int]],
    disputed: bool,
    order: object,
) -> None:
    """Each event is an entry under its own id, as in the record: told again, it is the same entry."""
    told = [(place, kind, amount) for place, (kind, amount, times) in enumerate(events) for _ in range(times)]
    order.shuffle(told)  # type: ignore[attr-defined]  # hypothesis gives a Random
    once = {place: (kind, amount) for place, kind, amount in told}
    sums = dict.fromkeys(("withheld", "withdrawn", "repaid"), Decimal(0))
    for kind, amount in once.values():
        sums[kind] += amount
    found = RecoupmentMoney(demanded, disputed=disputed, **sums)
    placed = found.withdrawn + found.withheld + found.repaid + found.in_dispute + found.remaining
    assert found.demanded + found.to_come_back == placed
    assert min(found.in_dispute, found.remaining) == min(found.unpaid, found.to_come_back) == 0
    assert sums == {kind: sum((amount for k, amount, _ in events if k == kind), Decimal(0)) for kind in sums}


def test_what_is_put_off_is_owed_in_full_and_what_is_taken_too_much_is_to_come_back() -> None:
    put_off = money("70", withheld="-70")
    assert (put_off.unpaid, put_off.to_come_back) == (Decimal(140), Decimal(0))
    assert money("70", withheld="90").to_come_back == Decimal(20)


@pytest.mark.parametrize(
    ("position", "outcome"),
    [
        (LETTER, None),
        (PAID, RecoupmentOutcome.REPAID),
        # Disputed, it is not settled by its being withheld.
        (replace(PAID, status=RecoupmentStatus.DISPUTED, appealed_on=BEFORE), None),
        (replace(PAID, rebutted_on=BEFORE), None),
        (replace(PAID, level=2), None),
        # Nobody has looked at a take-back that was not announced.
        (replace(PAID, source=Source.TAKE_BACK), None),
        (replace(PAID, source=Source.TAKE_BACK, appeal_is_over=True), RecoupmentOutcome.EXPIRED),
        (replace(LETTER, appeal_is_over=True), None),
        (replace(LETTER, money=money("0")), RecoupmentOutcome.WITHDRAWN),
        (
            replace(LETTER, status=RecoupmentStatus.DISPUTED, money=money("0")),
            RecoupmentOutcome.WITHDRAWN,
        ),
        (replace(PAID, status=RecoupmentStatus.CLOSED), None),
        (replace(LETTER, status=RecoupmentStatus.SENDING, money=money("0")), None),
    ],
)
def test_money_and_calendar_end_what_is_not_disputed(
    position: Position, outcome: RecoupmentOutcome | None
) -> None:
    assert outcome_of(position) == outcome


@pytest.mark.parametrize(
    ("kind", "position", "today", "state"),
    [
        (DeadlineKind.RECOUPMENT_REBUTTAL, LETTER, DUE, ClockState.RUNNING),
        (DeadlineKind.RECOUPMENT_REBUTTAL, LETTER, AFTER, ClockState.MISSED),
        (DeadlineKind.RECOUPMENT_REBUTTAL, replace(LETTER, rebutted_on=DUE), AFTER, ClockState.MET),
        (DeadlineKind.RECOUPMENT_REBUTTAL, replace(LETTER, appealed_on=BEFORE), AFTER, ClockState.MET),
        (DeadlineKind.RECOUPMENT_STOP, replace(LETTER, rebutted_on=BEFORE), AFTER, ClockState.MISSED),
        (DeadlineKind.RECOUPMENT_STOP, replace(LETTER, appealed_on=AFTER), AFTER, ClockState.MISSED),
        (DeadlineKind.RECOUPMENT_STOP, replace(LETTER, appealed_on=DUE), AFTER, ClockState.MET),
        (DeadlineKind.RECOUPMENT_STOP, PAID, AFTER, ClockState.MOOT),
        (DeadlineKind.REPAYMENT, LETTER, AFTER, ClockState.MISSED),
        (DeadlineKind.REPAYMENT, replace(LETTER, appealed_on=BEFORE), AFTER, ClockState.MOOT),
        (DeadlineKind.REPAYMENT, PAID, AFTER, ClockState.MOOT),
        (DeadlineKind.APPEAL, PAID, AFTER, ClockState.MISSED),
        (DeadlineKind.APPEAL, replace(LETTER, status=RecoupmentStatus.CLOSED), AFTER, ClockState.MOOT),
    ],
)
def test_a_clock_is_met_missed_or_overtaken(
    kind: DeadlineKind, position: Position, today: date, state: ClockState
) -> None:
    assert clock_state(kind, position, DUE, today) == state


def test_a_clock_without_a_last_day_is_never_missed() -> None:
    assert clock_state(DeadlineKind.APPEAL, LETTER, None, AFTER) == ClockState.RUNNING


def test_a_missed_appeal_costs_all_and_a_missed_stop_what_can_still_be_taken() -> None:
    part = money(withheld="30")
    assert price(DeadlineKind.APPEAL, part) == Decimal(100)
    assert price(DeadlineKind.RECOUPMENT_STOP, part) == price(DeadlineKind.REPAYMENT, part) == Decimal(70)


def test_above_the_first_level_there_is_nothing_to_rebut() -> None:
    assert clocks_at(2) == (DeadlineKind.RECOUPMENT_STOP, DeadlineKind.APPEAL)
