"""What becomes of a claim when a payer gives, or refuses, an effective date."""

from datetime import date, timedelta
from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.codes import Action
from overturn.domain.credentialing import (
    GapState,
    Means,
    Remedied,
    Remedy,
    RetroactiveRule,
    billing_action,
    find_remedy,
    is_answered,
    next_look,
)
from overturn.paths import RULES
from overturn.rulebook import RulebookError, load_rulebook

EFFECTIVE = date(2026, 3, 1)
RULEBOOK = load_rulebook()
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def medicare(service_on: date | None, effective_on: date | None = EFFECTIVE) -> Remedied:
    return find_remedy(
        service_on,
        effective_on,
        RULEBOOK.retroactive_enrolment,
        payer_key="medicare",
        line_of_business="Medicare FFS",
    )


@pytest.mark.parametrize(
    ("service_on", "remedy"),
    [
        (date(2026, 3, 1), Remedy.BILL),
        (date(2026, 1, 30), Remedy.BILL),  # 30 days before
        (date(2026, 1, 29), Remedy.APPEAL),
        (None, Remedy.ASK),
    ],
)
def test_medicare_pays_thirty_days_back_and_reconsiders_the_date(
    service_on: date | None, remedy: Remedy
) -> None:
    assert medicare(service_on).remedy is remedy


def test_a_remedy_says_by_which_rule() -> None:
    assert "42 CFR 424.521(a)(1)" in medicare(date(2026, 2, 1)).because
    assert "42 CFR 498.3(b)(15)" in medicare(date(2025, 2, 1)).because


def test_a_refusal_leaves_the_appeal() -> None:
    assert medicare(date(2026, 2, 1), effective_on=None).remedy is Remedy.APPEAL


def test_no_rule_for_the_payer_proposes_a_write_off_and_says_so() -> None:
    found = find_remedy(
        date(2026, 2, 1),
        EFFECTIVE,
        RULEBOOK.retroactive_enrolment,
        payer_key="aetna",
        line_of_business="Commercial",
    )
    assert found.remedy is Remedy.WRITE_OFF
    assert "no rule lets this payer go back" in found.because


@given(service_on=days, effective_on=days)
def test_what_was_served_from_the_effective_date_on_is_billed_whatever_the_rules(
    service_on: date, effective_on: date
) -> None:
    found = find_remedy(service_on, effective_on, (), payer_key=None, line_of_business=None)
    assert (found.remedy is Remedy.BILL) == (service_on >= effective_on)


def test_a_rule_counts_only_while_it_is_in_force() -> None:
    rule = RetroactiveRule(None, None, Means.BILL, 30, "s", "high", date(2026, 2, 10), None)
    on = {
        day: find_remedy(day, EFFECTIVE, [rule], payer_key=None, line_of_business=None).remedy
        for day in (date(2026, 2, 9), date(2026, 2, 10))
    }
    assert on == {date(2026, 2, 9): Remedy.WRITE_OFF, date(2026, 2, 10): Remedy.BILL}


@pytest.mark.parametrize(
    ("state", "effective_on", "answered"),
    [
        (GapState.OPEN, None, False),
        (GapState.ASKED, None, False),
        (GapState.DATED, date(2026, 3, 2), False),
        (GapState.DATED, date(2026, 3, 1), True),
        (GapState.REFUSED, None, True),
    ],
)
def test_claims_are_released_on_the_effective_date_or_when_there_will_be_none(
    state: GapState, effective_on: date | None, answered: bool
) -> None:
    assert is_answered(state, effective_on, date(2026, 3, 1)) is answered


def test_a_planned_correction_stays_and_an_enrolment_becomes_a_claim() -> None:
    assert billing_action(Action.CORRECTED_CLAIM, replaceable=False) is Action.CORRECTED_CLAIM
    assert billing_action(Action.ENROL_THEN_RESUBMIT, replaceable=True) is Action.CORRECTED_CLAIM
    assert billing_action(Action.ENROL_THEN_RESUBMIT, replaceable=False) is Action.NEW_CLAIM


@given(today=days, opened_on=days, limits=st.lists(days, max_size=4), effective_on=st.none() | days)
def test_an_open_incident_is_looked_at_again_later_and_within_a_month_of_its_beginning_or_today(
    today: date, opened_on: date, limits: list[date], effective_on: date | None
) -> None:
    day = next_look(
        today, opened_on=opened_on, effective_on=effective_on, limits=limits, reminder_days=(14, 7, 1, 0)
    )
    assert today < day <= max(today, opened_on) + timedelta(days=30)


def test_the_next_look_is_the_earliest_of_reminder_and_effective_date() -> None:
    looks = [
        next_look(
            date(2026, 3, 1),
            opened_on=date(2026, 3, 1),
            effective_on=effective_on,
            limits=[date(2026, 3, 20)],
            reminder_days=(14, 7),
        )
        for effective_on in (None, date(2026, 3, 4))
    ]
    assert looks == [date(2026, 3, 6), date(2026, 3, 4)]


@pytest.mark.parametrize(
    ("table", "before", "after", "problem"),
    [
        ("credentialing_signs.csv", "cause,npi_not", "cause,npy_not", r"column sign: 'npy_not.*causes.csv"),
        ("credentialing_signs.csv", "cause,npi_not", "reason,npi_not", r"column kind: 'reason' is none of"),
        ("retroactive_enrolment.csv", "bill,30,", "bill,,", r"column days_back: is empty: write how many"),
        ("retroactive_enrolment.csv", "medicare,Med", "medicair,Med", r"column payer_key: 'medicair' is not"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, table: str, before: str, after: str, problem: str) -> None:
    rules = copytree(RULES, tmp_path / "rules")
    content = (rules / table).read_text(encoding="utf-8")
    assert before in content
    (rules / table).write_text(content.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(RulebookError, match=problem):
        load_rulebook(rules)
