"""What proofs look up, and what the record knows of a claim beyond the two files that name it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from overturn.domain.authorizations import AuthorizationUse
from overturn.domain.causes.same_day import DayLine
from overturn.domain.deadlines import DeadlineAnswer
from overturn.domain.edit_pairs import EditTables
from overturn.domain.payers import PayerContext
from overturn.domain.therapy_threshold import Bucket, Threshold


@dataclass(frozen=True, slots=True)
class ExpectedPrice:
    """What one unit should be allowed at least, in US dollars, and where that is agreed."""

    unit_amount: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Enrolment:
    """From when to when a payer lists a rendering provider; `reference` is the payer's letter or number."""

    npi: str
    payer_key: str
    effective_from: date
    effective_to: date | None
    reference: str

    def in_force(self, on: date) -> bool:
        """Whether the payer lists the provider on that day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


@dataclass(frozen=True, slots=True)
class CauseTables:
    """`always_therapy` is None for a code that no table knows; `filing_due` answers by when a first claim for
    a day of service must be with the payer; `price` is None where nothing is agreed or published;
    `ask_until` until when a payer still authorises a service, with the source."""

    edits: EditTables
    always_therapy: Callable[[str, date], bool | None]
    threshold: Callable[[Bucket, date], Threshold | None]
    filing_due: Callable[[PayerContext, date], DeadlineAnswer]
    price: Callable[[PayerContext, str, date], ExpectedPrice | None]
    enrolments: Callable[[str, str], tuple[Enrolment, ...]]  # by payer key and NPI
    ask_until: Callable[[str | None, date], tuple[date, str] | None]


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The first 277CA that took the claim into adjudication."""

    accepted_on: date
    number: str | None
    segment_index: int


@dataclass(frozen=True, slots=True)
class EarlierClaim:
    """Another claim of ours for the same member, day and charge: the one a duplicate would repeat.
    `settled_amount` is what was paid of it or left to the patient, in US dollars."""

    patient_control_number: str
    answered: bool
    settled_amount: Decimal


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """Facts of the record about one claim. `allowed_before` has dollars of the year up to the claim's day
    by bucket, this claim left out; `earlier` is None where nobody looked. `beside` has the patient's lines of
    the same days on our other claims; `authorizations` are the patient's, each with what other claims took of
    it."""

    acceptance: Acceptance | None = None
    allowed_before: Mapping[Bucket, Decimal] = field(default_factory=dict)
    earlier: tuple[EarlierClaim, ...] | None = None
    beside: tuple[DayLine, ...] = ()
    authorizations: tuple[AuthorizationUse, ...] = ()


NO_RECORD = ClaimRecord()
