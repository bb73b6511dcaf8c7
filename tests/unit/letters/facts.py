"""Generated claims for letters: two with every fact known, and one with hardly any."""

from datetime import date
from decimal import Decimal

from overturn.domain.appeals import GIVEN, MEDICARE, DenialCode, LetterFacts, LetterLine
from overturn.letters import Draft, draft_letter
from overturn.paths import RULES
from overturn.rulebook.citations import load_citations

LETTER_ON = date(2024, 9, 3)
SOURCES = dict.fromkeys(LetterFacts.model_fields.keys() - GIVEN, "generated claim")
CITATIONS = load_citations(RULES)

FULL = LetterFacts(
    letter_on=LETTER_ON,
    payer_scope=MEDICARE,
    denied_amount=Decimal("1164.50"),
    sources=SOURCES,
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
    separate_service_lines=("line 1, 97110, with modifier 59",),
    edit_finding="The edit table effective July 1, 2024 holds no active edit between 97110 and 97140.",
    authorization_number="A-778210",
    authorized_from=date(2024, 6, 24),
    authorized_to=date(2024, 9, 22),
    authorization_reason="The visit was the fourth of the twelve authorized.",
    threshold_finding="Our record has $2,481.00 of PT and SLP allowed in 2024 before this claim.",
    unit_finding="The table in force on July 9, 2024 limits 97110 to 6 units a day, with indicator 3.",
    units_reason="Timed minutes were 38 of a total of 53.",
    history_findings="Diabetes and a hip replacement of 2022 lengthen each session.",
    examination_findings="Strength, balance, gait and stair climbing were tested.",
    presentation_findings="Evolving: two falls within the month before the evaluation.",
    distinct_service_reason="The claim paid before was for the visit of July 2, 2024.",
    other_payer_name="Example Employer Plan",
    other_payer_decided_on=date(2024, 7, 22),
    other_payer_paid_amount=Decimal("40.00"),
    coverage_order_reason="The patient retired on May 31, 2024, so Medicare is primary.",
    coverage_reason="Coverage was active and eleven visits were left.",
    coverage_verified_on=date(2024, 7, 8),
    coverage_reference="270-551204",
    processing_error="The claim was read with one unit where it carries two.",
    recoupment_amount=Decimal("88.12"),
    recoupment_reference="WO-2024-0091",
    recoupment_on=date(2024, 8, 15),
    recoupment_reason="The notes of July 9, 2024 carry the minutes of both services.",
    prior_decision_on=date(2024, 8, 20),
    prior_decision_number="1-2024-88120",
    prior_decision_reason="It says that no progress was measured, yet two progress reports are in the file.",
    accepted_on=date(2024, 7, 11),
    acceptance_number="20240711-88231",
)

MINIMAL = LetterFacts(
    letter_on=LETTER_ON,
    sources=SOURCES,
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

COMMERCIAL = LetterFacts(
    **{
        **FULL.model_dump(),
        "payer_scope": "ANY",
        "denied_amount": Decimal("212.00"),
        "lines": (
            LetterLine(
                procedure="97166",
                modifiers=("GO",),
                service_on=date(2025, 3, 4),
                units=Decimal(1),
                charge_amount=Decimal("230.00"),
                paid_amount=Decimal("18.00"),
                denied_amount=Decimal("212.00"),
                paid_procedure="97165",
                denial_codes=(DenialCode(code="CO-150", label="Level of service not supported"),),
            ),
        ),
        "payer_name": "Example Health Plan",
        "payer_address": ("Provider Appeals", "400 Canal Street", "Hartford, CT 06103"),
        "patient_name": "Sam Okonkwo",
        "patient_born_on": date(1979, 11, 30),
        "member_id": "W555000121",
        "payer_claim_control_number": "EA250630012",
        "patient_control_number": "HL-20250304-002",
        "service_from": date(2025, 3, 4),
        "service_to": date(2025, 3, 6),
        "remittance_on": date(2025, 3, 20),
        "trace_number": None,
        "level_name": "First level",
        "due_on": date(2025, 9, 16),
        "rule_source": "aetna.com disputes-appeals-overview",
        "edit_finding": None,
        "threshold_finding": None,
        "unit_finding": None,
        "authorization_number": None,
        "authorization_reason": None,
        "authorization_not_required": "The plan's list of March 1, 2025 does not name 97166.",
        "other_payer_decided_on": None,
        "other_payer_paid_amount": None,
        "letter_on": date(2025, 4, 2),
    }
)

REOPENING = FULL.model_copy(
    update={
        "level_name": "Clerical error reopening",
        "due_on": None,
        "rule_source": "42 CFR 405.980",
    }
)


CASES = {"medicare": FULL, "commercial": COMMERCIAL}
"""Two cases that each letter is rendered for, by the payer's kind."""


def full_facts(letter: str, case: str = "medicare") -> LetterFacts:
    return REOPENING if letter == "kx_reopening" and case == "medicare" else CASES[case]


def draft(letter: str, facts: LetterFacts) -> Draft:
    """A draft that may cite what the rules of the tree hold."""
    return draft_letter(letter, facts, citations=CITATIONS)
