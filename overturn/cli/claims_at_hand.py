"""What files say of our claims beside the answer that is classified: sent, accepted, the patient's same day.

Answers are kept only of claims whose patient has another claim that day: large files need no memory for the
others.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from overturn.domain.causes.same_day import OurClaim, lines_beside, same_person
from overturn.domain.causes.tables import Acceptance, ClaimRecord
from overturn.domain.remittance import ClaimPayment
from overturn.domain.submission import ClaimAcknowledgement, SubmittedClaim
from overturn.x12 import read_transactions

_OURS = re.compile(rb"\bST[^A-Za-z0-9\s](837|277)", re.IGNORECASE)

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

    def record(self, claim: ClaimPayment) -> ClaimRecord:
        """What proofs may use of a claim."""
        number = claim.patient_control_number or ""
        others = {n for day in _days_answered(claim) for n in self._days.get(day, ())} - {number}
        beside = [n for n in others if same_person(self._patients[n], self._patients[number])]
        lines = lines_beside(self._claim(number), map(self._claim, beside)) if beside else ()
        return ClaimRecord(acceptance=self._accepted.get(number), beside=lines)

    def _claim(self, number: str) -> OurClaim:
        dated = sorted(self._answers.get(number, ()), key=lambda answer: answer[0])
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

    def keep_answers(self, paths: Sequence[Path]) -> None:
        """The answers to every claim that has another one beside it, with the remittances' dates."""
        wanted = {number for numbers in self._days.values() if len(numbers) > 1 for number in numbers}
        for path in paths if wanted else ():
            for paid_on, claim in _answered(path):
                number = claim.patient_control_number or ""
                if number in wanted:
                    self._answers[number].append((paid_on, claim))

    def _submit(self, claim: SubmittedClaim) -> None:
        number = claim.patient_control_number
        known = self.submitted.get(number)
        if known is None or (known.submitted_on or date.min) <= (claim.submitted_on or date.min):
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
