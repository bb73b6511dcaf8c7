"""When a payer is asked where an appeal stands."""

from datetime import date
from pathlib import Path
from shutil import copytree

import pytest

from overturn.domain.answer_times import answer_time, next_question_on
from overturn.paths import RULES
from overturn.rulebook import Rulebook, RulebookError, load_rulebook


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
def test_every_payer_has_its_usual_time(
    rulebook: Rulebook, payer_key: str | None, line_of_business: str | None, level: int, days: int
) -> None:
    found = answer_time(
        rulebook.answer_times, payer_key=payer_key, line_of_business=line_of_business, level=level
    )
    assert (found.days, bool(found.source)) == (days, True)


def test_questions_follow_each_other_at_their_distance(rulebook: Rulebook) -> None:
    time = answer_time(rulebook.answer_times, payer_key="medicare", line_of_business="Medicare FFS", level=1)
    asked = [next_question_on(time, sent_on=date(2026, 2, 1), asked=n) for n in range(3)]
    assert asked == [date(2026, 4, 2), date(2026, 4, 16), date(2026, 4, 30)]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("aetna,,1,30,14,own", "the last row must have"),
        (",,,0,14,own", "must be at least 1"),
        ("nobody,,1,30,14,own", "not in payers.csv"),
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
