from datetime import date
from decimal import Decimal

import pytest

from overturn.domain.remittance_details import Counted
from overturn.domain.submission import ClaimAcknowledgement, FunctionalAcknowledgement
from overturn.x12 import read_file
from tests.unit.x12.interchanges import encoded, interchange, transaction

HEADER = ("BHT*0085*08*1*20260111*0900*TH", "HL*1**20*1", "NM1*PR*2*NORTH PLAN*****PI*60054")
RECEIVER = ("HL*2*1*21*1", "NM1*41*2*HILLSIDE*****46*TIN1", "TRN*2*BATCH1")
PROVIDER = ("HL*3*2*19*1", "NM1*85*2*HILLSIDE PHYSICAL THERAPY*****XX*1999999984")
ACCEPTED = (
    "HL*4*3*PT",
    "NM1*QC*1*SAMPLE*ANN****MI*1EG4TE5MK73",
    "TRN*2*PCN1",
    "STC*A2:20:PR*20260111*WQ*150",
    "REF*1K*ICN1",
    "REF*D9*CH123",
    "DTP*472*RD8*20260105-20260106",
)
REJECTED = (
    "HL*5*3*PT",
    "NM1*QC*1*SAMPLE*BEN****MI*2AB3CD4EF56",
    "TRN*2*PCN2",
    "STC*A3:21*20260111*U*100******A7:562:85*A7:500*FIX THE NPI",
    "SVC*HC:97110:GP*100",
    "STC*A7:454*20260111*U",
    "REF*FJ*L1",
    "DTP*472*D8*20260106",
)


def claims(*body: str) -> list[ClaimAcknowledgement]:
    """What a 277CA with these segments says."""
    file = read_file(encoded(interchange(transaction("277", *HEADER, *body), version="005010X214")))
    assert file.all_findings == []
    content = file.transactions[0].content
    assert isinstance(content, list)
    return [item for item in content if isinstance(item, ClaimAcknowledgement)]


def test_an_accepted_claim_carries_its_numbers_and_dates() -> None:
    (claim,) = claims(*RECEIVER, *PROVIDER, *ACCEPTED)

    assert claim.accepted
    assert claim.about_one_claim
    assert (claim.patient_control_number, claim.payer_claim_control_number) == ("PCN1", "ICN1")
    assert claim.clearinghouse_trace_number == "CH123"
    assert (claim.service_from, claim.service_to) == (date(2026, 1, 5), date(2026, 1, 6))
    assert claim.patient is not None
    assert claim.patient.identifier == "1EG4TE5MK73"
    assert claim.payer is not None
    assert claim.payer.name == "NORTH PLAN"
    (status,) = claim.statuses
    assert (status.category, status.status, status.entity, status.action) == ("A2", "20", "PR", "WQ")
    assert (status.effective_on, status.charge_amount) == (date(2026, 1, 11), Decimal(150))


def test_a_rejected_claim_keeps_every_reason_and_the_line_it_is_about() -> None:
    _, claim = claims(*RECEIVER, *PROVIDER, *ACCEPTED, *REJECTED)

    assert not claim.accepted
    assert [(s.category, s.status, s.entity) for s in claim.statuses] == [
        ("A3", "21", None), ("A7", "562", "85"), ("A7", "500", None), ("A7", "454", None),
    ]  # fmt: skip
    assert [s.procedure for s in claim.statuses] == [None, None, None, "97110"]
    assert claim.statuses[3].line_control_number == "L1"
    assert claim.statuses[0].message == "FIX THE NPI"


def test_a_rejection_of_the_whole_file_is_not_taken_for_a_claim() -> None:
    batch, claim = claims(*RECEIVER, "STC*A3:24*20260111*U*250", *PROVIDER, *ACCEPTED)

    assert (batch.level, batch.trace_number, batch.patient_control_number) == ("21", "BATCH1", None)
    assert not batch.about_one_claim
    assert not batch.accepted
    assert claim.patient_control_number == "PCN1"


def test_a_277_answer_uses_our_own_number_not_the_inquirys() -> None:
    (claim,) = claims(
        "HL*4*3*22*0",
        "NM1*IL*1*SAMPLE*ANN****MI*1",
        "TRN*2*INQUIRY9",
        "STC*F1:65*20260111**150*80",
        "REF*EJ*PCN1",
    )

    assert (claim.patient_control_number, claim.trace_number) == ("PCN1", "INQUIRY9")
    assert claim.statuses[0].paid_amount == 80


def test_a_refusal_above_the_claims_names_batch_and_provider() -> None:
    refused = (*PROVIDER, "TRN*1*0", "STC*A8:85*20260111*U*250", "QTY*QC*2", "AMT*YY*250", "REF*0B*LIC1")
    batch, provider, claim = claims(*RECEIVER, "STC*A3:24*20260111*U", *refused, *ACCEPTED)

    assert (batch.level, batch.batch_reference, batch.provider) == ("21", "BATCH1", None)
    assert (provider.level, provider.batch_reference) == ("19", "BATCH1")
    assert provider.provider is not None
    assert provider.provider.identifier == "1999999984"
    assert provider.quantities == [Counted("QC", Decimal(2))]
    assert (provider.amounts, provider.references) == ([("YY", Decimal(250))], [("0B", "LIC1")])
    assert (claim.batch_reference, claim.provider) == ("BATCH1", provider.provider)


def test_the_next_receiver_s_batch_is_another_one() -> None:
    first, second = claims(*RECEIVER, "STC*A3:24*20260111*U", "HL*9*1*21*0", "STC*A3:24*20260111*U")
    assert (first.batch_reference, second.batch_reference) == ("BATCH1", None)


def functional(*body: str, kind: str = "999") -> list[FunctionalAcknowledgement]:
    """What a 999 with these segments says."""
    file = read_file(encoded(interchange(transaction(kind, *body), version="005010X231A1")))
    content = file.transactions[0].content
    assert isinstance(content, list)
    return [item for item in content if isinstance(item, FunctionalAcknowledgement)]


def test_a_999_answers_each_transaction_set_with_its_errors() -> None:
    accepted, rejected = functional(
        "AK1*HC*7*005010X222A1",
        "AK2*837*0001*005010X222A1",
        "IK5*A",
        "AK2*837*0002",
        "IK3*CLM*22*2300*8",
        "CTX*SITUATIONAL TRIGGER*CLM*43**5:3",
        "CTX*CLM01:PCN2",
        "IK4*5:3*1325*7*X",
        "IK4*2**1",
        "IK3*HI*x",
        "IK5*R*5*I5",
        "AK9*P*2*2*1",
    )

    assert (accepted.transaction_type, accepted.control_number, accepted.status) == ("837", "0001", "A")
    assert (accepted.group_control_number, accepted.errors) == ("7", [])
    assert (rejected.status, rejected.error_codes) == ("R", ("5", "I5"))
    first, second = rejected.errors
    assert (first.segment, first.position, first.error_codes) == ("CLM", 22, ("8",))
    assert (first.loop, first.claim_number, second.claim_number) == ("2300", "PCN2", None)
    assert first.contexts == [("SITUATIONAL TRIGGER", "CLM", "43", "5:3")]
    assert first.element_errors == [("5:3", "7", "X"), ("2", "1", None)]
    assert (second.position, second.error_codes) == (None, ())


def test_a_group_rejected_as_a_whole_is_not_lost() -> None:
    (group,) = functional("AK1*HC*7", "AK9*R*3*3*0*4")

    assert (group.status, group.group_control_number, group.error_codes) == ("R", "7", ("4",))
    assert (group.transaction_type, group.control_number) == ("", "")


def test_a_context_without_its_segment_is_passed_over() -> None:
    (answer,) = functional("AK1*HC*7", "AK2*837*0001", "CTX*CLM01:PCN2", "IK5*R*5")
    assert answer.errors == []


@pytest.mark.parametrize(("status", "answers"), [("R", ["A", "R"]), ("A", ["A"]), ("P", ["A"]), ("E", ["A"])])
def test_a_group_that_is_refused_although_its_set_was_taken_in_is_told(
    status: str, answers: list[str]
) -> None:
    found = functional("AK1*HC*7", "AK2*837*0001", "IK5*A", f"AK9*{status}*1*1*1*4")
    assert [answer.status for answer in found] == answers


def test_a_group_refused_with_its_set_is_told_once() -> None:
    (answer,) = functional("AK1*HC*7", "AK2*837*0001", "IK5*R*5", "AK9*R*1*1*0")
    assert answer.control_number == "0001"


def test_the_older_997_is_read_alike() -> None:
    (answer,) = functional("AK1*HC*7", "AK2*837*0001", "AK3*CLM*22**8", "AK4*1**1", "AK5*E*5", kind="997")

    assert (answer.status, answer.errors[0].segment) == ("E", "CLM")
