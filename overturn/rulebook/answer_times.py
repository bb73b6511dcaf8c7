"""The table of how long payers take to answer."""

from pathlib import Path
from typing import Final

from overturn.domain.answer_times import AnswerTime, AnswerTimes
from overturn.domain.deadlines import DeadlineKind
from overturn.domain.payers import PayerDirectory
from overturn.rulebook.cells import Row, RulebookError, check_unique, convert, read_rows

COLUMNS: Final = (
    *("payer_key", "line_of_business", "kind", "level", "days", "again_days", "source"),
    *("effective_from", "effective_to"),
)
ANSWERED: Final = (DeadlineKind.CLAIM, DeadlineKind.APPEAL, DeadlineKind.RECORDS)


def load_answer_times(directory: Path, payers: PayerDirectory) -> AnswerTimes:
    """Rows in order of precedence, with one of each kind for every payer at any time."""
    name = "answer_times.csv"
    rows = read_rows(directory / name, COLUMNS)
    check_unique(rows, "payer_key", "line_of_business", "kind", "level", "effective_from")
    keys = {payer.key for payer in payers.payers}
    times = convert(rows, lambda row: _answer_time(row, keys))
    missing = [kind for kind in ANSWERED if not any(_for_all(time, kind) for time in times)]
    if missing:
        kinds = " and ".join(missing)
        raise RulebookError(
            [f"{name}: no row of kind {kinds} has payer, line, level and dates blank: add one for the rest"]
        )
    return times


def _for_all(time: AnswerTime, kind: DeadlineKind) -> bool:
    limits = (time.payer_key, time.line_of_business, time.level, time.effective_from, time.effective_to)
    return time.kind is kind and not any(limit is not None for limit in limits)


def _answer_time(row: Row, keys: set[str]) -> AnswerTime:
    start, end = row.period("effective_from", "effective_to")
    time = AnswerTime(
        payer_key=row.known("payer_key", keys, table="payers.csv") if row.optional("payer_key") else None,
        line_of_business=row.optional("line_of_business"),
        kind=row.choice("kind", DeadlineKind),
        level=row.whole("level") if row.optional("level") else None,
        days=row.whole("days"),
        again_days=row.whole("again_days"),
        source=row.text("source"),
        effective_from=start,
        effective_to=end,
    )
    if time.kind not in ANSWERED:
        raise row.fail("kind", f"{time.kind} is not waited for: write claim, appeal or records")
    for column in ("days", "again_days"):
        if getattr(time, column) < 1:
            raise row.fail(column, "must be at least 1: a question needs a day to wait for")
    return time
