"""Visits and what was billed for them, with the fault in the claim that its denial will name."""

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from random import Random
from typing import Final

from overturn.synthetic.fees import EVALUATIONS, FEES, MODALITIES, TREATMENTS, ZERO, to_cents
from overturn.synthetic.patients import Patient, make_patients
from overturn.synthetic.practice import (
    CERTIFIERS,
    LOCATIONS,
    THERAPISTS,
    Certifier,
    Location,
    Payer,
    Therapist,
)
from overturn.synthetic.scenarios import Plan, Scenario

DIAGNOSES: Final = (("M25561", "M6281"), ("M5450",), ("M25511", "M6281"), ("M1711",), ("S93401D",))
SATURDAY: Final = 5
EARLY_DAYS: Final = 3
TRIES: Final = 1_000
EVALUATION_SHARE: Final = 0.1
MODALITY_SHARE: Final = 0.2
ASSISTANT_SHARE: Final = 0.08
DAYS_TOO_LATE: Final = 430
DAYS_TO_REBILL: Final = 7
DISCIPLINE_MODIFIERS: Final = {"PT": "GP", "OT": "GO"}
BUNDLED_PAIR: Final = ("97150", "97110", "97035")
"""An active NCCI pair with indicator 1 (97110 is its column 2), and a modality beside it."""

BUNDLED_LINE: Final = 2

AUTHORIZATION_ABSENT: Final = frozenset({"authorization_missing", "authorization_number_missing"})


@dataclass(frozen=True, slots=True)
class BilledLine:
    """One service line as the practice bills it; amounts are for all units together, in dollars."""

    number: int
    procedure: str
    modifiers: tuple[str, ...]
    units: int
    charge: Decimal
    allowed: Decimal
    multiple_procedure_cut: Decimal  # per unit

    @property
    def by_assistant(self) -> bool:
        return "CQ" in self.modifiers


@dataclass(frozen=True, slots=True)
class Visit:
    """One patient's visit on one day, rendered by one therapist."""

    patient: Patient
    therapist: Therapist
    certifier: Certifier
    location: Location
    service_on: date
    diagnoses: tuple[str, ...]
    authorization: str | None
    lines: tuple[BilledLine, ...]
    note: str | None = None
    secondary: Payer | None = None

    @property
    def payer(self) -> Payer:
        return self.patient.payer

    @property
    def charge(self) -> Decimal:
        return sum((line.charge for line in self.lines), ZERO)


@dataclass(frozen=True, slots=True)
class Draft:
    """A planned claim with its visit, before it has a number."""

    plan: Plan
    visit: Visit
    submitted_on: date


def make_drafts(rng: Random, plans: Iterable[Plan], month: date) -> list[Draft]:
    """One draft for every plan, in the order of submission; `month` is the first of the month."""
    scheduler = Scheduler(rng, weekdays(month), make_patients(rng, len(plans := list(plans))))
    first = [scheduler.draft(plan) for plan in plans if plan.cause != "duplicate_claim"]
    paid = [d for d in first if d.plan.scenario is Scenario.PAID]
    again = [_billed_again(rng.choice(paid), plan) for plan in plans if plan.cause == "duplicate_claim"]
    return sorted(first + again, key=lambda draft: draft.submitted_on)


def _billed_again(draft: Draft, plan: Plan) -> Draft:
    """The same visit billed a second time, a week later: what a duplicate denial is about."""
    late = next_weekday(draft.submitted_on + timedelta(days=DAYS_TO_REBILL))
    return Draft(replace(plan, payer=draft.visit.payer), draft.visit, late)


def next_weekday(day: date) -> date:
    """The day itself, or the Monday after it when it falls on a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= SATURDAY else 0)


def weekdays(month: date) -> list[date]:
    last = calendar.monthrange(month.year, month.month)[1]
    days = [month.replace(day=number) for number in range(1, last + 1)]
    return [day for day in days if day.weekday() < SATURDAY]


@dataclass(slots=True)
class Scheduler:
    """Finds a patient, a day and a therapist for every plan; nobody comes twice on one day."""

    rng: Random
    days: list[date]
    patients: dict[str, list[Patient]]
    taken: set[tuple[str, date]] = field(default_factory=set)

    def draft(self, plan: Plan) -> Draft:
        patient, seen_on = self._patient_and_day(plan)
        visit = self._visit(plan, patient, seen_on)
        submitted_on = next_weekday(seen_on + timedelta(days=1))
        if plan.cause == "filing_limit_missed":
            visit = replace(visit, service_on=next_weekday(seen_on - timedelta(days=DAYS_TOO_LATE)))
        return Draft(plan, visit, submitted_on)

    def _patient_and_day(self, plan: Plan) -> tuple[Patient, date]:
        """By chance; where a small practice's days are nearly full, the first that is free."""
        days = self.days[:EARLY_DAYS] if plan.early else self.days
        candidates = self.patients[plan.payer.key]
        by_chance = ((self.rng.choice(candidates), self.rng.choice(days)) for _ in range(TRIES))
        in_order = ((patient, day) for day in self.days for patient in candidates)
        for patient, day in chain(by_chance, in_order):
            if _suits(plan, patient) and (patient.member_id, day) not in self.taken:
                self.taken.add((patient.member_id, day))
                return patient, day
        raise ValueError(f"no patient of {plan.payer.name} has a free day left for {plan.cause or 'a visit'}")

    def _visit(self, plan: Plan, patient: Patient, seen_on: date) -> Visit:
        authorization = f"AUTH{self.rng.randrange(10**6):06d}" if not patient.payer.is_medicare else None
        return Visit(
            patient=patient,
            therapist=self._therapist(plan, patient),
            certifier=self.rng.choice(CERTIFIERS),
            location=self.rng.choice(LOCATIONS),
            service_on=seen_on,
            diagnoses=self.rng.choice(DIAGNOSES),
            authorization=None if plan.cause in AUTHORIZATION_ABSENT else authorization,
            lines=tuple(self._lines(plan, patient)),
        )

    def _therapist(self, plan: Plan, patient: Patient) -> Therapist:
        """Who renders; the therapist not yet enrolled with a payer renders only what it will deny."""
        rendering = [t for t in THERAPISTS if t.discipline == patient.discipline and not t.is_assistant]
        waits = plan.cause == "rendering_npi_not_enrolled"
        return self.rng.choice(
            [t for t in rendering if (t.awaits_enrolment_with == patient.payer.key) is waits]
        )

    def _lines(self, plan: Plan, patient: Patient) -> Iterator[BilledLine]:
        procedures = BUNDLED_PAIR if plan.category == "bundling" else self._procedures(patient.discipline)
        evaluates = procedures[0] in EVALUATIONS[patient.discipline]
        assisted = (
            patient.payer.is_medicare
            and patient.discipline == "PT"
            and not (evaluates or plan.reasons)
            and self.rng.random() < ASSISTANT_SHARE
        )
        modifiers = _modifiers(plan, patient, assisted=assisted)
        for number, procedure in enumerate(procedures, start=1):
            one_unit = procedure not in TREATMENTS[patient.discipline] or plan.category == "bundling"
            units = 1 if one_unit else self.rng.choice((1, 1, 2))
            yield billed_line(number, procedure, modifiers, units, patient.payer)

    def _procedures(self, discipline: str) -> tuple[str, ...]:
        if self.rng.random() < EVALUATION_SHARE:
            return (self.rng.choice(EVALUATIONS[discipline]), *self.rng.sample(TREATMENTS[discipline], 2))
        treatments = self.rng.sample(TREATMENTS[discipline], self.rng.choice((2, 3, 3)))
        modality = (self.rng.choice(MODALITIES),) if self.rng.random() < MODALITY_SHARE else ()
        return (*treatments, *modality)


def _suits(plan: Plan, patient: Patient) -> bool:
    if plan.cause == "missing_kx":
        return patient.above_threshold
    return patient.discipline == "PT" if plan.cause == "rendering_npi_not_enrolled" else True


def _modifiers(plan: Plan, patient: Patient, *, assisted: bool) -> tuple[str, ...]:
    if plan.cause == "missing_therapy_modifier":
        return ()
    right = DISCIPLINE_MODIFIERS[patient.discipline]
    wrong = DISCIPLINE_MODIFIERS["OT" if patient.discipline == "PT" else "PT"]
    therapy = wrong if plan.cause == "wrong_therapy_modifier" else right
    above = ("KX",) if patient.above_threshold and plan.cause != "missing_kx" else ()
    return (therapy, *above, *(("CQ",) if assisted else ()))


def billed_line(
    number: int, procedure: str, modifiers: tuple[str, ...], units: int, payer: Payer
) -> BilledLine:
    fee = FEES[procedure]
    return BilledLine(
        number=number,
        procedure=procedure,
        modifiers=modifiers,
        units=units,
        charge=fee.charge * units,
        allowed=to_cents(fee.allowed * payer.fee_factor) * units,
        multiple_procedure_cut=to_cents(fee.multiple_procedure_cut * payer.fee_factor),
    )
