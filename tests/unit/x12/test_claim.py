from datetime import date
from decimal import Decimal

from overturn.domain.remittance import Party
from overturn.domain.submission import SubmittedClaim
from overturn.x12 import Finding, read_file
from tests.unit.x12.interchanges import encoded, interchange, transaction

HEADER = ("BHT*0019*00*BATCH1*20260110*0900*CH", "NM1*41*2*HILLSIDE*****46*TIN1", "NM1*40*2*HOUSE*****46*CH1")
BILLING = ("HL*1**20*1", "NM1*85*2*HILLSIDE PHYSICAL THERAPY*****XX*1999999984", "N3*1 HILL ST")
SUBSCRIBER = (
    "HL*2*1*22*0",
    "SBR*P*18*******MB",
    "NM1*IL*1*SAMPLE*ANN****MI*1EG4TE5MK73",
    "DMG*D8*19500102*F",
    "NM1*PR*2*NORTH PLAN*****PI*60054",
)
CLAIM = (
    "CLM*PCN1*150***11:B:7*Y*A*Y*Y",
    "REF*F8*ICN0",
    "REF*G1*AUTH1",
    "REF*D9*CH123",
    "NTE*ADD*CORRECTED MODIFIER",
    "HI*ABK:M25561*ABF:R262*ABJ:NOTDX",
    "NM1*DN*1*DOCTOR*DEE****XX*1888888887",
    "NM1*82*1*THERAPIST*PAT****XX*1987654320",
    "LX*1",
    "SV1*HC:97110:GP:KX*100*UN*2***1:2",
    "DTP*472*D8*20260105",
    "REF*6R*L1",
    "LX*2",
    "SV1*HC:97140:GP:59*50*UN*1***1",
    "DTP*472*RD8*20260105-20260106",
    "NM1*82*1*OTHER*OLA****XX*1777777771",
)


def read(*body: str) -> tuple[list[SubmittedClaim], list[Finding]]:
    """One 837P made of these segments after the header."""
    data = encoded(interchange(transaction("837", *HEADER, *body), version="005010X222A1"))
    file = read_file(data)
    content = file.transactions[0].content
    assert isinstance(content, list)
    return [claim for claim in content if isinstance(claim, SubmittedClaim)], list(file.all_findings)


def test_a_claim_is_read_with_all_it_stands_under() -> None:
    (claim,), findings = read(*BILLING, *SUBSCRIBER, *CLAIM)

    assert findings == []
    assert (claim.patient_control_number, claim.charge_amount) == ("PCN1", Decimal(150))
    assert (claim.place_of_service, claim.frequency_code) == ("11", "7")
    assert claim.billing_provider == Party(
        "HILLSIDE PHYSICAL THERAPY", "1999999984", "XX", address=("1 HILL ST",)
    )
    assert claim.subscriber == Party("SAMPLE", "1EG4TE5MK73", "MI", "ANN")
    assert claim.payer == Party("NORTH PLAN", "60054", "PI")
    assert (claim.filing_indicator, claim.payer_responsibility) == ("MB", "P")
    assert (claim.patient, claim.patient_born_on) == (None, date(1950, 1, 2))
    assert claim.submitted_on == date(2026, 1, 10)


def test_the_billing_provider_has_its_address_and_telephone_number() -> None:
    provider = (
        "PER*IC*FRONT DESK*TE*5555550100*FX*5555550101",
        "NM1*40*2*HOUSE*****46*CH1",
        "HL*1**20*1",
        "NM1*85*2*HILLSIDE*****XX*1999999984",
        "N3*1 HILL ST*SUITE 2",
        "N4*COLUMBUS*OH*432150000",
        "NM1*87*2",
        "N3*PO BOX 9",
    )
    own_number = "PER*IC**TE*5555550199"
    (claim,), findings = read(*provider, *SUBSCRIBER, *CLAIM)
    assert findings == []
    assert claim.billing_provider.address == ("1 HILL ST", "SUITE 2", "COLUMBUS, OH 43215-0000")
    assert claim.billing_provider.phone is None, "the submitter's number stands before its own NM1*41"
    (claim,), _ = read("NM1*41*2*HILLSIDE*****46*TIN1", *provider, *SUBSCRIBER, *CLAIM)
    assert claim.billing_provider.phone == "5555550100"
    (claim,), _ = read(*provider[:4], own_number, *SUBSCRIBER, *CLAIM)
    assert claim.billing_provider.phone == "5555550199"


def test_references_diagnoses_notes_and_providers_of_the_claim_are_read() -> None:
    (claim,), _ = read(*BILLING, *SUBSCRIBER, *CLAIM)

    assert claim.payer_claim_control_number == "ICN0"
    assert (claim.prior_authorization, claim.claim_identifier) == ("AUTH1", "CH123")
    assert claim.diagnoses == ("M25561", "R262")
    assert claim.notes == ("CORRECTED MODIFIER",)
    assert claim.referring_provider == Party("DOCTOR", "1888888887", "XX", "DEE")
    assert claim.rendering_provider == Party("THERAPIST", "1987654320", "XX", "PAT")


def test_lines_are_numbered_and_carry_their_own_dates_and_provider() -> None:
    (claim,), _ = read(*BILLING, *SUBSCRIBER, *CLAIM)
    first, second = claim.lines

    assert (first.line_number, first.procedure, first.modifiers) == (1, "97110", ("GP", "KX"))
    assert (first.charge_amount, first.units, first.control_number) == (Decimal(100), Decimal(2), "L1")
    assert (first.service_on, first.diagnosis_pointers) == (date(2026, 1, 5), ("1", "2"))
    assert (second.line_number, second.rendering_npi) == (2, "1777777771")
    assert (second.service_on, second.service_to) == (date(2026, 1, 5), date(2026, 1, 6))


def test_raw_segments_of_the_claim_and_of_its_parents_are_kept_apart() -> None:
    (claim,), _ = read(*BILLING, *SUBSCRIBER, *CLAIM)

    assert claim.segments == list(CLAIM)
    assert claim.segment_count == len(CLAIM)
    assert claim.parent_segments == [*HEADER, *BILLING, *SUBSCRIBER]


def test_a_dependent_patient_stands_under_the_subscriber_and_goes_with_the_next() -> None:
    patient = ("HL*3*2*23*0", "PAT*19", "NM1*QC*1*SAMPLE*CAL", "DMG*D8*20150203*M")
    other = tuple(segment.replace("PCN1", "PCN2") for segment in CLAIM)
    (child, adult), _ = read(*BILLING, *SUBSCRIBER, *patient, *CLAIM, *SUBSCRIBER, *other)

    assert child.patient == Party("SAMPLE", None, None, "CAL")
    assert child.patient_born_on == date(2015, 2, 3)
    assert child.parent_segments == [*HEADER, *BILLING, *SUBSCRIBER, *patient]
    assert adult.patient is None
    assert adult.parent_segments == [*HEADER, *BILLING, *SUBSCRIBER]


def test_another_payers_loop_does_not_change_the_claim() -> None:
    other_payer = (
        "SBR*S*18*******CI",
        "NM1*IL*1*X*Y",
        "NM1*PR*2*SECOND*****PI*9",
        "REF*F8*THEIRS",
        "REF*G1*T",
    )
    (claim,), _ = read(*BILLING, *SUBSCRIBER, *CLAIM[:8], *other_payer, *CLAIM[8:])

    assert claim.payer.identifier == "60054"
    assert (claim.payer_claim_control_number, claim.prior_authorization) == ("ICN0", "AUTH1")
    assert claim.payer_responsibility == "P"
    assert claim.lines[0].control_number == "L1"


def test_an_unreadable_line_charge_is_named() -> None:
    lines = [segment.replace("SV1*HC:97110:GP:KX*100", "SV1*HC:97110:GP:KX*1OO") for segment in CLAIM]
    _, findings = read(*BILLING, *SUBSCRIBER, *lines)

    assert [finding.message for finding in findings] == [
        "SV102 of claim PCN1 (segment 24) is '1OO', not an amount."
    ]


def test_a_line_outside_any_claim_is_flagged() -> None:
    _, findings = read(*BILLING, *SUBSCRIBER, "LX*1", "SV1*HC:97110*100*UN*2", *CLAIM)

    assert [finding.code for finding in findings] == ["misplaced-segment"]


def test_an_institutional_claim_is_refused_by_name() -> None:
    file = read_file(encoded(interchange(transaction("837", *HEADER), version="005010X223A2")))

    assert [finding.code for finding in file.all_findings] == ["unsupported-guide"]
    assert file.transactions[0].content is None
    assert not file.postable
