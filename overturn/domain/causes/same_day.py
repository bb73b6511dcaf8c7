"""What our other claims hold for a patient's day: pairs, unit limits and evaluations do not go by claim.

NCCI Policy Manual, chapter I: an edit holds for one provider, patient and day, however many claims these are
on; unit limits with adjudication indicator 2 or 3 are summed over the day.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from overturn.domain.causes.proven import ProofPlace
from overturn.domain.remittance import ZERO, ClaimPayment, ServiceLine, sum_amounts
from overturn.domain.submission import SubmittedClaim

COST_SHARING: Final = frozenset({"1", "2", "3"})
IN_PLACE_OF_ANOTHER: Final = frozenset({"7", "8"})  # CLM05-3: replacement, void


@dataclass(frozen=True, slots=True)
class DayLine:
    """A line as billed, on the claim in question or (`place.claim`) on another one."""

    procedure: str
    modifiers: frozenset[str]
    units: Decimal | None
    place: ProofPlace
    service_on: date | None = None
    rendering_npi: str | None = None

    @property
    def named(self) -> str:
        """The procedure, with its claim where that is another one."""
        return f"{self.procedure} of claim {self.place.claim}" if self.place.claim else self.procedure


@dataclass(frozen=True, slots=True)
class OurClaim:
    """A claim of ours, the one in question or one beside it: as sent, and as answered, oldest first."""

    number: str
    charge_amount: Decimal
    sent: SubmittedClaim | None
    answers: Sequence[ClaimPayment]

    @property
    def payer_numbers(self) -> set[str]:
        return {a.payer_claim_control_number for a in self.answers if a.payer_claim_control_number}

    def standing_lines(self) -> Iterator[DayLine]:
        """Its lines that the payer holds: not answered yet, or settled. What was refused or taken back does
        not stand in the way of another line."""
        settled = _settled(self.answers)
        for line in self._sent_lines() if self.sent else self._answered_lines():
            if not self.answers or settled.get(line.procedure, settled.get(None, ZERO)) > ZERO:
                yield line

    def _sent_lines(self) -> Iterator[DayLine]:
        sent = self.sent
        rendering = sent.rendering_provider.identifier if sent and sent.rendering_provider else None
        for line in sent.lines if sent else ():
            yield DayLine(
                line.procedure,
                frozenset(line.modifiers),
                line.units,
                ProofPlace("837P", line.segment_index, "SV1", 1, line.procedure, self.number),
                line.service_on,
                line.rendering_npi or rendering,
            )

    def _answered_lines(self) -> Iterator[DayLine]:
        """Each line by its last answer that is no reversal."""
        last: dict[tuple[int, str], tuple[ServiceLine, ClaimPayment]] = {}
        for answer in self.answers:
            for line in () if answer.is_reversal else answer.service_lines:
                last[line.line_number, _billed(line) or ""] = (line, answer)
        for (_, procedure), (line, answer) in last.items():
            rendering = answer.rendering_provider.identifier if answer.rendering_provider else None
            yield DayLine(
                procedure,
                frozenset((*line.modifiers, *line.submitted_modifiers)),
                line.units,
                ProofPlace("835", line.segment_index, "SVC", 1, procedure, self.number),
                line.service_on or answer.service_from,
                line.rendering_npi or rendering,
            )


def lines_beside(own: OurClaim, claims: Iterable[OurClaim]) -> tuple[DayLine, ...]:
    """The lines of these claims that stand beside `own`, in a steady order.

    The same visit sent again is none of them: what replaces the claim or is replaced by it, and a claim of
    the same charge that nobody answered yet.
    """
    beside = [
        claim
        for claim in claims
        if claim.number != own.number
        and (claim.answers or claim.charge_amount != own.charge_amount)
        and not (_replaces(claim, own) or _replaces(own, claim))
    ]
    beside.sort(key=lambda claim: claim.number)
    return tuple(line for claim in beside for line in claim.standing_lines())


def same_person(one: str | None, other: str | None) -> bool:
    """Whether two names, first name first, may be one person's: members of a family share their number.
    Middle names and case do not count; a name nobody gave fits anyone."""
    first, second = ((name or "").casefold().split() for name in (one, other))
    return not first or not second or (first[0], first[-1]) == (second[0], second[-1])


def _replaces(claim: OurClaim, earlier: OurClaim) -> bool:
    sent = claim.sent
    return (
        sent is not None
        and sent.frequency_code in IN_PLACE_OF_ANOTHER
        and (not earlier.answers or sent.payer_claim_control_number in earlier.payer_numbers)
    )


def _settled(answers: Sequence[ClaimPayment]) -> Mapping[str | None, Decimal]:
    """What was paid or left to the patient's share, by billed procedure; under None where a payer answered
    without lines."""
    settled: dict[str | None, Decimal] = defaultdict(Decimal)
    for answer in answers:
        for line in answer.service_lines:
            shares = (a.amount for a in line.adjustments if a.group == "PR" and a.reason in COST_SHARING)
            settled[_billed(line)] += line.paid_amount + sum_amounts(shares)
        if not answer.service_lines:
            settled[None] += answer.paid_amount
    return settled


def _billed(line: ServiceLine) -> str | None:
    return line.submitted_procedure or line.procedure
