"""A request for records: its steps, its last day, and what the payer's answer makes of it."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.deadlines import Deadline, DeadlineAnswer, UnknownDeadline
from overturn.domain.denial_case import StepRefusedError
from overturn.domain.records_request import (
    OVER,
    PERSONS_STEPS,
    TRANSITIONS,
    ClaimMoney,
    Requester,
    RequestOutcome,
    RequestStatus,
    RequestStep,
    allowed_steps,
    derive_records_deadline,
    next_status,
    outcome_by_letter,
    outcome_by_money,
    stake,
)
from overturn.rulebook import load_rulebook

WINDOWS = load_rulebook().filing_windows
ASKED = date(2026, 1, 20)
DOLLARS = st.decimals(0, 10_000, places=2)


def derived(
    *,
    requester: Requester = Requester.MAC,
    printed_on: date | None = None,
    payer_key: str | None = "medicare",
    line_of_business: str | None = "Medicare FFS",
    requested_on: date = ASKED,
) -> DeadlineAnswer:
    return derive_records_deadline(
        requested_on,
        requester=requester,
        printed_on=printed_on,
        windows=WINDOWS,
        payer_key=payer_key,
        line_of_business=line_of_business,
    )


def money(paid: str, denied: str) -> ClaimMoney:
    return ClaimMoney(Decimal(paid), Decimal(denied))


@pytest.mark.parametrize(
    ("requester", "requested_on", "due_on", "rule"),
    [
        (Requester.MAC, ASKED, date(2026, 3, 6), "medicare-records"),
        (Requester.RAC, ASKED, date(2026, 3, 6), "medicare-records"),
        (Requester.UPIC, ASKED, date(2026, 2, 19), "medicare-upic-records"),
        (Requester.MAC, date(2028, 1, 20), date(2028, 3, 5), "medicare-records"),  # over 29 February
    ],
)
def test_medicare_gives_45_days_and_its_integrity_contractors_30(
    requester: Requester, requested_on: date, due_on: date, rule: str
) -> None:
    answer = derived(requester=requester, requested_on=requested_on)
    assert isinstance(answer, Deadline)
    assert (answer.due_on, answer.rule.id, answer.rule.confidence) == (due_on, rule, "high")
    assert "42 CFR 405.929" in answer.rule.source
    assert answer.safe_on < answer.due_on
    assert answer.derivation[0].date == requested_on


def test_a_payer_without_a_window_has_no_last_day_by_itself() -> None:
    answer = derived(requester=Requester.PAYER, payer_key="aetna", line_of_business="Commercial")
    assert isinstance(answer, UnknownDeadline)
    assert "no filing window is known for aetna" in answer.missing


def test_the_printed_day_counts_where_no_rule_is_known() -> None:
    answer = derived(payer_key=None, line_of_business=None, printed_on=date(2026, 2, 3))
    assert isinstance(answer, Deadline)
    assert (answer.due_on, answer.rule.id) == (date(2026, 2, 3), "printed")


def test_of_the_printed_day_and_the_rule_the_earlier_counts_and_the_other_stays_on_record() -> None:
    sooner = derived(printed_on=date(2026, 2, 10))
    assert isinstance(sooner, Deadline)
    assert (sooner.due_on, sooner.rule.id) == (date(2026, 2, 10), "printed")
    assert date(2026, 3, 6) in [step.date for step in sooner.derivation]
    later = derived(printed_on=date(2026, 4, 1))
    assert isinstance(later, Deadline)
    assert (later.due_on, later.rule.id) == (date(2026, 3, 6), "medicare-records")
    assert later.derivation[-1].date == date(2026, 4, 1)


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(0, 90))
def test_the_last_day_is_never_after_the_printed_one(requested_on: date, days: int) -> None:
    printed_on = date.fromordinal(requested_on.toordinal() + days)
    answer = derived(requested_on=requested_on, printed_on=printed_on)
    assert isinstance(answer, Deadline)
    assert answer.due_on == min(printed_on, date.fromordinal(requested_on.toordinal() + 45))


@pytest.mark.parametrize("status", RequestStatus)
def test_a_person_is_offered_what_the_table_allows(status: RequestStatus) -> None:
    for step in PERSONS_STEPS:
        if step in allowed_steps(status):
            assert next_status(status, step) in RequestStatus
        else:
            with pytest.raises(StepRefusedError, match="Reload the page"):
                next_status(status, step)


def test_what_was_sent_cannot_be_missed_and_what_is_missed_can_be_given_more_time() -> None:
    assert RequestStatus.SENT not in TRANSITIONS[RequestStep.EXPIRE]
    assert next_status(RequestStatus.MISSED, RequestStep.SET_DEADLINE) is RequestStatus.GATHERING
    assert allowed_steps(RequestStatus.CLOSED) == ()


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        (("0", "0"), ("150", "0"), RequestOutcome.PAID),
        (("30", "120"), ("150", "0"), RequestOutcome.PAID),
        (("30", "120"), ("80", "70"), RequestOutcome.PARTLY_PAID),
        (("30", "120"), ("30", "120"), RequestOutcome.UPHELD),
        (("30", "120"), ("30", "0"), RequestOutcome.UPHELD),
        (("0", "0"), ("0", "150"), RequestOutcome.DENIED),
        (("150", "0"), ("0", "0"), RequestOutcome.DENIED),
        (("150", "0"), ("150", "0"), RequestOutcome.ACCEPTED),
    ],
)
def test_a_later_remittance_says_how_it_ended(
    before: tuple[str, str], after: tuple[str, str], outcome: RequestOutcome
) -> None:
    assert outcome_by_money(money(*before), money(*after)) is outcome


def test_a_letter_says_how_it_ended_where_no_money_moves() -> None:
    assert outcome_by_letter(accepted=True, before=money("0", "120")) is RequestOutcome.ACCEPTED
    assert outcome_by_letter(accepted=False, before=money("0", "120")) is RequestOutcome.UPHELD
    assert outcome_by_letter(accepted=False, before=money("120", "0")) is RequestOutcome.DENIED


@given(DOLLARS, DOLLARS, DOLLARS, st.booleans())
def test_what_is_at_stake_is_never_negative(
    charged: Decimal, paid: Decimal, denied: Decimal, adjudicated: bool
) -> None:
    at_stake = stake(charged=charged, adjudicated=adjudicated, money=ClaimMoney(paid, denied))
    assert at_stake >= 0
    assert at_stake in {charged, paid, denied}


def test_a_paid_claim_under_review_risks_its_payment() -> None:
    assert stake(charged=Decimal(200), adjudicated=True, money=money("120", "0")) == 120
    assert stake(charged=Decimal(200), adjudicated=False, money=money("0", "0")) == 200
    assert {RequestStatus.MISSED, RequestStatus.CLOSED} == OVER
