"""What the practice sent and how it was received: claims (837P), claim acknowledgements (277CA), 999s.

The same conventions as `overturn.domain.remittance`: indexes from 1, money as `Decimal`, None for absent.
`references` are qualifier and value of each REF that has no field of its own.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from overturn.domain.remittance import Adjustment, Party
from overturn.domain.remittance_details import Counted


@dataclass(slots=True)
class DatedEvent:
    """A DTP segment by its qualifier: 431 onset, 439 accident, 454 first treatment, 435 admission, ..."""

    qualifier: str
    first_on: date | None
    last_on: date | None


@dataclass(slots=True)
class LineAdjudication:
    """What a payer before this one made of a line: SVD with its CAS and DTP*573."""

    payer_identifier: str | None
    paid_amount: Decimal
    procedure: str | None
    units: Decimal | None
    adjudicated_on: date | None = None
    adjustments: list[Adjustment] = field(default_factory=list)


@dataclass(slots=True)
class OtherPayer:
    """Loop 2320 of a claim: another payer of it, and what that payer made of it where it went first."""

    responsibility: str | None  # SBR01: P, S, T
    filing_indicator: str | None  # SBR09
    payer: Party | None = None
    subscriber: Party | None = None
    paid_amount: Decimal | None = None  # AMT*D
    adjustments: list[Adjustment] = field(default_factory=list)
    amounts: list[tuple[str, Decimal]] = field(default_factory=list)  # AMT qualifier, amount
    references: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class SubmittedLine:
    """One LX/SV1 of an 837P."""

    line_number: int
    procedure: str
    modifiers: tuple[str, ...]
    charge_amount: Decimal
    units: Decimal | None
    service_on: date | None
    segment_index: int
    service_to: date | None = None
    control_number: str | None = None  # REF*6R
    rendering_npi: str | None = None
    rendering_taxonomy: str | None = None  # PRV*PE, where the line has a rendering provider of its own
    diagnosis_pointers: tuple[str, ...] = ()
    unit_basis: str | None = None  # SV103: UN units, MJ minutes
    place_of_service: str | None = None  # SV105, where it is not the claim's
    prior_authorization: str | None = None  # REF*G1
    notes: tuple[str, ...] = ()
    dates: list[DatedEvent] = field(default_factory=list)
    references: list[tuple[str, str]] = field(default_factory=list)
    providers: dict[str, Party] = field(default_factory=dict)  # by `PROVIDER_ROLES`
    adjudications: list[LineAdjudication] = field(default_factory=list)


PROVIDER_ROLES = {
    "82": "rendering",
    "DN": "referring",
    "P3": "primary_care",
    "DQ": "supervising",
    "DK": "ordering",
    "QB": "purchased_service",
    "77": "service_facility",
}
"""NM101 of the providers a claim or a line may name."""


@dataclass(slots=True)
class SubmittedClaim:
    """One CLM loop of an 837P with the providers, subscriber and payer it stands under."""

    patient_control_number: str
    charge_amount: Decimal
    place_of_service: str | None
    frequency_code: str | None  # CLM05-3: 1 original, 7 replacement, 8 void
    billing_provider: Party
    subscriber: Party  # identifier = member id
    payer: Party
    segment_index: int
    segment_count: int = 1
    patient: Party | None = None  # the dependent, where it is not the subscriber
    patient_born_on: date | None = None
    rendering_provider: Party | None = None
    referring_provider: Party | None = None
    filing_indicator: str | None = None  # SBR09
    payer_responsibility: str | None = None  # SBR01: P, S, T
    payer_claim_control_number: str | None = None  # REF*F8
    prior_authorization: str | None = None  # REF*G1
    claim_identifier: str | None = None  # REF*D9
    diagnoses: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    submitted_on: date | None = None  # BHT04
    lines: list[SubmittedLine] = field(default_factory=list)
    segments: list[str] = field(default_factory=list)  # CLM loop, delimiters normalised to *:^
    parent_segments: list[str] = field(default_factory=list)
    """What the claim stands under, from BHT on: submitter, receiver, billing provider, subscriber, patient.
    With `segments` this is all that a corrected claim needs. A 277CA names the batch by the BHT's third
    element."""
    providers: dict[str, Party] = field(default_factory=dict)  # by `PROVIDER_ROLES`
    submitter: Party | None = None
    receiver: Party | None = None
    pay_to_provider: Party | None = None
    billing_taxonomy: str | None = None  # PRV*BI
    rendering_taxonomy: str | None = None  # PRV*PE
    billing_references: list[tuple[str, str]] = field(default_factory=list)  # EI tax id, 0B licence, ...
    group_number: str | None = None  # SBR03
    relationship: str | None = None  # PAT01, else SBR02: 18 self, 01 spouse, 19 child
    accepts_assignment: str | None = None  # CLM07
    related_causes: tuple[str, ...] = ()  # CLM11: AA automobile, EM employment, OA other accident
    delay_reason: str | None = None  # CLM20
    referral_number: str | None = None  # REF*9F
    dates: list[DatedEvent] = field(default_factory=list)
    references: list[tuple[str, str]] = field(default_factory=list)
    amounts: list[tuple[str, Decimal]] = field(default_factory=list)  # AMT: F5 patient paid
    other_payers: list[OtherPayer] = field(default_factory=list)


@dataclass(slots=True)
class ClaimStatus:
    """One STC composite: category (A1, A2, A3, ...), status code, entity; `effective_on` is STC02.
    `procedure` is set where the status is about one service line, not the claim."""

    category: str
    status: str | None
    entity: str | None
    effective_on: date | None
    action: str | None  # STC03: WQ accepted, U rejected
    charge_amount: Decimal | None
    message: str | None
    segment_index: int
    paid_amount: Decimal | None = None  # STC05, in a 277 only
    procedure: str | None = None
    line_control_number: str | None = None  # REF*FJ


@dataclass(slots=True)
class ClaimAcknowledgement:
    """A claim's answer in a 277CA (005010X214): accepted into adjudication, or rejected and why.

    Also what a 277CA says of a whole file or provider (`level` 20, 21, 19): then there is no patient control
    number, and a rejection means every claim under it. A 277 (005010X212) is read alike."""

    patient_control_number: str | None
    payer_claim_control_number: str | None  # REF*1K
    clearinghouse_trace_number: str | None  # REF*D9
    service_from: date | None
    service_to: date | None
    statuses: list[ClaimStatus]
    segment_index: int
    patient: Party | None = None
    payer: Party | None = None
    level: str | None = None  # HL03: PT, 22 or 23 one claim; 19 provider; 20, 21 the whole file
    trace_number: str | None = None  # TRN02
    batch_reference: str | None = None  # TRN02 of level 21, which repeats BHT03 of our 837P
    provider: Party | None = None  # NM1*85, whose claims are meant at level 19
    references: list[tuple[str, str]] = field(default_factory=list)
    quantities: list[Counted] = field(default_factory=list)  # QTY: 90 or QA accepted, AA or QC rejected
    amounts: list[tuple[str, Decimal]] = field(default_factory=list)  # AMT: YU accepted, YY rejected

    @property
    def about_one_claim(self) -> bool:
        return self.level in CLAIM_LEVELS

    @property
    def accepted(self) -> bool:
        """True when the payer took the claim into adjudication (category A2) and rejected nothing."""
        categories = {s.category for s in self.statuses}
        return "A2" in categories and not categories & REJECTED_CATEGORIES


CLAIM_LEVELS = frozenset({"PT", "22", "23"})

REJECTED_CATEGORIES = frozenset({"A3", "A6", "A7", "A8"})
"""Claim status category codes (source 507) that say the claim did not reach adjudication."""


@dataclass(slots=True)
class SegmentError:
    """An IK3 with its CTX and IK4s: which segment of ours was refused, and why (codes of X12 620, 621)."""

    segment: str
    position: int | None
    error_codes: tuple[str, ...]
    element_errors: list[tuple[str, str, str | None]]  # element position, code, copy of the bad value
    segment_index: int
    loop: str | None = None  # IK303
    claim_number: str | None = None  # CTX*CLM01:number, the claim the segment belongs to
    contexts: list[tuple[str, ...]] = field(default_factory=list)  # any other CTX: its elements


@dataclass(slots=True)
class FunctionalAcknowledgement:
    """One AK2/IK5 of a 999: a transaction set of ours, accepted (A), with errors (E) or rejected (R...).
    A group answered as a whole (AK9 without AK2) has an empty `transaction_type` and `control_number`."""

    transaction_type: str
    control_number: str
    status: str
    segment_index: int
    group_control_number: str | None = None
    errors: list[SegmentError] = field(default_factory=list)
    error_codes: tuple[str, ...] = ()  # IK502 to IK506, or AK905 to AK909 of a whole group
