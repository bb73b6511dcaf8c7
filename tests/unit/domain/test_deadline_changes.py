"""Whether a last day moved, and the words for what moved it."""

from dataclasses import replace
from datetime import date
from typing import Any

from overturn.domain.deadline_changes import day_words, move_words, moved_to, same_days, tell_why
from overturn.domain.deadlines import (
    DeadlineKind,
    FilingWindows,
    StartDates,
    deadline_document,
    derive_deadline,
)
from overturn.rulebook import load_rulebook
from overturn.rulebook.case_deadline import holidays_from

WINDOWS = load_rulebook().filing_windows
NOTICE = date(2022, 5, 15)


def windows(**changes: object) -> FilingWindows:
    changed = tuple(
        replace(w, **changes) if w.id == "medicare-appeal-1" else w  # type: ignore[arg-type]
        for w in WINDOWS.windows
    )
    return replace(WINDOWS, windows=changed)


def derived(
    known: FilingWindows = WINDOWS, *, notice_on: date | None = NOTICE, received_on: date | None = None
) -> dict[str, Any]:
    answer = derive_deadline(
        DeadlineKind.APPEAL,
        windows=known,
        payer_key="medicare",
        line_of_business="Medicare FFS",
        starts=StartDates(notice_on=notice_on, received_on=received_on),
        holidays=holidays_from(2022),
    )
    return deadline_document(answer)


def test_the_regulators_example_derived_again_is_the_same() -> None:
    assert derived()["due_on"] == "2022-09-17"
    assert same_days(derived(), derived())
    assert day_words(derived()).startswith("due 2022-09-17, safe by 2022-09-")


def test_another_length_is_told_with_both() -> None:
    why = tell_why(derived(), derived(windows(amount=60)))
    assert "60 days" in why
    assert "in place of 120 days" in why


def test_another_window_is_told_by_name_and_source() -> None:
    why = tell_why(derived(), derived(windows(id="override-1", amount=60, source="letter of 2022-05-01")))
    assert why.startswith("window override-1 (letter of 2022-05-01) in place of medicare-appeal-1")


def test_another_start_is_told_with_its_date() -> None:
    assert "is 2022-05-16, not 2022-05-15" in tell_why(derived(), derived(notice_on=date(2022, 5, 16)))


def test_a_proven_receipt_is_told_beside_the_presumed_one() -> None:
    proven = derived(received_on=date(2022, 5, 30))
    assert tell_why(derived(), proven) == "proven date of receipt is 2022-05-30, not 2022-05-20"
    later = derived(received_on=date(2022, 6, 2))
    assert tell_why(proven, later) == "proven date of receipt is 2022-06-02, not 2022-05-30"


def test_a_margin_or_calendar_alone_is_told_as_such() -> None:
    margins = tuple(replace(m, business_days=m.business_days + 3) for m in WINDOWS.margins)
    after = derived(replace(WINDOWS, margins=margins))
    assert after["due_on"] == derived()["due_on"]
    assert not same_days(derived(), after)
    assert "margin" in tell_why(derived(), after)


def test_what_moved_is_the_day_to_write_and_what_did_not_is_none() -> None:
    before, after = derived(), derived(windows(amount=60))
    assert moved_to(before, before) is None
    assert moved_to(before, after) == after
    assert moved_to(before, after, today=date(2022, 7, 19)) == after  # its last day
    assert move_words(before, after).startswith("Deadline moved: due 2022-07-19, safe by 2022-07-")
    assert "; before due 2022-09-17, safe by 2022-09-" in move_words(before, after)


def test_a_day_that_is_over_is_none_to_move_to() -> None:
    before, after = derived(), derived(windows(amount=60))
    unknown = moved_to(before, after, today=date(2022, 7, 20))
    assert unknown is not None
    assert unknown["due_on"] is None
    assert "2022-07-19, is over" in unknown["unknown"]
    assert moved_to(unknown, after, today=date(2022, 7, 20)) is None
    assert moved_to(before, before, today=date(2023, 1, 1)) is None
    assert moved_to({}, derived(notice_on=None)) is None


def test_from_unknown_and_to_unknown() -> None:
    unknown = derived(notice_on=None)
    assert not same_days(unknown, derived())
    assert tell_why(unknown, derived()).startswith("by medicare-appeal-1 (42 CFR 405.942")
    assert tell_why(derived(), unknown) == "no window gives a day any more"
    assert day_words(unknown).startswith("deadline unknown: ")
    assert day_words({"none": "-"}) == "no deadline"
    assert same_days(unknown, unknown)
