"""A generated claim for letters, with every fact known and with hardly any."""

from datetime import date
from decimal import Decimal

from overturn.domain.appeals import MEDICARE, DenialCode, LetterFacts, LetterLine

LETTER_ON = date(2024, 9, 3)

FULL = LetterFacts(
    letter_on=LETTER_ON,
    payer_scope=MEDICARE,
    denied_amount=Decimal("1164.50"),
    lines=(
        LetterLine(
            procedure="97110",
            modifiers=("GP", "59"),
            service_on=date(2024, 7, 9),
            units=Decimal(2),
            charge_amount=Decimal("1120.00"),
            paid_amount=Decimal("0.00"),
            denied_amount=Decimal("1120.00"),
            denial_codes=(
                DenialCode(code="CO-50", label="Not deemed medically necessary"),
                DenialCode(code="N115", label="Decided under a local coverage determination"),
            ),
        ),
        LetterLine(
            procedure="97140",
            modifiers=("GP",),
            service_on=date(2024, 7, 9),
            units=Decimal(1),
            charge_amount=Decimal("65.00"),
            paid_amount=Decimal("20.50"),
            denied_amount=Decimal("44.50"),
            denial_codes=(DenialCode(code="CO-50", label="Not deemed medically necessary"),),
        ),
    ),
    practice_name="Harbor Lane Physical Therapy",
    practice_npi="1999999984",
    practice_address=("12 Harbor Lane, Suite 4", "Springfield, OH 45501"),
    practice_phone="(555) 010-0142",
    signer_name="Robin Vale",
    signer_title="Billing Manager",
    payer_name="Example Medicare Contractor",
    payer_address=("Appeals Department", "P.O. Box 1000", "Columbus, OH 43004"),
    patient_name="Avery Quill",
    patient_born_on=date(1951, 2, 14),
    member_id="1EG4TE5MK73",
    diagnosis_codes=("M54.50", "R26.89"),
    patient_control_number="HL-20240709-017",
    payer_claim_control_number="2024199000417",
    service_from=date(2024, 7, 9),
    service_to=date(2024, 7, 9),
    remittance_on=date(2024, 8, 1),
    trace_number="EFT0004417",
    level_name="Redetermination",
    due_on=date(2024, 12, 4),
    rule_source="42 CFR 405.942(a)",
    explanation="The record and the claim agree on every date, code and unit.",
    evidence=(
        "Claim acknowledged as accepted on July 11, 2024",
        "Claim submitted with modifier GP on each line",
    ),
    rendering_name="Jordan Reyes, PT, DPT",
    rendering_npi="1888888873",
    enrolment_effective_on=date(2024, 6, 1),
    enrolment_reference="ENR-55120",
    plan_of_care_on=date(2024, 6, 24),
    plan_of_care_certified_on=date(2024, 6, 27),
    certifying_name="Morgan Lindqvist, MD",
    skilled_need="Gait was unsafe on stairs, and a therapist had to set each session's load.",
    functional_progress="The timed up and go test fell from 21 to 13 seconds.",
    separate_service_reason="Exercise took 24 minutes and manual therapy 15 minutes more.",
    edit_finding="The edit table effective July 1, 2024 holds no active edit between 97110 and 97140.",
    authorization_number="A-778210",
    authorized_from=date(2024, 6, 24),
    authorized_to=date(2024, 9, 22),
    authorization_reason="The visit was the fourth of the twelve authorized.",
    accepted_on=date(2024, 7, 11),
    acceptance_number="20240711-88231",
)

MINIMAL = LetterFacts(
    letter_on=LETTER_ON,
    payer_scope="ANY",
    denied_amount=Decimal("65.00"),
    lines=(
        LetterLine(
            procedure="97140",
            charge_amount=Decimal("65.00"),
            paid_amount=Decimal("0.00"),
            denied_amount=Decimal("65.00"),
        ),
    ),
)

REOPENING = FULL.model_copy(
    update={
        "level_name": "Clerical error reopening",
        "due_on": None,
        "rule_source": "42 CFR 405.980",
    }
)


def full_facts(letter: str) -> LetterFacts:
    return REOPENING if letter == "kx_reopening" else FULL
