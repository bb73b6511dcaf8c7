"""The closed vocabularies of denial work, and what we know about each X12 code in our own words."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Category(StrEnum):
    """Why money is missing. The last two are not denials and never reach a work queue."""

    DOCUMENTATION = "documentation"
    MODIFIER_KX = "modifier_kx"
    CREDENTIALING_NPI = "credentialing_npi"
    BUNDLING = "bundling"
    AUTHORIZATION = "authorization"
    ELIGIBILITY_COVERAGE = "eligibility_coverage"
    COORDINATION_OF_BENEFITS = "coordination_of_benefits"
    MEDICAL_NECESSITY = "medical_necessity"
    TIMELY_FILING = "timely_filing"
    DUPLICATE = "duplicate"
    CODING = "coding"
    OTHER = "other"
    CONTRACTUAL = "contractual"
    PATIENT_RESPONSIBILITY = "patient_responsibility"


NOT_DENIALS = frozenset({Category.CONTRACTUAL, Category.PATIENT_RESPONSIBILITY})


class Action(StrEnum):
    """The next step that can turn a denial into money, or close it."""

    CORRECTED_CLAIM = "corrected_claim"
    NEW_CLAIM = "new_claim"
    REOPENING = "reopening"
    APPEAL = "appeal"
    SEND_RECORDS = "send_records"
    BILL_PATIENT = "bill_patient"
    BILL_OTHER_PAYER = "bill_other_payer"
    CALL_PAYER = "call_payer"
    ENROL_THEN_RESUBMIT = "enrol_then_resubmit"
    WRITE_OFF = "write_off"
    NONE = "none"


class Answer(StrEnum):
    """Yes, no, or it depends on facts the remittance does not carry."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


class PayerScope(StrEnum):
    """Whose rules apply: traditional Medicare (Part A or B contractor), or any other payer."""

    MEDICARE = "MEDICARE"
    ANY = "ANY"


class Confidence(StrEnum):
    """How sure a classification is: its source says so, it rests on judgement, or a person has to look."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class RemarkKind(StrEnum):
    """X12 divides remark codes: a supplemental one explains an adjustment, an alert only informs."""

    SUPPLEMENTAL = "supplemental"
    ALERT = "alert"


class Drives(StrEnum):
    """Whether a remark may decide the category: always, never, or only when no other remark does."""

    YES = "yes"
    NO = "no"
    ALONE = "alone"


class Denies(StrEnum):
    """Whether money under a group code may be a denial: also by unknown reasons, by rules only, never."""

    UNKNOWN_TOO = "unknown_too"
    BY_RULE = "by_rule"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """A CARC in our words, which are empty where no row is about it. An umbrella CARC says nothing until a
    remark explains it; from `stop_on` on nobody may send it any more."""

    code: str
    label: str
    umbrella: bool
    stop_on: date | None = None


@dataclass(frozen=True, slots=True)
class RemarkCode:
    """A RARC; `label` is empty where we have no wording of our own, and the bare code is shown."""

    code: str
    kind: RemarkKind
    drives: Drives
    label: str
    stop_on: date | None = None


@dataclass(frozen=True, slots=True)
class GroupCode:
    """Who owes an adjusted amount (CAS01) that is no denial, and whether it can be one."""

    code: str
    label: str
    bucket: Category
    denies: Denies


@dataclass(frozen=True, slots=True)
class ProviderAdjustmentCode:
    """A PLB reason: money moved outside any claim, with what its sign means."""

    code: str
    label: str
    sign: str


@dataclass(frozen=True, slots=True)
class Cause:
    """The finer reason of a denial and how a biller would say it."""

    key: str
    label: str


def format_dollars(amount: Decimal) -> str:
    """US dollars as a biller writes them: 1240 -> $1,240.00, -5 -> -$5.00."""
    sign = "-" if amount < 0 else ""
    return f"{sign}${abs(amount):,.2f}"


def format_stake(denied_amount: Decimal, unpriced_amount: Decimal) -> str:
    """Denied US dollars, where some denials have no price: `$80.00, and at most $55.40 more`."""
    if not unpriced_amount:
        return format_dollars(denied_amount)
    at_most = f"at most {format_dollars(unpriced_amount)}"
    return f"{format_dollars(denied_amount)}, and {at_most} more" if denied_amount else at_most
