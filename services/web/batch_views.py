"""A batch for people: the letters read together, what became of each case in words, and the same as CSV."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final
from uuid import UUID

from markupsafe import Markup

from overturn.letters import LetterError, render_html
from overturn.letters.together import Together, read_together
from overturn.reporting.appeal_batches import BatchRecord, MemberRow, ReviewedLetter

STANDINGS: Final = {
    "chosen": "to be approved",
    "apart": "left out",
    "approved": "approved, not sent yet",
    "asked": "waits to go out",
    "begun": "on its way",
    "sent": "sent",
    "not_sent": "not sent",
}
"""In the order in which a case passes them."""

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Difference:
    """One letter's own values, one for each column."""

    case_id: UUID
    claim_number: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """Letters to be approved together: what is the same in all, with numbered gaps, and what differs."""

    count: int
    common: Markup
    columns: tuple[str, ...]
    letters: tuple[Difference, ...]


def review(letters: Sequence[ReviewedLetter]) -> Review | None:
    """None where there is no letter to approve."""
    if not letters:
        return None
    together = read_together([letter.markdown for letter in letters])
    return Review(
        count=len(letters),
        common=_rendered(_with_gaps(together)),
        columns=together.labels,
        letters=tuple(
            Difference(
                letter.case_id,
                letter.claim_number,
                tuple(" ".join(column[number].split()) for column in together.columns),
            )
            for number, letter in enumerate(letters)
        ),
    )


def _with_gaps(together: Together) -> str:
    """The common text; each gap is a blank named by its column, as the letter's own blanks are."""
    return "".join(
        piece if isinstance(piece, str) else _gap(together, piece.column) for piece in together.pieces
    )


def _gap(together: Together, column: int) -> str:
    """The space that follows a value stays, so that the lines around it are still lines."""
    value = max(together.columns[column], key=len)
    return f"[{column + 1}]{value[len(value.rstrip()) :]}"


def _rendered(markdown: str) -> Markup:
    try:
        # render_html escapes every text it is given (tests/unit/letters); nothing else may be Markup here.
        return Markup(render_html(markdown))  # noqa: S704
    except LetterError:
        return Markup("<pre>{}</pre>").format(markdown)


def outcome_csv(record: BatchRecord) -> str:
    """What became of each case, with a header line."""
    table = StringIO(newline="")
    rows = csv.writer(table)
    rows.writerow(["claim", "denied", "due", "outcome", "why", "sent_at", "confirmation", "case"])
    for member in record.members:
        rows.writerow(map(_plain, _row(member)))
    return table.getvalue()


def _row(member: MemberRow) -> Iterable[object]:
    yield from (member.claim_number, member.denied_amount, member.due_on or "")
    yield from (STANDINGS[member.standing], member.why)
    yield from (member.sent_at.isoformat() if member.sent_at else "", member.confirmation or "")
    yield member.case_id


def _plain(value: object) -> str:
    """A spreadsheet takes what begins with one of the signs for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
