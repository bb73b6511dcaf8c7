"""One denial as the families of proofs see it: the row that decided, the line paid, the claim sent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from overturn.domain.adjudication import Target, line_modifiers, sent_line
from overturn.domain.causes.proven import ProofPlace, ProofTable
from overturn.domain.causes.same_day import DayLine
from overturn.domain.causes.tables import CauseTables, ClaimRecord
from overturn.domain.edit_pairs import MEDICARE, LimitAnswer, PairAnswer
from overturn.domain.payers import MEDICARE_FFS
from overturn.domain.remittance import ClaimPayment
from overturn.domain.rule_row import DenialRule
from overturn.domain.submission import SubmittedClaim


@dataclass(frozen=True)
class Question:
    """`rule` is the row of the packs; the answer may put a finer cause in the place of its own."""

    target: Target
    rule: DenialRule
    tables: CauseTables
    record: ClaimRecord

    @property
    def medicare(self) -> bool:
        return self.target.payer.line_of_business == MEDICARE_FFS

    @cached_property
    def service_on(self) -> date | None:
        line = self.target.line
        return (line.service_on if line else None) or self.target.claim.service_from

    @cached_property
    def own_line(self) -> DayLine | None:
        """The denied line as billed; None where the claim was denied as one."""
        line = self.target.line
        if line is None or self.target.billed_procedure is None:
            return None
        return DayLine(
            self.target.billed_procedure,
            self.target.modifiers,
            self._units_billed(),
            self._own_place(self.target.billed_procedure),
        )

    @property
    def rendering_npi(self) -> str | None:
        """The line's own, else the claim's, as we sent it or as it was paid."""
        target = self.target
        parties = (target.sent.rendering_provider if target.sent else None, target.claim.rendering_provider)
        npis = [line.rendering_npi for line in (target.submitted, target.line) if line]
        return next((npi for npi in (*npis, *(p.identifier for p in parties if p)) if npi), None)

    def other_lines(self) -> Iterator[DayLine]:
        """The other lines of the same day and provider, the claim's own ones first."""
        yield from self.lines_of_claim()
        own = self.rendering_npi
        for line in self.lines_of_practice():
            if own is None or line.rendering_npi in {own, None}:
                yield line

    def lines_of_practice(self) -> Iterator[DayLine]:
        """The lines of the same day on our other claims, whoever rendered them."""
        day = self.service_on
        return (line for line in self.record.beside if day is not None and line.service_on == day)

    def lines_of_claim(self) -> Iterator[DayLine]:
        """The claim's other lines of the day: as answered, then those we sent and got no answer for."""
        claim, day, sent = self.target.claim, self.service_on, self.target.sent
        answered = []
        for line in claim.service_lines:
            ours = sent_line(line, claim, sent)
            answered.append(ours)
            procedure = line.submitted_procedure or (ours.procedure if ours else line.procedure)
            if line is not self.target.line and procedure and (line.service_on or claim.service_from) == day:
                place = ProofPlace("835", line.segment_index, "SVC", 1, procedure)
                yield DayLine(procedure, line_modifiers(line, ours), line.units, place)
        for other in sent.lines if sent else ():
            if other.service_on == day and not any(other is ours for ours in answered):
                place = ProofPlace("837P", other.segment_index, "SV1", 1, other.procedure)
                yield DayLine(other.procedure, frozenset(other.modifiers), other.units, place)

    def _units_billed(self) -> Decimal | None:
        """As our own claim says, else SVC07, else SVC05."""
        line, submitted = self.target.line, self.target.submitted
        if submitted and submitted.units is not None:
            return submitted.units
        details = line.details if line else None
        told = details.submitted_units if details else None
        return told if told is not None else (line.units if line else None)

    def _own_place(self, procedure: str) -> ProofPlace:
        line, submitted = self.target.line, self.target.submitted
        if submitted:
            return ProofPlace("837P", submitted.segment_index, "SV1", 1, procedure)
        index = line.segment_index if line else self.target.claim.segment_index
        return ProofPlace("835", index, "SVC", 6 if line and line.submitted_procedure else 1, procedure)


def places_in_claim(sent: SubmittedClaim, start: str, number: int) -> Iterator[ProofPlace]:
    """Where segments that begin so stand in our claim, each with the element of that number."""
    return _places("837P", sent.segments, sent.segment_index, start, number)


def places_in_answer(claim: ClaimPayment, start: str, number: int) -> Iterator[ProofPlace]:
    """The same in the payer's answer."""
    return _places("835", claim.segments, claim.segment_index, start, number)


def _places(
    document: str, segments: Sequence[str], first: int, start: str, number: int
) -> Iterator[ProofPlace]:
    for offset, segment in enumerate(segments):
        elements = segment.split("*")
        if segment.startswith(start) and number < len(elements):
            yield ProofPlace(document, first + offset, elements[0], number, elements[number])


def table_of(answer: PairAnswer | LimitAnswer) -> ProofTable | None:
    """The table behind an answer."""
    source = answer.source
    return ProofTable(source.name, source.quarter, answer.stale) if source else None


def own_table(answer: PairAnswer | LimitAnswer, question: Question) -> bool:
    """Whether the answer comes from a table this payer is bound by: Medicare's, or one of its own."""
    owner = answer.source.owner if answer.source else None
    return owner != MEDICARE or question.medicare
