"""The yearly therapy threshold: above it each line needs KX. One bucket for PT with SLP, one for OT.

It counts allowed amounts of the calendar year, whoever furnished the therapy (42 CFR 410.59, 410.60; CMS
therapy services page). An 837P has charges only, so the fee schedule stands in where it is known.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from overturn.domain.claim_scrub import VOID, ScrubFinding, Severity
from overturn.domain.codes import format_dollars
from overturn.domain.submission import SubmittedClaim, SubmittedLine

KX: Final = "KX"
ZERO: Final = Decimal("0.00")


class Bucket(StrEnum):
    """Whose allowed amounts are counted together."""

    PT_SLP = "pt_slp"
    OT = "ot"


BUCKETS: Final = {"GP": Bucket.PT_SLP, "GN": Bucket.PT_SLP, "GO": Bucket.OT}

Used = Mapping[tuple[str, Bucket], Decimal]
"""Dollars allowed so far this year by member id and bucket, other providers' included."""


@dataclass(frozen=True, slots=True)
class AllowedLine:
    """A line of a payer's answer: whose claim, and what is allowed, in US dollars; `taken_back` where the
    answer is a reversal."""

    claim: Hashable
    line_number: int
    modifiers: Collection[str]
    amount: Decimal | None
    taken_back: bool


@dataclass(frozen=True, slots=True)
class Threshold:
    """The limit of a year with its source."""

    amount: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class ThresholdTables:
    """The threshold of a bucket on a day, None where unknown; the allowed amount of a line, None where the
    fee schedule at hand does not have it."""

    threshold: Callable[[Bucket, date], Threshold | None]
    allowed: Callable[[SubmittedLine], Decimal | None]


def sum_allowed(lines: Iterable[AllowedLine]) -> dict[Bucket, Decimal]:
    """Dollars allowed by bucket, from answers in the order they came. A line counts once, by the last answer
    to it; a reversal takes it back."""
    standing: dict[tuple[Hashable, int], tuple[Bucket, Decimal]] = {}
    for line in lines:
        bucket = next((BUCKETS[m] for m in sorted(line.modifiers) if m in BUCKETS), None)
        if line.taken_back:
            standing.pop((line.claim, line.line_number), None)
        elif bucket:
            standing[line.claim, line.line_number] = (bucket, line.amount or ZERO)
    sums: defaultdict[Bucket, Decimal] = defaultdict(lambda: ZERO)
    for bucket, amount in standing.values():
        sums[bucket] += amount
    return dict(sums)


def threshold_findings(
    claims: Iterable[SubmittedClaim], tables: ThresholdTables, used: Used
) -> dict[int, list[ScrubFinding]]:
    """Lines without KX that take a member above the threshold, by the place of their claim in `claims`.

    Claims are counted in order of service. Where a line's fee is unknown its charge counts, which is too
    much: then the finding is a warning.
    """
    running: defaultdict[tuple[str, Bucket, int], Decimal] = defaultdict(lambda: ZERO)
    guessed: set[tuple[str, Bucket, int]] = set()
    found: defaultdict[int, list[ScrubFinding]] = defaultdict(list)
    for place, claim, line, bucket, day in _in_order(claims):
        member = claim.subscriber.identifier or ""
        key, limit = (member, bucket, day.year), tables.threshold(bucket, day)
        before = running[key] or used.get((member, bucket), ZERO)
        allowed = tables.allowed(line)
        if allowed is None:
            guessed.add(key)
        running[key] = before + (line.charge_amount if allowed is None else allowed)
        if limit and running[key] > limit.amount and KX not in line.modifiers:
            found[place].append(_finding(line, bucket, running[key], limit, guessed=key in guessed))
    return found


def _in_order(
    claims: Iterable[SubmittedClaim],
) -> list[tuple[int, SubmittedClaim, SubmittedLine, Bucket, date]]:
    """Every therapy line of claims that are not voids, by day; a line that is not therapy counts nothing."""
    lines = [
        (place, claim, line, BUCKETS[modifier], line.service_on)
        for place, claim in enumerate(claims)
        if claim.frequency_code != VOID
        for line in claim.lines
        if line.service_on is not None
        for modifier in line.modifiers
        if modifier in BUCKETS
    ]
    return sorted(lines, key=lambda entry: (entry[4], entry[0], entry[2].line_number))


def _finding(
    line: SubmittedLine, bucket: Bucket, running: Decimal, limit: Threshold, *, guessed: bool
) -> ScrubFinding:
    counted = "charges, since fees are unknown" if guessed else "fee schedule amounts"
    name = "PT and SLP" if bucket is Bucket.PT_SLP else "OT"
    return ScrubFinding(
        "kx-missing",
        Severity.WARNING if guessed else Severity.ERROR,
        line.line_number,
        f"{line.procedure} takes {name} of the year to {format_dollars(running)} ({counted}), above "
        f"{format_dollars(limit.amount)}, and has no KX.",
        "Add KX if the therapy is medically necessary and the record shows it.",
        limit.source,
    )
