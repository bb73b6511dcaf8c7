from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from overturn.domain.remittance import Adjustment, ClaimPayment, Party, Reference, Remark, Remittance
from overturn.x12 import Finding, Severity, Transaction, read_file
from tests.unit.x12.interchanges import PAID_CLAIM, encoded, interchange, remittance

DATA = Path(__file__).parents[2] / "data/835"


def read_data(name: str) -> Transaction:
    """The first transaction of a file under tests/data/835."""
    return read_file((DATA / name).read_bytes()).transactions[0]


def read(*body: str, payment: str = "80") -> tuple[Remittance, list[Finding]]:
    """One 835 made of these segments after the header."""
    file = read_file(encoded(interchange(remittance(*body, payment=payment))))
    found = file.transactions[0].remittance
    assert found is not None
    return found, list(file.all_findings)


def claim_of(*body: str, payment: str = "80") -> ClaimPayment:
    """The first claim of an 835 made of these segments."""
    return read(*body, payment=payment)[0].claims[0]


def test_the_header_is_read() -> None:
    found, findings = read(*PAID_CLAIM)

    assert findings == []
    assert found.control_number == "0001"
    assert found.interchange_control_number == "000000001"
    assert (found.payment_amount, found.payment_method) == (Decimal(80), "ACH")
    assert (found.payment_on, found.production_on) == (date(2026, 1, 20), date(2026, 1, 19))
    assert found.trace_number == "EFT20260120"
    assert found.payer == Party("NORTH PLAN", "60054", "XV")
    assert found.payee == Party("HILLSIDE PHYSICAL THERAPY", "1999999984", "XX")
    assert found.segment_index == 3


@pytest.mark.parametrize(
    ("trn", "ref", "expected"),
    [("*1512345678", "999", "1512345678"), ("", "999", "999"), ("", "", "60054")],
)
def test_the_steadiest_payer_number_is_chosen(trn: str, ref: str, expected: str) -> None:
    segments = interchange(remittance(*PAID_CLAIM))
    segments = [s.replace("TRN*1*EFT20260120*1512345678", f"TRN*1*EFT20260120{trn}") for s in segments]
    segments.insert(segments.index("N1*PR*NORTH PLAN*XV*60054") + 1, f"REF*2U*{ref}")

    found = read_file(encoded(segments)).transactions[0].remittance

    assert found is not None
    assert found.payer_identifier == expected


def test_a_claim_and_its_lines_are_read() -> None:
    claim = claim_of(*PAID_CLAIM)
    first, second = claim.service_lines

    assert (claim.patient_control_number, claim.status_code, claim.filing_indicator) == ("PCN1", "1", "MB")
    assert (claim.charge_amount, claim.paid_amount) == (Decimal(150), Decimal(80))
    assert claim.patient_responsibility_amount == 20
    assert (claim.payer_claim_control_number, claim.place_of_service) == ("ICN1", "11")
    assert claim.frequency_code == "1"
    assert claim.service_from == date(2026, 1, 5)
    assert claim.patient == Party("SAMPLE", "1EG4TE5MK73", "MI", "ANN")
    assert (first.line_number, first.procedure, first.modifiers, first.units) == (
        1,
        "97110",
        ("GP",),
        Decimal(2),
    )
    assert (first.charge_amount, first.paid_amount, first.allowed_amount) == (
        Decimal(100),
        Decimal(50),
        Decimal(70),
    )
    assert (first.service_on, first.service_to) == (date(2026, 1, 5), date(2026, 1, 5))
    assert (first.control_number, first.submitted_procedure) == ("L1", None)
    assert (second.procedure, second.modifiers) == ("97140", ("GP", "59"))


def test_every_value_knows_the_segment_and_element_it_came_from() -> None:
    claim = claim_of(*PAID_CLAIM)
    line = claim.service_lines[0]

    assert claim.segment_index == 10
    assert line.segment_index == 13
    assert line.adjustments == [
        Adjustment("CO", "45", Decimal(30), None, 15, 2),
        Adjustment("PR", "2", Decimal(20), None, 16, 2),
    ]
    assert line.references == [Reference("6R", "L1", 17)]


def test_the_claim_keeps_its_raw_segments_up_to_the_next_claim_or_section() -> None:
    other = [segment.replace("PCN1", "PCN2") for segment in PAID_CLAIM]
    found, _ = read(*PAID_CLAIM, *other, "LX*2", "TS3*1999999984*11*20261231*1*1", *PAID_CLAIM, payment="240")

    assert [claim.segments for claim in found.claims] == [list(PAID_CLAIM), other, list(PAID_CLAIM)]
    assert [claim.segment_count for claim in found.claims] == [12, 12, 12]


def test_one_cas_may_hold_six_adjustments_and_gaps() -> None:
    claim = claim_of(
        "CLP*PCN1*1*100*0**MB*ICN1", "CAS*CO*45*10*1*97*20**253*30*2*16*15**50*15**B7*10*", payment="0"
    )

    assert [(a.reason, a.amount, a.quantity, a.element) for a in claim.adjustments] == [
        ("45", Decimal(10), Decimal(1), 2), ("97", Decimal(20), None, 5), ("253", Decimal(30), Decimal(2), 8),
        ("16", Decimal(15), None, 11), ("50", Decimal(15), None, 14), ("B7", Decimal(10), None, 17),
    ]  # fmt: skip
    assert claim.imbalance_amount == 0


def test_remarks_come_from_moa_mia_and_lq_at_their_level() -> None:
    claim = claim_of(
        "CLP*PCN1*1*100*100**MB*ICN1",
        "MIA*0****MA07***************MA18",
        "MOA***MA01*N115",
        "SVC*HC:97110*100*100",
        "LQ*HE*M76",
        "LQ*RX*75",
        payment="100",
    )

    assert claim.remarks == [
        Remark("MA07", 11, 5),
        Remark("MA18", 11, 20),
        Remark("MA01", 12, 3),
        Remark("N115", 12, 4),
    ]
    assert claim.service_lines[0].remarks == [Remark("M76", 14, 2)]


def test_a_downcoded_line_keeps_what_was_submitted() -> None:
    line = claim_of(
        "CLP*PCN1*1*100*100**MB*ICN1", "SVC*HC:97161:GP*100*100**1*HC:97163:GP:KX", payment="100"
    ).service_lines[0]

    assert (line.procedure, line.submitted_procedure) == ("97161", "97163")
    assert line.submitted_modifiers == ("GP", "KX")


def test_parties_references_and_amounts_of_a_claim_are_kept() -> None:
    claim = claim_of(
        "CLP*PCN1*19*0*0**MB*ICN1",
        "NM1*74*1*SAMPLER*ANNE****C*9",
        "NM1*82*1*THERAPIST*PAT****XX*1987654320",
        "NM1*TT*2*SECOND PLAN*****PI*77",
        "NM1*PR*2*FIRST PLAN*****PI*88",
        "REF*EA*MRN1",
        "DTM*232*20260105",
        "DTM*233*20260107",
        "DTM*050*20260110",
        "AMT*AU*12.50",
        payment="0",
    )

    assert claim.corrected_patient == Party("SAMPLER", "9", "C", "ANNE")
    assert claim.rendering_provider == Party("THERAPIST", "1987654320", "XX", "PAT")
    assert claim.crossover_carrier == Party("SECOND PLAN", "77", "PI")
    assert claim.corrected_priority_payer == Party("FIRST PLAN", "88", "PI")
    assert claim.references == [Reference("EA", "MRN1", 15)]
    assert (claim.service_to, claim.received_on) == (date(2026, 1, 7), date(2026, 1, 10))
    assert claim.amounts == [("AU", Decimal("12.50"))]


@pytest.mark.parametrize(
    "segments",
    [["DTM*150*20260105", "DTM*151*20260106"], ["DTM*472*20260105-20260106"],
     ["DTM*472****RD8*20260105-20260106"]],
)  # fmt: skip
def test_a_line_may_have_a_period_of_service(segments: list[str]) -> None:
    line = claim_of(
        "CLP*PCN1*1*9*9**MB*ICN1", "SVC*HC:97110*9*9", *segments, "REF*HPI*1987654320", payment="9"
    ).service_lines[0]

    assert (line.service_on, line.service_to) == (date(2026, 1, 5), date(2026, 1, 6))
    assert line.rendering_npi == "1987654320"


def test_what_the_file_leaves_out_is_none() -> None:
    claim = claim_of("CLP**1*100*100", "SVC*HC:97110*100*100", payment="100")

    assert claim.patient_control_number is None
    assert claim.patient_responsibility_amount is None
    assert claim.payer_claim_control_number is None
    assert (claim.service_from, claim.patient) == (None, None)
    assert (claim.service_lines[0].units, claim.service_lines[0].service_on) == (None, None)


def test_a_reversal_and_its_correction_are_two_claims_that_balance() -> None:
    transaction = read_data("reversal_and_correction.edi")

    assert transaction.remittance is not None
    assert [claim.is_reversal for claim in transaction.remittance.claims] == [True, False]
    assert transaction.remittance.claims[0].adjusted_amount == -70
    assert transaction.findings == []


def test_provider_adjustments_are_pairs_with_reason_and_reference() -> None:
    found = read_data("plb_wo_recoupment.edi").remittance

    assert found is not None
    assert [(p.reason, p.reference, p.amount) for p in found.provider_adjustments] == [
        ("WO", "ICN0 20251201", Decimal(30)),
        ("L6", None, Decimal("-0.5")),
    ]
    assert {p.provider_id for p in found.provider_adjustments} == {"1999999984"}
    assert {p.fiscal_on for p in found.provider_adjustments} == {date(2026, 12, 31)}
    assert found.balance.balanced


def test_a_payment_may_have_no_claims() -> None:
    transaction = read_data("payment_without_claims.edi")

    assert transaction.findings == []
    assert transaction.remittance is not None
    assert transaction.remittance.claims == []


def test_a_payment_that_does_not_add_up_is_flagged_and_postable() -> None:
    transaction = read_data("payment_out_of_balance.edi")

    (finding,) = transaction.findings
    assert (finding.code, finding.severity) == ("payment-out-of-balance", Severity.MONEY)
    assert (finding.segment_index, finding.segment, finding.element) == (4, "BPR", 2)
    assert "is 81," in finding.message
    assert transaction.postable


def test_a_line_and_its_claim_that_do_not_add_up_are_flagged() -> None:
    found, findings = read(*[segment.replace("CAS*CO*45*30", "CAS*CO*45*29.99") for segment in PAID_CLAIM])

    assert [(f.code, f.segment_index, f.segment, f.element) for f in findings] == [
        ("claim-out-of-balance", 10, "CLP", 4),
        ("line-out-of-balance", 13, "SVC", 3),
    ]
    assert found.claims[0].imbalance_amount == found.claims[0].service_lines[0].imbalance_amount
    assert all("0.01 is unexplained" in finding.message for finding in findings)


def test_an_unreadable_amount_holds_the_remittance_back() -> None:
    transaction = read_data("unreadable_charge_amount.edi")

    assert not transaction.postable
    assert transaction.findings[0].message == "CLP03 of claim PCN1 (segment 10) is 'abc', not an amount."


def test_a_remittance_without_a_payment_is_held_back() -> None:
    segments = [s for s in interchange(remittance(*PAID_CLAIM)) if not s.startswith("BPR")]

    transaction = read_file(encoded(segments)).transactions[0]

    assert "missing-payment" in [finding.code for finding in transaction.findings]
    assert not transaction.postable


@pytest.mark.parametrize(
    "segment",
    ["CAS*CO*45*5", "SVC*HC:97110*5*5", "NM1*QC*1*SAMPLE", "AMT*AU*5", "LQ*HE*M76", "MOA***MA01"],
)
def test_a_segment_before_any_claim_is_flagged_and_not_used(segment: str) -> None:
    found, findings = read(segment, *PAID_CLAIM)

    assert [f.code for f in findings] == ["misplaced-segment"]
    assert findings[0].segment_index == 10
    assert found.claims[0].imbalance_amount == 0


def test_an_unknown_segment_is_flagged_kept_and_harmless() -> None:
    found, findings = read(*PAID_CLAIM, "PLXX*1")

    assert [(f.code, f.severity) for f in findings] == [("unknown-segment", Severity.VALUE)]
    assert found.claims[0].segments[-1] == "PLXX*1"


def test_literal_delimiters_of_other_files_are_data_here() -> None:
    data = encoded(interchange(remittance(*PAID_CLAIM)), "|>!\n").replace(b"PCN1", b"P*C:N~1")

    claim = read_file(data).transactions[0].remittance

    assert claim is not None
    assert claim.claims[0].patient_control_number == "P*C:N~1"
    assert len(claim.claims[0].segments) == len(PAID_CLAIM)
