"""Which file goes out on which day, under which name and control number, and in which delimiters."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from overturn.synthetic.acknowledgement_file import ACKNOWLEDGEMENT_VERSION, acknowledgement
from overturn.synthetic.claim_file import CLAIM_VERSION, TRANSACTION_NUMBER, claim_batch
from overturn.synthetic.functional_file import FUNCTIONAL_VERSION, functional_acknowledgement
from overturn.synthetic.payments import Payment
from overturn.synthetic.practice import (
    ALL_PAYERS,
    CLEARINGHOUSE_ID,
    HOSTILE_PAYERS,
    MEDICARE,
    SUBMITTER_ID,
    Payer,
)
from overturn.synthetic.remittance_file import REMITTANCE_VERSION, remittance
from overturn.synthetic.scenarios import Shape
from overturn.synthetic.segments import (
    NOTHING_HOSTILE_TEXT_HOLDS,
    ODD_DELIMITERS,
    ONE_SEGMENT_A_LINE,
    PLAIN,
    WINDOWS_LINES,
    WITH_BYTE_ORDER_MARK,
    Dialect,
    Envelope,
    Segment,
    compact,
    interchange,
    transaction_set,
)
from overturn.synthetic.stories import ClaimStory
from overturn.synthetic.visits import next_weekday

REMITTANCE_DIALECTS: Final = (PLAIN, ONE_SEGMENT_A_LINE, WITH_BYTE_ORDER_MARK, ODD_DELIMITERS, WINDOWS_LINES)
RESENT_AFTER: Final = timedelta(days=3)
MEDICARE_SENDER: Final = "SPECIMENMAC"
HOSTILE_SENDER: Final = "SPECIMENODD"
FIRST_CONTROL_NUMBERS: Final = {"837P": 4100, "999": 81000, "277CA": 52000, "835": 730000}


@dataclass(frozen=True, slots=True)
class MonthFile:
    """One file to be written: its name below the folder, and its text when asked for."""

    name: str
    kind: str
    text: Callable[[], Iterator[str]]
    resent_of: str | None = None
    dialect: Dialect = PLAIN
    shapes: frozenset[Shape] = frozenset()  # of the claims in it


def submission_files(stories: list[ClaimStory], *, with_999: bool) -> Iterator[MonthFile]:
    """For each day of submission one 837P, the 999 where wanted, and the clearinghouse's 277CA of the next
    working day, which a batch refused by its 999 never gets."""
    days = groupby(stories, key=lambda story: story.submitted_on)
    for number, (submitted_on, members) in enumerate(days, start=1):
        batch = list(members)
        yield _claim_file(number, submitted_on, batch)
        refused = Shape.REFUSED_BATCH in _shapes(batch)
        if with_999:
            yield _functional_file(number, submitted_on, batch, refused=refused)
        if not refused:
            yield _acknowledgement_file(number, submitted_on, batch)


def _shapes(stories: Iterable[ClaimStory]) -> frozenset[Shape]:
    return frozenset(story.plan.shape for story in stories if story.plan.shape)


def _dialect(batch: list[ClaimStory]) -> Dialect:
    return NOTHING_HOSTILE_TEXT_HOLDS if Shape.HOSTILE_TEXT in _shapes(batch) else PLAIN


def _claim_file(number: int, submitted_on: date, batch: list[ClaimStory]) -> MonthFile:
    shapes, dialect = _shapes(batch), _dialect(batch)
    control_number = FIRST_CONTROL_NUMBERS["837P"] + number
    envelope = Envelope(
        "HC", CLAIM_VERSION, SUBMITTER_ID, CLEARINGHOUSE_ID, control_number, submitted_on, "1705"
    )

    def text() -> Iterator[str]:
        body = claim_batch(batch, submitted_on, faulty=Shape.REFUSED_BATCH in shapes)
        sets = [transaction_set("837", TRANSACTION_NUMBER, body, version=CLAIM_VERSION)]
        return interchange(envelope, sets, dialect)

    name = f"837P/BGT_{compact(submitted_on)}_{control_number:06d}.837"
    return MonthFile(name, "837P", text, dialect=dialect, shapes=shapes)


def _functional_file(number: int, submitted_on: date, batch: list[ClaimStory], *, refused: bool) -> MonthFile:
    control_number = FIRST_CONTROL_NUMBERS["999"] + number
    envelope = Envelope(
        "FA", FUNCTIONAL_VERSION, CLEARINGHOUSE_ID, SUBMITTER_ID, control_number, submitted_on, "1735"
    )

    def text() -> Iterator[str]:
        body = functional_acknowledgement(FIRST_CONTROL_NUMBERS["837P"] + number, refused=refused)
        return interchange(envelope, [transaction_set("999", 1, body, version=FUNCTIONAL_VERSION)])

    name = f"999/SCH_{compact(submitted_on)}_{control_number:06d}.999"
    return MonthFile(name, "999", text, shapes=_shapes(batch))


def _acknowledgement_file(number: int, submitted_on: date, batch: list[ClaimStory]) -> MonthFile:
    control_number = FIRST_CONTROL_NUMBERS["277CA"] + number
    received_on = next_weekday(submitted_on + timedelta(days=1))
    envelope = Envelope(
        "HN", ACKNOWLEDGEMENT_VERSION, CLEARINGHOUSE_ID, SUBMITTER_ID, control_number, received_on, "0610"
    )

    def transactions() -> Iterator[Iterator[Segment]]:
        by_payer = [(payer, [s for s in batch if s.payer is payer]) for payer in ALL_PAYERS]
        present = ((payer, stories) for payer, stories in by_payer if stories)
        for position, (payer, stories) in enumerate(present, start=1):
            body = acknowledgement(payer, stories, submitted_on, received_on)
            yield transaction_set("277", position, body, version=ACKNOWLEDGEMENT_VERSION)

    dialect = _dialect(batch)

    def text() -> Iterator[str]:
        return interchange(envelope, transactions(), dialect)

    name = f"277CA/SCH_{compact(received_on)}_{control_number:06d}.277"
    return MonthFile(name, "277CA", text, dialect=dialect, shapes=_shapes(batch))


@dataclass(frozen=True, slots=True)
class _Sending:
    """The payments that travel in one 835 file, from whom and on which day."""

    sender: str
    sent_on: date
    payments: tuple[Payment, ...]
    dialect: Dialect
    is_resent: bool = False

    @property
    def shapes(self) -> frozenset[Shape]:
        return _shapes(story for payment in self.payments for story, _ in payment.answers)


def remittance_files(payments: list[Payment]) -> Iterator[MonthFile]:
    """Medicare sends its own 835s, the clearinghouse one a day for all others; one file comes twice."""
    first_names: dict[tuple[str, str], str] = {}
    for number, sending in enumerate(_sendings(payments), start=1):
        file = _remittance_file(number, sending)
        identity = (sending.sender, sending.payments[0].trace_number)
        yield replace(file, resent_of=first_names.get(identity))
        first_names[identity] = file.name


def _sendings(payments: list[Payment]) -> list[_Sending]:
    by_file: dict[tuple[date, str], list[Payment]] = defaultdict(list)
    for payment in payments:
        by_file[payment.paid_on, _sender(payment.payer)].append(payment)
    sendings = [
        _Sending(sender, sent_on, tuple(members), _remittance_dialect(sender, position))
        for position, ((sent_on, sender), members) in enumerate(sorted(by_file.items(), key=lambda f: f[0]))
    ]
    twice = next(sending for sending in sendings if any(p.carries_denial for p in sending.payments))
    sendings.append(replace(twice, sent_on=next_weekday(twice.sent_on + RESENT_AFTER), is_resent=True))
    return sorted(sendings, key=lambda sending: (sending.sent_on, sending.sender, sending.is_resent))


def _sender(payer: Payer) -> str:
    if payer in HOSTILE_PAYERS:
        return HOSTILE_SENDER
    return MEDICARE_SENDER if payer is MEDICARE else CLEARINGHOUSE_ID


def _remittance_dialect(sender: str, position: int) -> Dialect:
    if sender == HOSTILE_SENDER:
        return NOTHING_HOSTILE_TEXT_HOLDS
    return REMITTANCE_DIALECTS[position % len(REMITTANCE_DIALECTS)]


def _remittance_file(number: int, sending: _Sending) -> MonthFile:
    control_number = FIRST_CONTROL_NUMBERS["835"] + number
    envelope = Envelope(
        "HP", REMITTANCE_VERSION, sending.sender, SUBMITTER_ID, control_number, sending.sent_on,
        "1420" if sending.is_resent else "0415",
    )  # fmt: skip

    def text() -> Iterator[str]:
        sets = (transaction_set("835", n, remittance(p)) for n, p in enumerate(sending.payments, start=1))
        return interchange(envelope, sets, sending.dialect)

    again = "_RESEND" if sending.is_resent else ""
    name = f"835/ERA_{compact(sending.sent_on)}_{control_number:06d}_{sending.sender}{again}.835"
    return MonthFile(name, "835", text, dialect=sending.dialect, shapes=sending.shapes)
