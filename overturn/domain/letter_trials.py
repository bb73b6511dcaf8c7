"""A fair comparison of two versions of a letter: its size set beforehand, the version drawn by lot for each
case, the result told when every one of its letters has been answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from math import sqrt
from typing import Final
from uuid import UUID

from overturn.domain.letter_rates import ENOUGH, OverturnRate, overturn_rate
from overturn.domain.recovery_odds import TWO_SIDED_95, round_share

FEWEST: Final = 2 * ENOUGH
MOST: Final = 5_000
"""Letters a trial may have, both versions together: our judgement."""
FOUR_OF_FIVE: Final = 0.84
"""The standard normal deviate below which four of five lie."""


class Arm(StrEnum):
    """Whose words a letter of the trial has."""

    FORMER = "former"
    NEW = "new"


def draw(trial_id: UUID, case_id: UUID, level: int) -> Arm:
    """The lot of a letter: even odds, the same however often it is drawn, and known to nobody before the
    trial has its id, which must be random."""
    lot = sha256(f"{trial_id}\0{case_id}\0{level}".encode()).digest()
    return Arm.NEW if lot[0] & 1 else Arm.FORMER


def least_difference(letters: int) -> Decimal:
    """The difference of two shares that a trial of so many letters finds in four of five cases, at most.

    Where half of the decisions are overturned the chance has most room; two versions of equal number, told
    apart at 95 %: (1.96 + 0.84) times the square root of 2 x 0.5 x 0.5 / (letters / 2).
    """
    return round_share((TWO_SIDED_95 + FOUR_OF_FIVE) * sqrt(1 / letters))


@dataclass(frozen=True, slots=True)
class ArmCount:
    """How far the letters of one version are. `drawn` of the lot; `sent` of these; `answered` where the
    payer's decision is known, `won` of these; `waiting` may still be sent or answered."""

    arm: Arm
    drawn: int = 0
    sent: int = 0
    answered: int = 0
    won: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class TrialResult:
    """The new words' share less the former ones', with its 95 % interval; shares from 0 to 1."""

    former: OverturnRate
    new: OverturnRate
    difference: Decimal
    low: Decimal
    high: Decimal

    @property
    def better(self) -> Arm | None:
        """The version that did better, or None where chance alone may have made the difference."""
        if self.low > 0:
            return Arm.NEW
        return Arm.FORMER if self.high < 0 else None


def is_complete(planned: int, counts: Sequence[ArmCount]) -> bool:
    """Every planned letter was drawn and none of them waits."""
    return sum(one.drawn for one in counts) >= planned and not any(one.waiting for one in counts)


def trial_result(planned: int, counts: Sequence[ArmCount]) -> TrialResult | None:
    """The result of a complete trial; None before, so that nobody stops it when it looks well, and None where
    a version has no answered letter."""
    by_arm = {one.arm: one for one in counts}
    if not is_complete(planned, counts) or not all(one in by_arm and by_arm[one].answered for one in Arm):
        return None
    former, new = (
        overturn_rate(arm, ended=by_arm[arm].answered, won=by_arm[arm].won) for arm in (Arm.FORMER, Arm.NEW)
    )
    return _compared(former, new)


def _compared(former: OverturnRate, new: OverturnRate) -> TrialResult:
    """Newcombe's hybrid interval (1998): from the intervals of the two shares."""
    difference = float(new.share - former.share)
    down = sqrt(float(new.share - new.low) ** 2 + float(former.high - former.share) ** 2)
    up = sqrt(float(new.high - new.share) ** 2 + float(former.share - former.low) ** 2)
    return TrialResult(
        former, new, round_share(difference), round_share(difference - down), round_share(difference + up)
    )
