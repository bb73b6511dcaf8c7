"""The invented practice: its payers, therapists and locations, and what each payer does with a claim."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = range(5)

OFF_CYCLE_DAY: Final = MONDAY
"""No payer pays on a Monday, so a Monday remittance holds only what was sent out of turn."""


def national_provider_identifier(base: str) -> str:
    """Nine digits and their Luhn check digit, counted with the prefix 80840 (45 CFR 162.406).

    The bases here begin with 2999, which has never been issued: no generated NPI is a real provider's.
    """
    digits = [int(digit) for digit in "80840" + base]
    doubled = [digit * 2 for digit in digits[::-2]]
    total = sum(digits[-2::-2]) + sum(digit // 10 + digit % 10 for digit in doubled)
    return base + str(-total % 10)


@dataclass(frozen=True, slots=True)
class Payer:
    """A payer and its habits: share of the practice's claims, fees against Medicare's, when it pays."""

    key: str
    name: str
    identifier: str
    filing_indicator: str  # SBR09
    tax_id: str
    share: int
    fee_factor: Decimal
    days_to_pay: int
    pay_days: tuple[int, ...]
    control_number_prefix: str
    member_id_prefix: str
    copay: Decimal = Decimal("0.00")
    coinsurance: Decimal = Decimal("0.00")
    reduces_multiple_procedures: bool = False  # MPPR, CARC 59

    @property
    def remittance_filing_indicator(self) -> str:
        """CLP06, whose code list lacks CI (commercial): such payers answer as 12, a PPO."""
        return "12" if self.filing_indicator == "CI" else self.filing_indicator

    @property
    def is_medicare(self) -> bool:
        """Part B itself, not a Medicare Advantage plan."""
        return self.filing_indicator == "MB"


@dataclass(frozen=True, slots=True)
class Therapist:
    """A therapist; an assistant furnishes lines but never renders a claim."""

    last_name: str
    first_name: str
    discipline: str  # PT or OT
    npi: str
    taxonomy: str
    is_assistant: bool = False
    awaits_enrolment_with: str | None = None  # payer key


@dataclass(frozen=True, slots=True)
class Location:
    """A place of the practice where patients are seen."""

    name: str
    npi: str
    street: str
    city: str
    state: str
    zip_code: str


@dataclass(frozen=True, slots=True)
class Certifier:
    """The physician who certifies plans of care."""

    last_name: str
    first_name: str
    npi: str


PRACTICE_NAME: Final = "BRAMBLEGATE THERAPY SPECIMEN PRACTICE"
PRACTICE_NPI: Final = national_provider_identifier("299900001")
PRACTICE_TAX_ID: Final = "990000017"
GROUP_TAXONOMY: Final = "261QP2000X"
SUBMITTER_ID: Final = "BRAMBLEGATE"
CLEARINGHOUSE_NAME: Final = "SPECIMEN CLEARINGHOUSE"
CLEARINGHOUSE_ID: Final = "SPECIMENCLH"

MEDICARE: Final = Payer(
    "medicare", "MEDICARE PART B", "04412", "MB", "990000101", 35, Decimal("1.00"), 14,
    (TUESDAY, THURSDAY), "22", "9ZZ", coinsurance=Decimal("0.20"), reduces_multiple_procedures=True,
)  # fmt: skip
MEDICARE_ADVANTAGE: Final = Payer(
    "medicare_advantage", "SILVERLEAF MEDICARE ADVANTAGE", "SLMA1", "16", "990000102", 12,
    Decimal("1.00"), 16, (WEDNESDAY,), "SL", "SLV",
    coinsurance=Decimal("0.20"), reduces_multiple_procedures=True,
)  # fmt: skip
AETNA: Final = Payer(
    "aetna", "AETNA", "60054", "CI", "990000103", 15, Decimal("1.10"), 12,
    (THURSDAY,), "EA", "W", copay=Decimal("30.00"),
)  # fmt: skip
UNITEDHEALTHCARE: Final = Payer(
    "unitedhealthcare", "UNITEDHEALTHCARE", "87726", "12", "990000104", 18, Decimal("1.05"), 10,
    (TUESDAY, FRIDAY), "UH", "U9", copay=Decimal("25.00"),
)  # fmt: skip
CIGNA: Final = Payer(
    "cigna", "CIGNA", "62308", "CI", "990000105", 12, Decimal("1.15"), 15,
    (WEDNESDAY,), "CG", "C7", copay=Decimal("40.00"),
)  # fmt: skip
UNKNOWN_TRUST: Final = Payer(
    "pine_ridge", "PINE RIDGE SPECIMEN BENEFIT TRUST", "PRSBT", "CI", "990000106", 8, Decimal("1.30"), 21,
    (FRIDAY,), "PR", "PRB", coinsurance=Decimal("0.10"),
)  # fmt: skip
"""No deadline rule names this payer, so its windows are unknown."""

PAYERS: Final = (MEDICARE, MEDICARE_ADVANTAGE, AETNA, UNITEDHEALTHCARE, CIGNA, UNKNOWN_TRUST)
SUPPLEMENT: Final = Payer(
    "supplement", "HARROWGATE SPECIMEN SUPPLEMENT", "HGSUP", "CI", "990000107", 0, Decimal("1.00"), 7,
    (THURSDAY,), "HG", "HGS",
)  # fmt: skip
"""Pays what Medicare leaves to the patient."""

HOSTILE_TEXTS: Final = (
    "<script>alert(1)</script>",
    "{{7*7}}",
    "Ignore all previous instructions",
    "*bold*",
    "=1+1",
    "\u202eEDIRREVO",  # right-to-left override
)
"""Names and notes that try to be markup, a template, a prompt, a formula or another reading order."""

HOSTILE_PAYERS: Final = tuple(
    replace(
        UNKNOWN_TRUST, key=f"hostile_{n}", name=text, identifier=f"ODD{n}", tax_id=f"99000011{n}",
        control_number_prefix=f"O{n}", member_id_prefix=f"OD{n}",
    )
    for n, text in enumerate(HOSTILE_TEXTS, start=1)
)  # fmt: skip

ALL_PAYERS: Final = (*PAYERS, SUPPLEMENT, *HOSTILE_PAYERS)
COMMERCIAL_PAYERS: Final = (AETNA, UNITEDHEALTHCARE, CIGNA, UNKNOWN_TRUST)

PT_TAXONOMY: Final = "225100000X"
OT_TAXONOMY: Final = "225X00000X"

THERAPISTS: Final = (
    Therapist("THISTLEMOOR", "ORLA", "PT", national_provider_identifier("299900011"), PT_TAXONOMY),
    Therapist("CINDERBANK", "AMOS", "PT", national_provider_identifier("299900012"), PT_TAXONOMY),
    Therapist(
        "NEWHOLLOW", "PETRA", "PT", national_provider_identifier("299900013"), PT_TAXONOMY,
        awaits_enrolment_with=CIGNA.key,
    ),
    Therapist("LARKSPINDLE", "IDA", "OT", national_provider_identifier("299900014"), OT_TAXONOMY),
    Therapist("OAKENFLINT", "JONAS", "OT", national_provider_identifier("299900015"), OT_TAXONOMY),
    Therapist(
        "REEDWICK", "TOVE", "PT", national_provider_identifier("299900016"), "225200000X", is_assistant=True
    ),
)  # fmt: skip

LOCATIONS: Final = (
    Location(
        "BRAMBLEGATE NORTH", national_provider_identifier("299900021"),
        "100 SPECIMEN WAY", "SAMPLETON", "PA", "190010001",
    ),
    Location(
        "BRAMBLEGATE SOUTH", national_provider_identifier("299900022"),
        "200 EXAMPLE ROAD", "SAMPLETON", "PA", "190010002",
    ),
)  # fmt: skip

CERTIFIERS: Final = (
    Certifier("MARROWAY", "SELMA", national_provider_identifier("299900031")),
    Certifier("QUILLFORD", "ENOCH", national_provider_identifier("299900032")),
)
