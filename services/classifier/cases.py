"""What a claim's adjudications mean for its cases: which there are, what they hold, what they hear of.

Cases follow from the record, never from the order in which files arrived: a case rests on the earliest
denial that no closed case has taken in, and hears of every adjudication dated after it. So a denial opens a
case even when the remittance that pays it is here already; that remittance then closes it as recovered.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from overturn.db import tables
from overturn.db.adjudications import ClaimAnswers, Decided
from overturn.domain import identifiers
from overturn.domain.answers import PREVIOUSLY_PAID_CARC, LinePlace, distinct_lines
from overturn.domain.classification import Denial
from overturn.domain.denial_case import CaseStatus, Step
from overturn.domain.remittance import ZERO, sum_amounts
from overturn.domain.settlement import Standing
from overturn.events import CaseAdvanced, DenialClassified, Event
from services.classifier import case_rows
from services.classifier.case_rows import Row
from services.classifier.take_backs import correct_recovered

_Denied = dict[LinePlace | None, tuple[Decided, Denial]]


@dataclass(frozen=True, slots=True)
class KnownCase:
    """A case of the record, the lines it holds denials of, and the remittances it has weighed."""

    row: tables.DenialCase
    lines: frozenset[tuple[UUID, int | None]]  # each with the payment that denied it
    taken_in: frozenset[UUID]  # ids of their events
    unpriced: frozenset[tuple[UUID, int | None]] = frozenset()  # of `lines`, those denied without a price


@dataclass(slots=True)
class CaseChange:
    """What is to be written. `case` is None where the case is prepared already: people work from it."""

    case: Row | None = None
    denials: list[Row] = field(default_factory=list)
    judged: list[Row] = field(default_factory=list)  # denials kept as classifications and no more
    timeline: list[Row] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


class ClaimHistory:
    """A claim's adjudications in the order of their dates, with the cases it has."""

    def __init__(self, claim: tables.Claim, answers: ClaimAnswers, cases: Sequence[KnownCase]) -> None:
        self._claim = claim
        self._answers = answers
        self._decided = sorted(answers.decided, key=lambda d: d.adjudication.order)
        self._first_places = distinct_lines(d.adjudication for d in self._decided)
        self._cases = cases
        self._closed = [c for c in cases if c.row.status == CaseStatus.RESOLVED]
        self._open = next((c for c in cases if c.row.status != CaseStatus.RESOLVED), None)

    def follow(self) -> CaseChange:
        """Bring the cases in line with the record; again without anything new this changes nothing."""
        change = self._follow_denials()
        correct_recovered([known.row for known in self._cases], self._claim.paid_amount)
        change.timeline += [
            case_rows.taken_back(known.row.id, taken)
            for known in self._cases
            for taken in self._answers.take_backs
        ]
        return change

    def _follow_denials(self) -> CaseChange:
        first = next(self._fresh_denials(), None)
        if self._open and (first is None or self._open.row.status != CaseStatus.OPENED):
            return self._add_to(self._open, first)
        return CaseChange() if first is None else self._write(first)

    def _write(self, first: Decided) -> CaseChange:
        """Open the case, or write it anew: no one has begun on it, and an earlier denial may have arrived."""
        round_number = self._open.row.round_number if self._open else len(self._closed) + 1
        case_id = identifiers.case_id(self._claim.id, round_number)
        denied = self._denied_lines(first)
        added = sum_amounts(denial.denied_amount for by, denial in denied.values() if by is not first)
        standing = self._standing_after(first)
        case = case_rows.case_row(
            case_id,
            self._claim.id,
            round_number,
            first=first,
            denied_amount=standing.denied_amount + added,
            unpriced_amount=_unpriced(denied),
            paid_before_amount=standing.paid_amount,
        )
        classified = DenialClassified(
            event_id=identifiers.event_id(DenialClassified.topic, case_id),
            claim_id=self._claim.id,
            case_id=case_id,
            category=case["category"],
            action=case["action"],
        )
        return CaseChange(
            case=case,
            denials=case_rows.denial_rows(case_id, denied.values()),
            timeline=[case_rows.opening(case, first)],
            events=[classified, *self._advances(case_id, first)],
        )

    def _add_to(self, known: KnownCase, first: Decided | None) -> CaseChange:
        """A case on which work has begun stays as it was prepared; what came meanwhile is added to it."""
        case = known.row
        own = next(d for d in self._decided if d.adjudication.payment_id == case.claim_payment_id)
        case.paid_before_amount = self._standing_after(own).paid_amount
        held = {self._line(*place) for place in known.lines}
        priced = {self._line(*place) for place in known.lines - known.unpriced}
        denied = {
            line: (by, denial)
            for line, (by, denial) in self._denied_lines(own).items()
            if line not in (priced if denial.denied_amount else held)
        }
        case.denied_amount += sum_amounts(denial.denied_amount for _, denial in denied.values())
        case.unpriced_amount += _unpriced(denied)
        timeline = [case_rows.also_denied(case.id, by, denial) for by, denial in denied.values()]
        if first and first.adjudication.order < own.adjudication.order:
            timeline.append(case_rows.denied_earlier(case.id, first))
        return CaseChange(
            denials=case_rows.denial_rows(case.id, denied.values()),
            timeline=timeline,
            events=list(self._advances(case.id, own)),
        )

    def _fresh_denials(self) -> Iterator[Decided]:
        """Denials dated after everything that a closed case rests on or has weighed."""
        weighed = [d.adjudication.order for d in self._decided if self._is_taken_in(d)]
        for decided in self._decided:
            if (not weighed or decided.adjudication.order > max(weighed)) and self._denies(decided):
                yield decided

    def _is_taken_in(self, decided: Decided) -> bool:
        payment_id = decided.adjudication.payment_id
        return any(
            payment_id == c.row.claim_payment_id or advance_id(c.row.id, payment_id) in c.taken_in
            for c in self._closed
        )

    def _denies(self, decided: Decided) -> bool:
        if decided.adjudication.at_stake_amount <= ZERO:
            return False
        standing = self._standing_after(decided)
        return standing.in_force == decided.adjudication and standing.at_stake_amount > ZERO

    def _line(self, payment_id: UUID, line: int | None) -> LinePlace | None:
        """The line, as the same in every answer; None is the claim as a whole."""
        return None if line is None else self._first_places[payment_id, line]

    def _denied_lines(self, first: Decided) -> _Denied:
        """Each denied line with its first denial, or its first that has a price. A claim refused as a whole
        holds its lines already, so whole claims and lines are never counted side by side."""
        denied: _Denied = {
            self._line(first.adjudication.payment_id, denial.line): (first, denial)
            for denial in first.decision.denials
        }
        if None not in denied:
            for later in filter(self._denies, self._after(first)):
                for denial in later.decision.denials:
                    line = self._line(later.adjudication.payment_id, denial.line)
                    if line is not None and not self._only_repeats(denial, later, line):
                        _, known = denied.setdefault(line, (later, denial))
                        if known.unpriced_amount and denial.denied_amount:
                            denied[line] = (later, denial)
        return denied

    def _only_repeats(self, denial: Denial, decided: Decided, line: LinePlace) -> bool:
        """Whether a payer says of a line that it paid it before, and did."""
        return denial.carc == PREVIOUSLY_PAID_CARC and any(
            answer.paid_amount > ZERO and self._line(d.adjudication.payment_id, answer.number) == line
            for d in self._decided
            for answer in d.adjudication.lines
            if d.adjudication.order < decided.adjudication.order
        )

    def _after(self, decided: Decided) -> list[Decided]:
        return [d for d in self._decided if d.adjudication.order > decided.adjudication.order]

    def _standing_after(self, decided: Decided) -> Standing:
        return self._answers.settle_until(decided, self._claim)

    def _advances(self, case_id: UUID, first: Decided) -> Iterator[CaseAdvanced]:
        for later in self._after(first):
            payment_id = later.adjudication.payment_id
            yield CaseAdvanced(
                event_id=advance_id(case_id, payment_id),
                claim_id=self._claim.id,
                case_id=case_id,
                step=Step.REMITTANCE,
                claim_payment_id=payment_id,
            )


def _unpriced(denied: _Denied) -> Decimal:
    return sum_amounts(denial.unpriced_amount for _, denial in denied.values())


def advance_id(case_id: UUID, payment_id: UUID) -> UUID:
    """The event that tells a case of a later remittance; its line in the timeline has the same id."""
    return identifiers.event_id(CaseAdvanced.topic, case_id, payment_id)
