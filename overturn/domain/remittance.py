"""The remittance advice (X12 835) as typed values: what the payer paid, adjusted and said why.

Plain slotted dataclasses, not frozen and not pydantic: the reader builds some fifty of them a claim and
must stay near twice the cost of splitting the bytes. Nobody changes them after the reader is done. The form
`@dataclass(slots=True)` is what `overturn/compiled/build.py` knows to compile.

`segment_index` counts segments of the *file* from 1 (the ISA), so that evidence can be found again with
any tool; `element` is the X12 element number within the segment (CLP04 -> 4). Money is `Decimal` in US
dollars; a value the file leaves out is None, never zero.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from overturn.domain.remittance_details import ClaimDetails, Contact, LineDetails, ProviderSummary

ZERO: Final = Decimal("0.00")

REVERSAL_STATUS: Final = "22"
"""CLP02 of a reversal of an earlier payment; the correction comes in its own CLP."""


@dataclass(slots=True)
class Adjustment:
    """One reason, amount and quantity triplet of a CAS segment."""

    group: str
    reason: str
    amount: Decimal
    quantity: Decimal | None
    segment_index: int
    element: int  # number of the reason's element: 2, 5, 8, 11, 14 or 17


@dataclass(slots=True)
class Remark:
    """A remittance advice remark code (RARC), from LQ, MOA or MIA."""

    code: str
    segment_index: int
    element: int


@dataclass(slots=True)
class Reference:
    """A REF segment: qualifier (1W, 6R, EA, ...) and value."""

    qualifier: str
    value: str
    segment_index: int


@dataclass(slots=True)
class Party:
    """A payer, payee, patient or provider: N1 or NM1. `identifier` is an NPI, member or payer id; `address`
    is lines from top to bottom, read where a letter needs them."""

    name: str | None = None
    identifier: str | None = None
    identifier_qualifier: str | None = None
    first_name: str | None = None
    address: tuple[str, ...] = ()
    phone: str | None = None

    @property
    def full_name(self) -> str | None:
        """First and last name as a person writes them."""
        return " ".join(part for part in (self.first_name, self.name) if part) or None


@dataclass(slots=True)
class ServiceLine:
    """One SVC with what belongs to it. `procedure` is what the payer adjudicated (SVC01);
    `submitted_procedure` (SVC06) is there when that differs from what was billed."""

    line_number: int  # 1-based within the claim
    procedure: str | None
    modifiers: tuple[str, ...]
    charge_amount: Decimal
    paid_amount: Decimal
    units: Decimal | None
    submitted_procedure: str | None
    submitted_modifiers: tuple[str, ...]
    segment_index: int
    service_on: date | None = None
    service_to: date | None = None
    control_number: str | None = None  # REF*6R, the submitted line's own number
    rendering_npi: str | None = None
    allowed_amount: Decimal | None = None  # AMT*B6
    adjustments: list[Adjustment] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    details: LineDetails | None = None  # what few lines have

    @property
    def adjusted_amount(self) -> Decimal:
        return sum((a.amount for a in self.adjustments), ZERO)

    @property
    def imbalance_amount(self) -> Decimal:
        """SVC02 - sum(line CAS) - SVC03; zero when the line balances (005010X221A1 section 1.10.2.1.1)."""
        return self.charge_amount - self.adjusted_amount - self.paid_amount


@dataclass(slots=True)
class ClaimPayment:
    """One CLP loop: the payer's answer to one claim."""

    patient_control_number: str | None
    status_code: str
    charge_amount: Decimal
    paid_amount: Decimal
    patient_responsibility_amount: Decimal | None
    filing_indicator: str | None  # CLP06: MB Medicare B, 16 or MA-HMO, CI commercial, MC Medicaid, ...
    payer_claim_control_number: str | None
    place_of_service: str | None  # CLP08
    frequency_code: str | None  # CLP09
    segment_index: int  # of the CLP
    segment_count: int = 1  # CLP up to, not including, the next claim, LX, PLB or SE
    patient: Party | None = None
    subscriber: Party | None = None
    corrected_patient: Party | None = None
    rendering_provider: Party | None = None
    crossover_carrier: Party | None = None
    corrected_priority_payer: Party | None = None
    service_from: date | None = None  # DTM*232
    service_to: date | None = None  # DTM*233
    received_on: date | None = None  # DTM*050
    adjustments: list[Adjustment] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    amounts: list[tuple[str, Decimal]] = field(default_factory=list)  # AMT qualifier, amount
    service_lines: list[ServiceLine] = field(default_factory=list)
    segments: list[str] = field(default_factory=list)  # the loop's raw segments, delimiters normalised to *:^
    other_subscriber: Party | None = None
    details: ClaimDetails | None = None  # what few claims have

    @property
    def is_reversal(self) -> bool:
        return self.status_code == REVERSAL_STATUS

    @property
    def member_identifier(self) -> str | None:
        """The subscriber's id, else the patient's."""
        patient = self.patient or Party()
        return (self.subscriber or patient).identifier or patient.identifier

    @property
    def adjusted_amount(self) -> Decimal:
        return sum((a.amount for a in self.all_adjustments()), ZERO)

    @property
    def imbalance_amount(self) -> Decimal:
        """CLP03 - sum(CAS at claim and line) - CLP04; zero when the claim balances."""
        return self.charge_amount - self.adjusted_amount - self.paid_amount

    def all_adjustments(self) -> Iterator[Adjustment]:
        yield from self.adjustments
        for line in self.service_lines:
            yield from line.adjustments


@dataclass(slots=True)
class ProviderAdjustment:
    """One PLB pair: money moved outside any claim. Positive takes money away from the payment."""

    reason: str
    reference: str | None
    amount: Decimal
    provider_id: str | None
    fiscal_on: date | None
    segment_index: int


@dataclass(slots=True)
class Balance:
    """BPR02 = sum(CLP04) - sum(PLB amounts), and what is missing from it."""

    payment_amount: Decimal
    claims_paid: Decimal
    provider_adjustments: Decimal

    @property
    def difference(self) -> Decimal:
        return self.payment_amount - (self.claims_paid - self.provider_adjustments)

    @property
    def balanced(self) -> bool:
        return self.difference == 0


@dataclass(slots=True)
class Remittance:
    """One 835 transaction set (ST to SE): one payment by one payer to one payee."""

    control_number: str  # ST02
    interchange_control_number: str  # ISA13
    payment_amount: Decimal
    payment_method: str | None  # BPR04
    payment_on: date | None  # BPR16
    trace_number: str | None  # TRN02
    payer: Party
    payee: Party
    segment_index: int  # of the ST
    production_on: date | None = None  # DTM*405
    payer_identifier: str | None = None  # TRN03, REF*2U or N104: the steadiest id of the payer
    claims: list[ClaimPayment] = field(default_factory=list)
    provider_adjustments: list[ProviderAdjustment] = field(default_factory=list)
    handling: str | None = None  # BPR01: I with the payment, H notice only, C or D payment goes with it, ...
    credit_or_debit: str | None = None  # BPR03
    currency: str | None = None  # CUR02; None means US dollars
    references: list[Reference] = field(default_factory=list)  # REF before the payer's N1
    payer_references: list[Reference] = field(default_factory=list)
    payee_references: list[Reference] = field(default_factory=list)
    payer_contacts: list[Contact] = field(default_factory=list)
    summaries: list[ProviderSummary] = field(default_factory=list)

    @property
    def balance(self) -> Balance:
        return Balance(
            payment_amount=self.payment_amount,
            claims_paid=sum_amounts(c.paid_amount for c in self.claims),
            provider_adjustments=sum_amounts(p.amount for p in self.provider_adjustments),
        )


def sum_amounts(amounts: Iterable[Decimal]) -> Decimal:
    """Add money; the empty sum is 0.00."""
    return sum(amounts, ZERO)
