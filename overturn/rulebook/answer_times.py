"""The table of how long payers take to answer."""

from pathlib import Path

from overturn.domain.answer_times import AnswerTime, AnswerTimes
from overturn.domain.payers import PayerDirectory
from overturn.rulebook.cells import Row, RulebookError, check_unique, convert, read_rows


def load_answer_times(directory: Path, payers: PayerDirectory) -> AnswerTimes:
    """Rows in order of precedence, the last one for every payer."""
    name = "answer_times.csv"
    columns = ("payer_key", "line_of_business", "level", "days", "again_days", "source")
    rows = read_rows(directory / name, columns)
    check_unique(rows, "payer_key", "line_of_business", "level")
    keys = {payer.key for payer in payers.payers}
    times = convert(rows, lambda row: _answer_time(row, keys))
    if not times or (times[-1].payer_key, times[-1].line_of_business, times[-1].level) != (None, None, None):
        raise RulebookError(
            [f"{name}: the last row must have payer, line and level blank: add one for the rest"]
        )
    return times


def _answer_time(row: Row, keys: set[str]) -> AnswerTime:
    time = AnswerTime(
        payer_key=row.known("payer_key", keys, table="payers.csv") if row.optional("payer_key") else None,
        line_of_business=row.optional("line_of_business"),
        level=row.whole("level") if row.optional("level") else None,
        days=row.whole("days"),
        again_days=row.whole("again_days"),
        source=row.text("source"),
    )
    for column in ("days", "again_days"):
        if getattr(time, column) < 1:
            raise row.fail(column, "must be at least 1: a question needs a day to wait for")
    return time
