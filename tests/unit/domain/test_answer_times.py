"""When a payer is silent, and when it is asked."""

from datetime import date, timedelta
from pathlib import Path
from shutil import copytree

import pytest

from overturn.domain.answer_times import (
    AnswerTime,
    Waiting,
    answer_time,
    next_question_on,
    shortest_days,
    silence,
)
from overturn.domain.deadlines import DeadlineKind
from overturn.paths import RULES
from overturn.rulebook import Rulebook, RulebookError, load_rulebook

SENT = date(2026, 1, 5)
CLAIM, APPEAL = DeadlineKind.CLAIM, DeadlineKind.APPEAL
TIMES = (
    AnswerTime("north_plan", None, CLAIM, None, 14, 14, "contract", effective_from=date(2026, 1, 1)),
    AnswerTime("north_plan", None, CLAIM, None, 45, 14, "old contract", effective_to=date(2025, 12, 31)),
    AnswerTime(None, None, CLAIM, None, 30, 30, "own choice"),
    AnswerTime(None, None, APPEAL, None, 7, 7, "own choice"),
)


def sent(payer: str | None, on: date = SENT) -> Waiting:
    return Waiting(CLAIM, payer, "Commercial", on)


@pytest.mark.parametrize(("payer", "days"), [("north_plan", 14), ("south_plan", 30), (None, 30)])
def test_silence_begins_the_day_after_the_last_usual_day(payer: str | None, days: int) -> None:
    last = SENT + timedelta(days=days)
    assert silence(TIMES, sent(payer), today=last) is None
    found = silence(TIMES, sent(payer), today=last + timedelta(days=1))
    assert found is not None
    assert (found.answer_due_on, found.days_over, found.rule.days) == (last, 1, days)


def test_the_row_that_held_when_the_claim_was_sent_decides() -> None:
    found = silence(TIMES, sent("north_plan", date(2025, 12, 20)), today=date(2026, 3, 1))
    assert found is not None
    assert found.rule.source == "old contract"


def test_the_shortest_time_of_a_kind_bounds_what_has_to_be_looked_at() -> None:
    assert (shortest_days(TIMES, CLAIM), shortest_days(TIMES, APPEAL)) == (14, 7)


def test_no_row_at_all_is_said() -> None:
    with pytest.raises(LookupError, match=r"no usual time to answer holds on 2026-01-05"):
        silence((), sent(None), today=SENT)


@pytest.mark.parametrize(
    ("payer_key", "line_of_business", "level", "days"),
    [
        ("medicare", "Medicare FFS", 1, 60),
        ("medicare", "Medicare FFS", 3, 90),
        ("humana", "Medicare Advantage", 1, 60),
        ("aetna", "Commercial", 2, 30),
        (None, None, 1, 30),
    ],
)
def test_every_payer_has_its_usual_time_for_an_appeal(
    rulebook: Rulebook, payer_key: str | None, line_of_business: str | None, level: int, days: int
) -> None:
    found = answer_time(
        rulebook.answer_times, Waiting(APPEAL, payer_key, line_of_business, SENT, level=level)
    )
    assert (found.days, bool(found.source)) == (days, True)


def test_questions_follow_each_other_at_their_distance(rulebook: Rulebook) -> None:
    on = date(2026, 2, 1)
    time = answer_time(rulebook.answer_times, Waiting(APPEAL, "medicare", "Medicare FFS", on, level=1))
    asked = [next_question_on(time, sent_on=on, asked=n) for n in range(3)]
    assert asked == [date(2026, 4, 2), date(2026, 4, 16), date(2026, 4, 30)]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("aetna,,claim,,30,14,own,,", "no row of kind claim and appeal and records has payer"),
        (",,claim,,0,14,own,,", "must be at least 1"),
        (",,reopening,,5,14,own,,", "reopening is not waited for"),
        ("nobody,,claim,,30,14,own,,", "not in payers.csv"),
    ],
)
def test_a_table_that_leaves_somebody_out_or_never_waits_is_refused(
    tmp_path: Path, row: str, problem: str
) -> None:
    copytree(RULES, tmp_path / "rules")
    table = tmp_path / "rules" / "answer_times.csv"
    header = table.read_text().splitlines()[0]
    table.write_text(f"{header}\n{row}\n")
    with pytest.raises(RulebookError, match=problem):
        load_rulebook(tmp_path / "rules")
