"""A window of the practice's own in the place of the rules', from its first day on."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.deadlines import (
    CountedFrom,
    Deadline,
    DeadlineAnswer,
    DeadlineKind,
    FilingWindows,
    StartDates,
    WindowUnit,
    derive_deadline,
)
from overturn.domain.window_overrides import (
    WindowOverride,
    WindowOverrideError,
    check_override,
    override_windows,
)
from overturn.rulebook import load_rulebook

KNOWN = load_rulebook().filing_windows
OWN = WindowOverride(
    *("cigna", DeadlineKind.APPEAL, 1, 60, WindowUnit.DAYS, CountedFrom.NOTICE, None),
    "contract of 2025-11-03, page 4 (set by Ana, approved by Max)",
)


def derived(
    known: FilingWindows, payer: str = "cigna", level: int = 1, on: date = date(2026, 3, 2)
) -> DeadlineAnswer:
    return derive_deadline(
        DeadlineKind.APPEAL,
        windows=known,
        payer_key=payer,
        line_of_business="Commercial",
        starts=StartDates(service_on=on, notice_on=on, first_notice_on=on),
        level=level,
    )


def due(known: FilingWindows, on: date = date(2026, 3, 2)) -> Deadline:
    answer = derived(known, on=on)
    assert isinstance(answer, Deadline)
    return answer


def test_the_own_window_counts_and_says_where_it_comes_from() -> None:
    answer = due(override_windows(KNOWN, [OWN]))
    assert answer.due_on == date(2026, 5, 1)
    assert (answer.rule.id, answer.rule.confidence) == ("practice-cigna-appeal-1", "own")
    assert "contract of 2025-11-03, page 4 (set by Ana, approved by Max)" in answer.rule.source
    assert answer.rule.version.startswith(f"{KNOWN.version}+")


def test_other_payers_and_levels_stay_as_they_are() -> None:
    own = override_windows(KNOWN, [OWN])
    for payer, level in (("aetna", 1), ("medicare", 1), ("cigna", 2)):
        before, after = derived(KNOWN, payer, level), derived(own, payer, level)
        assert type(before) is type(after)
        assert getattr(before, "due_on", None) == getattr(after, "due_on", None)


def test_it_holds_from_its_first_day_and_the_rules_hold_before() -> None:
    own = override_windows(KNOWN, [replace(OWN, since=date(2026, 3, 2))])
    assert due(own, on=date(2026, 3, 2)).due_on == date(2026, 5, 1)
    assert due(own, on=date(2026, 3, 1)).due_on == due(KNOWN, on=date(2026, 3, 1)).due_on


def test_a_payer_without_a_window_gets_one() -> None:
    bare = replace(KNOWN, windows=tuple(w for w in KNOWN.windows if w.payer_key != "cigna"))
    assert due(override_windows(bare, [OWN])).due_on == date(2026, 5, 1)


def test_without_overrides_the_windows_are_the_same_and_another_one_is_another_version() -> None:
    assert override_windows(KNOWN, []) is KNOWN
    one, other = (override_windows(KNOWN, [replace(OWN, amount=n)]).version for n in (60, 61))
    assert one != other


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"level": 0}, "level from 1"),
        ({"kind": DeadlineKind.CLAIM}, "everything else has level 0"),
        ({"amount": 0}, "from 1 to 3650"),
        ({"amount": 99999}, "from 1 to 3650"),
        ({"unit": WindowUnit.ANY_TIME}, "days, months, years"),
    ],
)
def test_what_cannot_be_counted_by_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(WindowOverrideError, match=said):
        check_override(replace(OWN, **changes))  # type: ignore[arg-type]
    check_override(OWN)


@given(st.integers(1, 3000), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_days_are_counted_from_the_notice_whatever_the_rules_said(amount: int, on: date) -> None:
    answer = due(override_windows(KNOWN, [replace(OWN, amount=amount)]), on=on)
    window = next(step for step in answer.derivation if step.step == "window")
    assert (window.date - on).days == amount
