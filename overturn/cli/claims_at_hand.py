"""What files say of our claims beside the answer that is classified: sent, accepted, the patient's same day.

Answers are kept only of claims whose patient has another claim that day: large files need no memory for the
others.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from overturn.domain.causes.same_day import OurClaim, lines_beside, same_person
from overturn.domain.causes.tables import Acceptance, ClaimRecord
from overturn.domain.remittance import ClaimPayment
from overturn.domain.submission import ClaimAcknowledgement, SubmittedClaim
from overturn.domain.therapy_threshold import AllowedLine, Bucket, sum_allowed
from overturn.x12 import read_transactions

_OURS = re.compile(rb"\bST[^A-Za-z0-9\s](837|277)", re.IGNORECASE)

MEDICARE_INDICATORS = frozenset({"MB", "MA"})
THRESHOLD_REASONS = frozenset({"119", "16", "4"})

MemberDay = tuple[str, date]


@dataclass(slots=True)
class ClaimsAtHand:
    """Claims by patient control number. `files` hold no remittance; `problems` are what is wrong in them."""

    files: set[Path] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    submitted: dict[str, SubmittedClaim] = field(default_factory=dict)
    _accepted: dict[str, Acceptance] = field(default_factory=dict)
    _patients: dict[str, str | None] = field(default_factory=dict)
    _days: dict[MemberDay, set[str]] = field(default_factory=lambda: defaultdict(set))
    _answers: dict[str, list[tuple[date, ClaimPayment]]] = field(default_factory=lambda: defaultdict(list))
    _counted: dict[str, set[str]] = field(default_factory=dict)  # claims of members whose year is summed up

    def record(self, claim: ClaimPayment) -> ClaimRecord:
        """What proofs may use of a claim."""
        number = claim.patient_control_number or ""
        others = {n for day in _days_answered(claim) for n in self._days.get(day, ())} - {number}
        beside = [n for n in others if same_person(self._patients[n], self._patients[number])]
        lines = lines_beside(self._claim(number), map(self._claim, beside)) if beside else ()
        return ClaimRecord(
            acceptance=self._accepted.get(number),
            allowed_before=self._allowed_before(claim),
            beside=lines,
        )

    def _allowed_before(self, claim: ClaimPayment) -> Mapping[Bucket, Decimal]:
        """What Medicare's answers in these files allowed the member this year, before this claim."""
        member, day = claim.member_identifier or "", _first_day(claim)
        numbers = self._counted.get(member, set()) - {claim.patient_control_number or ""}
        return sum_allowed(
            AllowedLine(
                number, line.line_number, line.modifiers, line.allowed_amount, taken_back=answer.is_reversal
            )
            for number in sorted(numbers)
            for _, answer in sorted(self._answers[number], key=_by_time)
            for line in answer.service_lines
            if answer.filing_indicator in MEDICARE_INDICATORS and _same_year_before(_first_day(answer), day)
        )

    def _claim(self, number: str) -> OurClaim:
        dated = sorted(self._answers.get(number, ()), key=_by_time)
        sent, answers = self.submitted.get(number), [claim for _, claim in dated]
        charge = sent.charge_amount if sent else answers[-1].charge_amount
        return OurClaim(number, charge, sent, answers)

    def take(self, path: Path) -> None:
        """Remember a file's claims and acknowledgements; of several about one claim the latest submission
        and the first acceptance count."""
        data = path.read_bytes()
        if not _OURS.search(data):
            return
        stream, remittances = read_transactions(data), 0
        for transaction in stream:
            remittances += transaction.remittance is not None
            for item in transaction.content if isinstance(transaction.content, list) else ():
                if isinstance(item, SubmittedClaim):
                    self._submit(item)
                elif isinstance(item, ClaimAcknowledgement):
                    self._accept(item)
            said = transaction.findings if not transaction.remittance else ()
            self.problems += [f"{path}: {finding.message}" for finding in said]
        if not remittances:
            self.files.add(path)
            self.problems += [f"{path}: {finding.message}" for finding in stream.findings]

    def note_days(self, path: Path) -> None:
        """Whose days a remittance is about."""
        for _, claim in _answered(path):
            number = claim.patient_control_number or ""
            self._patients.setdefault(number, claim.patient.full_name if claim.patient else None)
            for day in _days_answered(claim):
                self._days[day].add(number)
            if claim.member_identifier and _asks_for_threshold(claim):
                self._counted.setdefault(claim.member_identifier, set())

    def keep_answers(self, paths: Sequence[Path]) -> None:
        """The answers to every claim that has another one beside it, or whose member's threshold is asked
        after, with the remittances' dates."""
        wanted = {number for numbers in self._days.values() if len(numbers) > 1 for number in numbers}
        for path in paths if wanted or self._counted else ():
            for paid_on, claim in _answered(path):
                number, counted = (
                    claim.patient_control_number or "",
                    self._counted.get(claim.member_identifier or ""),
                )
                if counted is not None:
                    counted.add(number)
                if number in wanted or counted is not None:
                    self._answers[number].append((paid_on, claim))

    def _submit(self, claim: SubmittedClaim) -> None:
        number = claim.patient_control_number
        known = self.submitted.get(number)
        if known is None or _newness(known) <= _newness(claim):
            self.submitted[number] = claim
        self._patients[number] = (claim.patient or claim.subscriber).full_name
        for line in claim.lines:
            if line.service_on and claim.subscriber.identifier:
                self._days[claim.subscriber.identifier, line.service_on].add(number)

    def _accept(self, answer: ClaimAcknowledgement) -> None:
        number = answer.patient_control_number or ""
        day = min((s.effective_on for s in answer.statuses if s.effective_on), default=None)
        known = self._accepted.get(number)
        if number and answer.accepted and day and (known is None or day < known.accepted_on):
            self._accepted[number] = Acceptance(day, answer.payer_claim_control_number, answer.segment_index)


def gather_claims(paths: Sequence[Path]) -> ClaimsAtHand:
    """All that these files say of claims, whatever their order."""
    claims = ClaimsAtHand()
    for path in paths:
        claims.take(path)
    remittances = [path for path in paths if path not in claims.files]
    for path in remittances:
        claims.note_days(path)
    claims.keep_answers(remittances)
    return claims


def _newness(claim: SubmittedClaim) -> tuple[date, str, list[str]]:
    """By day, then the replacement (frequency 7) after what it replaces: never by the order of the files."""
    return claim.submitted_on or date.min, claim.frequency_code or "", claim.segments


def _by_time(answer: tuple[date, ClaimPayment]) -> tuple[date, bool, str]:
    """A reversal goes before what corrects it on the same day."""
    paid_on, claim = answer
    return paid_on, not claim.is_reversal, claim.payer_claim_control_number or ""


def _asks_for_threshold(claim: ClaimPayment) -> bool:
    reasons = {adjustment.reason for adjustment in claim.all_adjustments()}
    return claim.filing_indicator in MEDICARE_INDICATORS and not THRESHOLD_REASONS.isdisjoint(reasons)


def _first_day(claim: ClaimPayment) -> date | None:
    days = (line.service_on for line in claim.service_lines)
    return min(filter(None, (*days, claim.service_from)), default=None)


def _same_year_before(day: date | None, later: date | None) -> bool:
    return day is not None and later is not None and day.year == later.year and day < later


def _answered(path: Path) -> Iterator[tuple[date, ClaimPayment]]:
    """The claims of a file's remittances that can be trusted, each with the day of payment."""
    for transaction in read_transactions(path.read_bytes()):
        remittance = transaction.remittance if transaction.postable else None
        for claim in remittance.claims if remittance else ():
            yield (remittance.payment_on if remittance else None) or date.min, claim


def _days_answered(claim: ClaimPayment) -> set[MemberDay]:
    days = {line.service_on or claim.service_from for line in claim.service_lines} | {claim.service_from}
    member = claim.member_identifier
    return {(member, day) for day in days if day} if member else set()
