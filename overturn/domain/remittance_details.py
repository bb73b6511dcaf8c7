"""What few remittances carry beside claims, lines and adjustments: contacts, counts, hospital figures.

Apart from `overturn.domain.remittance`, whose values a reader builds by the million. Elements that a file
leaves out are None; money is `Decimal` in US dollars. Element numbers are those of 005010X221A1."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple


class Contact(NamedTuple):
    """A PER segment: whom to ask. `numbers` pairs a kind (TE telephone, EX extension, FX fax, EM e-mail, UR
    web page) with the number."""

    function: str  # PER01: CX customer service, BL technical, IC information
    name: str | None
    numbers: tuple[tuple[str, str], ...]


class Counted(NamedTuple):
    """A QTY segment: days, visits or units, by qualifier (CA covered, CD co-insured, ...)."""

    qualifier: str
    quantity: Decimal | None


class OutpatientAdjudication(NamedTuple):
    """The figures of an MOA segment; its remark codes are the claim's `remarks`."""

    reimbursement_rate: Decimal | None  # MOA01, a fraction of 1
    payable_amount: Decimal | None  # MOA02, by procedure codes
    renal_payment_amount: Decimal | None  # MOA08
    nonpayable_professional_amount: Decimal | None  # MOA09


class InpatientAdjudication(NamedTuple):
    """The figures of an MIA segment; its remark codes are the claim's `remarks`."""

    covered_days: Decimal | None  # MIA01
    operating_outlier_amount: Decimal | None  # MIA02
    lifetime_psychiatric_days: Decimal | None  # MIA03
    group_amount: Decimal | None  # MIA04, of the diagnosis related group
    disproportionate_share_amount: Decimal | None  # MIA06
    secondary_pass_through_amount: Decimal | None  # MIA07
    capital_amount: Decimal | None  # MIA08
    capital_federal_amount: Decimal | None  # MIA09
    capital_hospital_amount: Decimal | None  # MIA10
    capital_share_amount: Decimal | None  # MIA11
    old_capital_amount: Decimal | None  # MIA12
    capital_teaching_amount: Decimal | None  # MIA13
    operating_hospital_amount: Decimal | None  # MIA14
    cost_report_days: Decimal | None  # MIA15
    operating_federal_amount: Decimal | None  # MIA16
    capital_outlier_amount: Decimal | None  # MIA17
    teaching_amount: Decimal | None  # MIA18
    nonpayable_professional_amount: Decimal | None  # MIA19
    capital_exception_amount: Decimal | None  # MIA24


@dataclass(slots=True)
class LineDetails:
    """What few service lines have."""

    revenue_code: str | None = None  # SVC04
    submitted_units: Decimal | None = None  # SVC07, where they differ from the units paid for
    amounts: list[tuple[str, Decimal]] = field(default_factory=list)  # AMT but B6: qualifier, amount
    quantities: list[Counted] = field(default_factory=list)
    reject_codes: list[str] = field(default_factory=list)  # LQ*RX, of a pharmacy


@dataclass(slots=True)
class ClaimDetails:
    """What few claims have."""

    coverage_expires_on: date | None = None  # DTM*036
    diagnosis_group: str | None = None  # CLP11, the diagnosis related group a hospital is paid by
    diagnosis_group_weight: Decimal | None = None  # CLP12
    discharge_fraction: Decimal | None = None  # CLP13
    inpatient: InpatientAdjudication | None = None
    outpatient: OutpatientAdjudication | None = None
    quantities: list[Counted] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    reject_codes: list[str] = field(default_factory=list)  # LQ*RX, of a pharmacy


class NumberedFigure(NamedTuple):
    """One amount or count of a summary segment, by the number of its element (TS313 -> 13)."""

    element: int
    figure: Decimal


class ProviderSummary(NamedTuple):
    """A TS3: the payer's own totals of the claims that follow it up to the next LX, with the TS2 under it."""

    number: str | None  # LX01
    provider_id: str | None  # TS301
    facility_type: str | None  # TS302
    fiscal_on: date | None  # TS303, the last day of the provider's fiscal year
    claim_count: Decimal | None  # TS304
    charge_amount: Decimal | None  # TS305
    figures: tuple[NumberedFigure, ...]  # TS306 to TS324, what is there
    inpatient_figures: tuple[NumberedFigure, ...]  # TS201 to TS219, what is there
    segment_index: int
