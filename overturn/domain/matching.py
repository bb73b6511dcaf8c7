"""How well an answered claim agrees with a submitted one, where the claim number does not tell.

Payers cut, pad or retype the patient control number. What they take from the claim itself stays: who was
treated, when, for which procedures, at what charge. The points are our judgement, not a published scale: the
member weighs most, because days, procedures and charges repeat from patient to patient.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

MEMBER: Final = 40
DATES: Final = 20
OVERLAP: Final = 10
PROCEDURES: Final = 20
CHARGE: Final = 20

CERTAIN: Final = MEMBER + DATES + PROCEDURES + CHARGE
"""Matched without a person only where everything agrees, and no other claim does."""


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """What both sides say of a claim; None or empty where a side does not say. Charge in US dollars."""

    member_identifier: str | None
    service_from: date | None
    service_to: date | None
    procedures: tuple[str, ...]  # as billed, one for each line
    charge_amount: Decimal

    @property
    def days(self) -> tuple[date, date] | None:
        first = self.service_from or self.service_to
        return (first, self.service_to or first) if first else None


@dataclass(frozen=True, slots=True)
class Score:
    """Points of CERTAIN, and the reasons in words: "same member, same date, 2 of 3 procedures"."""

    points: int
    words: str

    @property
    def certain(self) -> bool:
        return self.points == CERTAIN


def score(answered: ClaimFacts, submitted: ClaimFacts) -> Score:
    """Hold a payer's claim against one of ours."""
    parts = (
        _member(answered, submitted),
        _dates(answered, submitted),
        _procedures(answered, submitted),
        _charge(answered, submitted),
    )
    agreed = [(points, words) for points, words in parts if points]
    return Score(sum(points for points, _ in agreed), ", ".join(words for _, words in agreed))


def _member(answered: ClaimFacts, submitted: ClaimFacts) -> tuple[int, str]:
    same = answered.member_identifier and answered.member_identifier == submitted.member_identifier
    return (MEMBER if same else 0), "same member"


def _dates(answered: ClaimFacts, submitted: ClaimFacts) -> tuple[int, str]:
    theirs, ours = answered.days, submitted.days
    if theirs is None or ours is None:
        return 0, ""
    if theirs == ours:
        return DATES, "same date" if ours[0] == ours[1] else "same dates"
    overlap = theirs[0] <= ours[1] and ours[0] <= theirs[1]
    return (OVERLAP if overlap else 0), "overlapping dates"


def _procedures(answered: ClaimFacts, submitted: ClaimFacts) -> tuple[int, str]:
    """Line by line: a procedure billed twice has to be answered twice."""
    common = (Counter(answered.procedures) & Counter(submitted.procedures)).total()
    most = max(len(answered.procedures), len(submitted.procedures))
    if not common:
        return 0, ""
    if common == most:
        return PROCEDURES, "same procedure" if most == 1 else f"all {most} procedures"
    return PROCEDURES * common // most, f"{common} of {most} procedures"


def _charge(answered: ClaimFacts, submitted: ClaimFacts) -> tuple[int, str]:
    return (CHARGE if answered.charge_amount == submitted.charge_amount else 0), "same charge"
