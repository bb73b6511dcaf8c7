"""Filing windows into dates, with their derivation, and honest answers where no window is known."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.deadlines import (
    Deadline,
    DeadlineKind,
    FilingWindow,
    OpenDeadline,
    StartDates,
    UnknownDeadline,
    WindowUnit,
    deadline_document,
    derive_deadline,
)
from overturn.rulebook import Rulebook
from overturn.rulebook.holidays import federal_holidays, state_holidays

APPEAL, CLAIM = DeadlineKind.APPEAL, DeadlineKind.CLAIM


def derive(
    rulebook: Rulebook,
    kind: DeadlineKind,
    payer: str | None,
    starts: StartDates,
    *,
    lob: str | None = "Medicare FFS",
    level: int = 1,
    state: str | None = None,
) -> Deadline | OpenDeadline | UnknownDeadline:
    return derive_deadline(
        kind,
        windows=rulebook.filing_windows,
        payer_key=payer,
        line_of_business=lob,
        starts=starts,
        level=level,
        state=state,
        holidays=federal_holidays(2020, 2032),
    )


def due_on(answer: Deadline | OpenDeadline | UnknownDeadline) -> date:
    assert isinstance(answer, Deadline), answer
    return answer.due_on


@pytest.mark.parametrize(
    ("level", "due"),
    [(1, date(2022, 9, 17)), (2, date(2022, 11, 16)), (3, date(2022, 7, 14)), (5, date(2022, 7, 14))],
)
def test_medicare_appeals_count_from_presumed_receipt(rulebook: Rulebook, level: int, due: date) -> None:
    starts = StartDates(notice_on=date(2022, 5, 15))
    assert due_on(derive(rulebook, APPEAL, "medicare", starts, level=level)) == due


def test_proof_of_receipt_takes_the_place_of_the_presumption(rulebook: Rulebook) -> None:
    starts = StartDates(notice_on=date(2022, 5, 15), received_on=date(2022, 5, 30))
    assert due_on(derive(rulebook, APPEAL, "medicare", starts)) == date(2022, 9, 27)


@pytest.mark.parametrize(
    ("served", "due"),
    [
        (date(2026, 3, 10), date(2027, 3, 10)),
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2023, 2, 28), date(2024, 2, 28)),
    ],
)
def test_medicare_claims_have_one_calendar_year(rulebook: Rulebook, served: date, due: date) -> None:
    assert due_on(derive(rulebook, CLAIM, "medicare", StartDates(service_on=served))) == due


def test_every_step_of_the_arithmetic_is_kept_with_its_reason(rulebook: Rulebook) -> None:
    answer = derive(rulebook, APPEAL, "medicare", StartDates(notice_on=date(2022, 5, 15)))
    assert isinstance(answer, Deadline)
    assert [(step.step, step.date) for step in answer.derivation] == [
        ("start", date(2022, 5, 15)),
        ("receipt", date(2022, 5, 20)),
        ("window", date(2022, 9, 17)),
        ("safe", date(2022, 9, 12)),
    ]
    assert (answer.safe_on, answer.rule.id) == (date(2022, 9, 12), "medicare-appeal-1")
    assert answer.rule.version == rulebook.version


def test_the_calendar_rules_of_single_payers(rulebook: Rulebook) -> None:
    april = StartDates(service_on=date(2026, 4, 15))
    assert due_on(derive(rulebook, CLAIM, "medi_cal", april, lob="Medicaid")) == date(2026, 10, 31)
    assert due_on(derive(rulebook, CLAIM, "empire_plan_ny", april, lob="Commercial")) == date(2027, 4, 30)
    assert due_on(derive(rulebook, CLAIM, "bcbs_fep", april, lob="FEHB")) == date(2027, 12, 31)


def test_texas_medicaid_rolls_off_weekends_and_holidays(rulebook: Rulebook) -> None:
    starts = StartDates(
        service_on=date(2026, 3, 31)
    )  # 95 days later: Saturday 4 July 2026, observed on the 3rd
    answer = derive(rulebook, CLAIM, "texas_medicaid", starts, lob="Medicaid")
    assert due_on(answer) == date(2026, 7, 6)
    assert isinstance(answer, Deadline)
    assert "roll" in [step.step for step in answer.derivation]


@pytest.mark.parametrize(
    ("served", "due"),
    [
        (date(2026, 8, 23), date(2026, 11, 27)),  # Thanksgiving, 26 November 2026: the Friday after it
        (date(2026, 9, 21), date(2026, 12, 28)),  # Christmas on a Friday, and then the weekend
        (date(2027, 9, 27), date(2028, 1, 3)),  # Friday 31 December 2027 is New Year's, observed
        (date(2026, 10, 15), date(2027, 1, 19)),  # Monday is Martin Luther King's
        (date(2023, 11, 26), date(2024, 2, 29)),  # a leap day is a day as any other
        (date(2023, 11, 27), date(2024, 3, 1)),
    ],
)
def test_a_last_day_rolls_over_federal_holidays_and_stays_on_a_leap_day(
    rulebook: Rulebook, served: date, due: date
) -> None:
    starts = StartDates(service_on=served)
    assert due_on(derive(rulebook, CLAIM, "texas_medicaid", starts, lob="Medicaid")) == due


@pytest.mark.parametrize(
    ("noticed", "due"),
    [
        (date(2024, 2, 24), date(2024, 6, 28)),  # received on the leap day, by presumption
        (date(2024, 2, 23), date(2024, 6, 27)),
        (date(2023, 10, 28), date(2024, 3, 1)),  # the leap day lies within
        (date(2022, 10, 28), date(2023, 3, 2)),  # and here there is none
    ],
)
def test_an_appeal_counts_the_leap_day(rulebook: Rulebook, noticed: date, due: date) -> None:
    assert due_on(derive(rulebook, APPEAL, "medicare", StartDates(notice_on=noticed))) == due


def test_a_receipt_proven_on_a_leap_day_is_counted_from_it(rulebook: Rulebook) -> None:
    starts = StartDates(notice_on=date(2024, 2, 1), received_on=date(2024, 2, 29))
    assert due_on(derive(rulebook, APPEAL, "medicare", starts)) == date(2024, 6, 28)


@given(
    noticed=st.dates(date(2015, 1, 1), date(2040, 1, 1)), late=st.integers(0, 400), later=st.integers(1, 90)
)
def test_the_later_the_proof_the_later_the_last_day_by_as_many_days(
    rulebook: Rulebook, noticed: date, late: int, later: int
) -> None:
    one, other = (
        StartDates(notice_on=noticed, received_on=noticed + timedelta(days=days))
        for days in (late, late + later)
    )
    moved = due_on(derive(rulebook, APPEAL, "medicare", other)) - due_on(
        derive(rulebook, APPEAL, "medicare", one)
    )
    assert moved == timedelta(days=later)


def test_a_state_s_own_holidays_bring_our_day_forward_and_never_the_last_day_back(rulebook: Rulebook) -> None:
    starts = StartDates(service_on=date(2025, 11, 30))  # 95 days: 5 March; the 2nd is a holiday of Texas
    without, with_them = (
        derive_deadline(
            CLAIM,
            windows=rulebook.filing_windows,
            payer_key="texas_medicaid",
            line_of_business="Medicaid",
            starts=starts,
            holidays=federal_holidays(2025, 2026),
            state_holidays=own,
        )
        for own in (frozenset[date](), state_holidays("TX", 2025, 2026))
    )
    assert isinstance(without, Deadline)
    assert isinstance(with_them, Deadline)
    assert due_on(with_them) == due_on(without) == date(2026, 3, 5)
    assert with_them.safe_on < without.safe_on


def test_a_state_s_holidays_are_those_that_are_not_federal() -> None:
    assert state_holidays("TX", 2026, 2026) >= {date(2026, 3, 2), date(2026, 4, 21)}
    assert state_holidays("MA", 2026, 2026) == {date(2026, 4, 20)}
    assert not state_holidays("TX", 2026, 2026) & federal_holidays(2026, 2026)
    assert state_holidays(None, 2026, 2026) == state_holidays("XX", 2026, 2026) == frozenset()


def test_a_state_s_own_window_goes_before_the_payer_s_general_one(rulebook: Rulebook) -> None:
    starts = StartDates(service_on=date(2026, 1, 1))
    assert due_on(derive(rulebook, CLAIM, "aetna", starts, lob="Commercial")) == date(2026, 5, 1)
    assert due_on(derive(rulebook, CLAIM, "aetna", starts, lob="Commercial", state="TX")) == date(2026, 4, 6)


def test_a_window_counts_only_while_it_is_in_force(rulebook: Rulebook) -> None:
    starts = StartDates(service_on=date(2023, 4, 1))
    assert due_on(derive(rulebook, CLAIM, "aetna", starts, lob="Commercial", state="TX")) == date(2023, 7, 30)


def test_a_plan_s_own_window_goes_before_that_of_its_line_of_business(rulebook: Rulebook) -> None:
    starts = StartDates(notice_on=date(2026, 1, 1))
    business = "medicare advantage"  # as typed: case does not matter
    assert due_on(derive(rulebook, APPEAL, "cigna", starts, lob=business)) == date(2026, 4, 1)
    assert due_on(derive(rulebook, APPEAL, "medicare_advantage", starts, lob=business)) == date(2026, 3, 2)
    assert due_on(derive(rulebook, APPEAL, None, starts, lob=business)) == date(2026, 3, 2)


def test_a_second_step_inside_the_first_window_needs_the_original_remittance(rulebook: Rulebook) -> None:
    later = StartDates(notice_on=date(2026, 6, 1))
    unknown = derive(rulebook, APPEAL, "unitedhealthcare", later, lob="Commercial", level=2)
    assert isinstance(unknown, UnknownDeadline)
    assert "original remittance" in unknown.missing
    both = replace(later, first_notice_on=date(2026, 1, 15))
    assert due_on(derive(rulebook, APPEAL, "unitedhealthcare", both, lob="Commercial", level=2)) == date(
        2027, 1, 15
    )


def test_a_clerical_error_can_be_reopened_at_any_time(rulebook: Rulebook) -> None:
    starts = StartDates(notice_on=date(2020, 1, 1))
    answer = derive(rulebook, DeadlineKind.CLERICAL_REOPENING, "medicare", starts)
    assert isinstance(answer, OpenDeadline)
    assert derive(rulebook, DeadlineKind.REOPENING, "medicare", starts, level=0) == derive(
        rulebook, DeadlineKind.REOPENING, "medicare", starts
    )
    document = deadline_document(answer)
    assert (document["due_on"], "unknown" in document) == (None, False)


@pytest.mark.parametrize(
    ("payer", "lob", "level", "says"),
    [
        (None, None, 1, "an unknown payer, unknown line of business"),
        ("no-such-payer", "commercial", 1, "no-such-payer, commercial, appeal level 1"),
        ("humana", "Commercial", 1, "per contract"),
        ("medicare", "Medicare FFS", 6, "appeal level 6"),
        ("texas_workers_compensation", "Workers compensation", 1, "date of service: give that date"),
    ],
)
def test_there_is_no_silent_default(
    rulebook: Rulebook, payer: str | None, lob: str | None, level: int, says: str
) -> None:
    answer = derive(rulebook, APPEAL, payer, StartDates(notice_on=date(2026, 1, 5)), lob=lob, level=level)
    assert isinstance(answer, UnknownDeadline)
    assert says in answer.missing
    assert deadline_document(answer) == {"due_on": None, "unknown": answer.missing}


def test_every_window_gives_a_date_after_its_start_or_says_why_not(rulebook: Rulebook) -> None:
    day = date(2026, 2, 28)
    starts = StartDates(service_on=day, notice_on=day, first_notice_on=day)
    for window in rulebook.filing_windows.windows:
        answer = derive(
            rulebook,
            window.kind,
            window.payer_key,
            starts,
            lob=window.line_of_business,
            level=window.level or 1,
            state=window.state,
        )
        assert_fits(window, answer, day)


def assert_fits(window: FilingWindow, answer: Deadline | OpenDeadline | UnknownDeadline, start: date) -> None:
    expected = {WindowUnit.UNKNOWN: UnknownDeadline, WindowUnit.ANY_TIME: OpenDeadline}
    assert isinstance(answer, expected.get(window.unit, Deadline)), window.id
    json.dumps(deadline_document(answer))
    if isinstance(answer, Deadline):
        assert answer.rule.id == window.id
        assert start < answer.safe_on < answer.due_on
