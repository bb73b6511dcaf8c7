from datetime import date
from decimal import Decimal

from overturn.domain.remittance import Adjustment, Party
from overturn.domain.submission import DatedEvent, LineAdjudication, OtherPayer, SubmittedClaim
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
    "PRV*PE*PXC*225200000X",
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
    assert (first.rendering_taxonomy, second.rendering_taxonomy) == (None, "225200000X")
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


def test_an_earlier_payer_and_what_it_decided_are_read() -> None:
    other_payer = (
        "SBR*P*18*GRP9******MB",
        "CAS*PR*2*20**1*10",
        "AMT*D*70",
        "AMT*EAF*30",
        "NM1*IL*1*SAMPLE*ANN****MI*M1",
        "NM1*PR*2*FIRST*****PI*77",
        "REF*F8*THEIRS",
    )
    decided = ("SVD*77*70*HC:97110:GP**2", "CAS*CO*45*10", "CAS*PR*1*20", "DTP*573*D8*20260108")
    (claim,), findings = read(
        *BILLING, *SUBSCRIBER, *CLAIM[:8], *other_payer, *CLAIM[8:12], *decided, *CLAIM[12:]
    )

    assert findings == []
    assert claim.other_payers == [
        OtherPayer(
            "P", "MB", Party("FIRST", "77", "PI"), Party("SAMPLE", "M1", "MI", "ANN"), Decimal(70),
            [
                Adjustment("PR", "2", Decimal(20), None, 24, 2),
                Adjustment("PR", "1", Decimal(10), None, 24, 5),
            ],
            [("D", Decimal(70)), ("EAF", Decimal(30))],
            [("F8", "THEIRS")],
        )
    ]  # fmt: skip
    (earlier,) = claim.lines[0].adjudications
    assert earlier == LineAdjudication(
        "77", Decimal(70), "97110", Decimal(2), date(2026, 1, 8), earlier.adjustments
    )
    assert [(a.group, a.amount) for a in earlier.adjustments] == [("CO", Decimal(10)), ("PR", Decimal(20))]
    assert claim.lines[1].adjudications == []


def test_providers_dates_references_and_notes_stand_at_their_level() -> None:
    of_claim = (
        "CLM*PCN1*100***11:B:1*Y*A*Y*Y**AA:OA*********7",
        "DTP*431*D8*20251201",
        "DTP*435*DT*202601021230",
        "AMT*F5*12",
        "REF*9F*REF7",
        "REF*EA*MRN1",
        "NTE*ADD*ONE",
        "NTE*TPO*TWO",
        "NM1*82*1*THERAPIST*PAT****XX*1987654320",
        "PRV*PE*PXC*225100000X",
        "NM1*DQ*1*CHIEF*CID****XX*1666666660",
        "NM1*77*2*HILLSIDE WEST*****XX*1555555559",
        "N3*9 WEST ST",
        "N4*DUBLIN*OH*43017",
    )
    of_line = (
        "LX*1",
        "SV1*HC:97110:GP*100*UN*2*12**1",
        "DTP*472*D8*20260105",
        "DTP*304*D8*20260104",
        "REF*G1*LINEAUTH",
        "REF*X4*CLIA1",
        "NTE*ADD*THREE",
        "NM1*DK*1*ORDERER*ORA****XX*1444444448",
    )
    (claim,), findings = read(*BILLING, *SUBSCRIBER, *of_claim, *of_line)
    (line,) = claim.lines

    assert findings == []
    assert (claim.accepts_assignment, claim.related_causes, claim.delay_reason) == ("A", ("AA", "OA"), "7")
    assert claim.dates == [
        DatedEvent("431", date(2025, 12, 1), date(2025, 12, 1)),
        DatedEvent("435", date(2026, 1, 2), date(2026, 1, 2)),
    ]
    assert (claim.amounts, claim.referral_number) == ([("F5", Decimal(12))], "REF7")
    assert (claim.references, claim.notes) == ([("EA", "MRN1")], ("ONE", "TWO"))
    assert set(claim.providers) == {"rendering", "supervising", "service_facility"}
    assert claim.providers["service_facility"].address == ("9 WEST ST", "DUBLIN, OH 43017")
    assert claim.rendering_taxonomy == "225100000X"
    assert (line.unit_basis, line.place_of_service, line.prior_authorization) == ("UN", "12", "LINEAUTH")
    assert (line.references, line.notes) == ([("X4", "CLIA1")], ("THREE",))
    assert line.dates == [DatedEvent("304", date(2026, 1, 4), date(2026, 1, 4))]
    assert line.providers == {"ordering": Party("ORDERER", "1444444448", "XX", "ORA")}
    assert line.rendering_npi is None


def test_what_stands_above_a_claim_is_its_own_until_the_next_level() -> None:
    billing = (*BILLING, "REF*EI*311234567", "PRV*BI*PXC*225100000X", "NM1*87*2", "N3*PO BOX 9")
    billing = (billing[0], billing[4], billing[1], billing[2], billing[3], *billing[5:])
    subscriber = (SUBSCRIBER[0], "SBR*P**GRP9******CI", *SUBSCRIBER[2:])
    patient = ("HL*3*2*23*0", "PAT*19", "NM1*QC*1*SAMPLE*CAL")
    other = (*BILLING, *SUBSCRIBER, *(segment.replace("PCN1", "PCN2") for segment in CLAIM))
    (claim, second), _ = read(*billing, *subscriber, *patient, *CLAIM, *other)

    assert claim.submitter == Party("HILLSIDE", "TIN1", "46")
    assert claim.receiver == Party("HOUSE", "CH1", "46")
    assert (claim.billing_references, claim.billing_taxonomy) == ([("EI", "311234567")], "225100000X")
    assert claim.pay_to_provider == Party(address=("PO BOX 9",))
    assert (claim.group_number, claim.relationship) == ("GRP9", "19")
    assert (second.billing_references, second.billing_taxonomy, second.pay_to_provider) == ([], None, None)
    assert (second.group_number, second.relationship) == (None, "18")


def test_a_charge_that_is_not_the_sum_of_the_lines_is_flagged() -> None:
    _, (finding,) = read(*BILLING, *SUBSCRIBER, *(s.replace("CLM*PCN1*150", "CLM*PCN1*160") for s in CLAIM))

    assert (finding.code, finding.segment_index, finding.element) == ("charge-out-of-balance", 15, 2)
    assert finding.message == (
        "The charge of claim PCN1 (CLM02, segment 15) is 160, but its 2 lines come to 150.00."
    )


def test_an_adjustment_of_a_line_without_the_payer_who_made_it_is_flagged() -> None:
    _, findings = read(*BILLING, *SUBSCRIBER, *CLAIM, "CAS*CO*45*10")
    assert [finding.code for finding in findings] == ["misplaced-segment"]
