"""Money a payer demands back: its life, the steps that fit, which clocks run, and where each dollar is.

The table below is the only place that says which step fits which status: the record validates with it, the
page offers its buttons from it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from overturn.domain.deadlines import DeadlineKind
from overturn.domain.life import Life
from overturn.domain.remittance import ZERO

FIRST_LEVEL: Final = 1


class Source(StrEnum):
    """How the practice heard of it."""

    LETTER = "letter"  # entered by hand: the payer asks before it takes
    TAKE_BACK = "take_back"  # seen in a remittance: it has taken already, or says that it will


class RecoupmentStatus(StrEnum):
    """Who has the next step. Everything but `closed` is open."""

    DEMANDED = "demanded"  # the practice: rebut, appeal, repay or accept
    SENDING = "sending"  # the system: the rebuttal waits to go out through a channel
    DISPUTED = "disputed"  # the payer: a rebuttal or an appeal is with it
    CLOSED = "closed"


class RecoupmentOutcome(StrEnum):
    """How it ended."""

    REPAID = "repaid"  # repaid or withheld in full, and not disputed
    WITHDRAWN = "withdrawn"  # decided for the practice, or given back
    ACCEPTED = "accepted"  # the practice holds the payer to be right
    EXPIRED = "expired"  # taken in full, and the time to appeal is over


class RecoupmentStep(StrEnum):
    """What moves it: a person (`PERSONS_STEPS`), or a fact (the others)."""

    ASSIGN = "assign"
    NOTICE = "notice"
    SET_CLOCK = "set_clock"
    DRAFT = "draft"
    SEND = "send"
    CALL_BACK = "call_back"
    SUBMIT = "submit"
    REPAY = "repay"
    DECIDE = "decide"
    ACCEPT = "accept"
    UNDO = "undo"
    SENT = "sent"
    NOT_SENT = "not_sent"
    SETTLE = "settle"


class Dispute(StrEnum):
    """What is with the payer."""

    REBUTTAL = "rebuttal"
    APPEAL = "appeal"


class Decision(StrEnum):
    """The payer's answer to a rebuttal or an appeal."""

    WITHDRAWN = "withdrawn"
    REDUCED = "reduced"
    UPHELD = "upheld"


_OPEN: Final = {
    status: status
    for status in (RecoupmentStatus.DEMANDED, RecoupmentStatus.SENDING, RecoupmentStatus.DISPUTED)
}

TRANSITIONS: Final[dict[RecoupmentStep, dict[RecoupmentStatus, RecoupmentStatus]]] = {
    RecoupmentStep.ASSIGN: _OPEN,
    # The payer's letter, or a last day that it or a contract names: the clocks are derived anew.
    RecoupmentStep.NOTICE: _OPEN,
    RecoupmentStep.SET_CLOCK: _OPEN,
    # The rebuttal, as a channel of ours sends it, and what came of it.
    RecoupmentStep.DRAFT: {RecoupmentStatus.DEMANDED: RecoupmentStatus.DEMANDED},
    RecoupmentStep.SEND: {RecoupmentStatus.DEMANDED: RecoupmentStatus.SENDING},
    RecoupmentStep.CALL_BACK: {RecoupmentStatus.SENDING: RecoupmentStatus.DEMANDED},
    RecoupmentStep.SENT: {RecoupmentStatus.SENDING: RecoupmentStatus.DISPUTED},
    RecoupmentStep.NOT_SENT: {RecoupmentStatus.SENDING: RecoupmentStatus.DEMANDED},
    # An appeal may follow while a rebuttal is with the payer: the rebuttal stops no clock of the appeal.
    RecoupmentStep.SUBMIT: {
        RecoupmentStatus.DEMANDED: RecoupmentStatus.DISPUTED,
        RecoupmentStatus.DISPUTED: RecoupmentStatus.DISPUTED,
    },
    # Money is taken in whatever the status; it closes only what it settles.
    RecoupmentStep.REPAY: _OPEN,
    # Upheld or reduced leads back to the practice, withdrawn to the end.
    RecoupmentStep.DECIDE: {RecoupmentStatus.DISPUTED: RecoupmentStatus.DEMANDED},
    RecoupmentStep.ACCEPT: {
        RecoupmentStatus.DEMANDED: RecoupmentStatus.CLOSED,
        RecoupmentStatus.DISPUTED: RecoupmentStatus.CLOSED,
    },
    # Back to where the last step found it, which is not always with the practice.
    RecoupmentStep.UNDO: {
        RecoupmentStatus.DEMANDED: RecoupmentStatus.DEMANDED,
        RecoupmentStatus.DISPUTED: RecoupmentStatus.DEMANDED,
        RecoupmentStatus.CLOSED: RecoupmentStatus.DEMANDED,
    },
    RecoupmentStep.SETTLE: {
        RecoupmentStatus.DEMANDED: RecoupmentStatus.CLOSED,
        RecoupmentStatus.DISPUTED: RecoupmentStatus.CLOSED,
    },
}

PERSONS_STEPS: Final = (
    *(RecoupmentStep.ASSIGN, RecoupmentStep.NOTICE, RecoupmentStep.SET_CLOCK, RecoupmentStep.SUBMIT),
    *(RecoupmentStep.DRAFT, RecoupmentStep.SEND, RecoupmentStep.CALL_BACK),
    *(RecoupmentStep.DECIDE, RecoupmentStep.REPAY, RecoupmentStep.ACCEPT),
    RecoupmentStep.UNDO,
)


class RecoupmentRefusedError(ValueError):
    """What a person asked does not fit; the message says why, and what to do."""


_LIFE: Final = Life("recoupment", TRANSITIONS, PERSONS_STEPS, RecoupmentRefusedError)
allowed_steps: Final = _LIFE.allowed_steps
next_status: Final = _LIFE.next_status


@dataclass(frozen=True, slots=True)
class RecoupmentMoney:
    """Where the dollars of one recoupment are. US dollars.

    demanded + to come back = withdrawn + withheld + repaid + in dispute + remaining, in any order of events.
    """

    demanded: Decimal
    withdrawn: Decimal = ZERO  # given up or given back by the payer
    withheld: Decimal = ZERO  # taken from payments; below zero while it is put off
    repaid: Decimal = ZERO  # sent to the payer by the practice
    disputed: bool = False

    @property
    def _balance(self) -> Decimal:
        return self.demanded - self.withdrawn - self.withheld - self.repaid

    @property
    def unpaid(self) -> Decimal:
        """What the payer can still take."""
        return max(self._balance, ZERO)

    @property
    def in_dispute(self) -> Decimal:
        return self.unpaid if self.disputed else ZERO

    @property
    def remaining(self) -> Decimal:
        return ZERO if self.disputed else self.unpaid

    @property
    def to_come_back(self) -> Decimal:
        """What the payer has and is not owed."""
        return max(-self._balance, ZERO)

    @property
    def at_stake(self) -> Decimal:
        """What is lost if the demand stands: paid or not."""
        return max(self.demanded - self.withdrawn, ZERO)


@dataclass(frozen=True, slots=True)
class Position:
    """What decides over clocks and end: how it began, where it stands, and what was sent when."""

    source: Source
    status: RecoupmentStatus
    level: int
    money: RecoupmentMoney
    rebutted_on: date | None = None
    appealed_on: date | None = None  # at this level
    appeal_is_over: bool = False  # its last day is over, or there is none

    @property
    def is_contested(self) -> bool:
        """Whether its being paid does not settle it: nobody has looked at a take-back yet, or somebody has
        disputed the demand."""
        return (
            self.source is Source.TAKE_BACK
            or self.rebutted_on is not None
            or self.appealed_on is not None
            or self.level > FIRST_LEVEL
        )


def outcome_of(position: Position) -> RecoupmentOutcome | None:
    """How the facts alone end it; None while they do not."""
    if position.status is RecoupmentStatus.CLOSED:
        return None
    if position.status is RecoupmentStatus.SENDING:
        return None  # first what is on its way is known to be out, or not
    if position.money.at_stake == ZERO:
        return RecoupmentOutcome.WITHDRAWN
    if position.status is not RecoupmentStatus.DEMANDED or position.money.unpaid > ZERO:
        return None
    if not position.is_contested:
        return RecoupmentOutcome.REPAID
    return RecoupmentOutcome.EXPIRED if position.appeal_is_over else None


class ClockState(StrEnum):
    """How one of its clocks stands."""

    RUNNING = "running"
    MET = "met"
    MISSED = "missed"
    MOOT = "moot"  # overtaken: what it guards is settled otherwise


CLOCKS: Final = (
    DeadlineKind.RECOUPMENT_REBUTTAL,
    DeadlineKind.RECOUPMENT_STOP,
    DeadlineKind.REPAYMENT,
    DeadlineKind.APPEAL,
)
"""Every clock of a recoupment; the first and the third run at the first level alone."""


def clocks_at(level: int) -> tuple[DeadlineKind, ...]:
    """The clocks that begin with the demand, or with the decision that this level answers."""
    return CLOCKS if level == FIRST_LEVEL else (DeadlineKind.RECOUPMENT_STOP, DeadlineKind.APPEAL)


def clock_state(kind: DeadlineKind, position: Position, due_on: date | None, today: date) -> ClockState:
    """Whether what a clock asks for was done by `due_on`, is not needed any more, is too late, or open.

    A rebuttal is as well answered by an appeal. There is nothing left to stop or to repay once all is paid;
    what is appealed need not be repaid.
    """
    done_on = _done_on(kind, position)
    if done_on is not None:
        return ClockState.MISSED if due_on and done_on > due_on else ClockState.MET
    if position.status is RecoupmentStatus.CLOSED or _is_moot(kind, position):
        return ClockState.MOOT
    return ClockState.MISSED if due_on and today > due_on else ClockState.RUNNING


def _done_on(kind: DeadlineKind, position: Position) -> date | None:
    if kind is DeadlineKind.RECOUPMENT_REBUTTAL:
        return position.rebutted_on or position.appealed_on
    return None if kind is DeadlineKind.REPAYMENT else position.appealed_on


def _is_moot(kind: DeadlineKind, position: Position) -> bool:
    is_settled = position.money.unpaid == ZERO
    if kind is DeadlineKind.RECOUPMENT_STOP:
        return is_settled
    return kind is DeadlineKind.REPAYMENT and (is_settled or position.appealed_on is not None)


def price(kind: DeadlineKind, money: RecoupmentMoney) -> Decimal:
    """What missing a clock costs or puts at risk, in US dollars: all that is demanded where the way to
    dispute it is over, else what is not paid yet."""
    is_about_all = kind in (DeadlineKind.APPEAL, DeadlineKind.RECOUPMENT_REBUTTAL)
    return money.at_stake if is_about_all else money.unpaid
