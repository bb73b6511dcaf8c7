from decimal import Decimal
from pathlib import Path

import pytest

from overturn.x12 import read_file
from overturn.x12.shape import Shape, file_shape, money
from tests.unit.x12.interchanges import encoded, interchange, remittance, transaction
from tests.unit.x12.test_acknowledgement import ACCEPTED, PROVIDER, RECEIVER
from tests.unit.x12.test_acknowledgement import HEADER as STATUS_HEADER
from tests.unit.x12.test_claim import BILLING, CLAIM, HEADER, SUBSCRIBER

DATA = Path(__file__).parents[2] / "data/835"


def shape_of(data: bytes) -> Shape:
    return file_shape(read_file(data), name="a.edi", sha256="00")


@pytest.mark.parametrize(
    ("amount", "text"),
    [("5", "5.00"), ("1.5", "1.50"), ("-0.25", "-0.25"), ("1.005", "1.005"), ("1E+3", "1000.00")],
)
def test_money_has_two_decimals_or_as_many_as_the_file(amount: str, text: str) -> None:
    assert money(Decimal(amount)) == text


def test_what_is_left_out_is_null() -> None:
    assert money(None) is None


def test_a_remittance_has_the_contract_shape() -> None:
    shape = shape_of((DATA / "co50_n115_denied_line.edi").read_bytes())

    assert (shape["file"], shape["sha256"], shape["interchanges"], shape["errors"]) == ("a.edi", "00", 1, [])
    (found,) = shape["transactions"]
    assert (found["type"], found["control_number"]) == ("835", "0001")
    assert (found["trace_number"], found["payment_date"]) == ("EFT20260120", "2026-01-20")
    assert (found["payer"]["name"], found["payer"]["id"]) == ("NORTH PLAN", "60054")
    assert (found["payee"]["name"], found["payee"]["npi"]) == ("HILLSIDE PHYSICAL THERAPY", "1999999984")
    assert found["balance"] == {
        "payment_amount": "0.00",
        "claims_paid": "0.00",
        "provider_adjustments": "0.00",
        "difference": "0.00",
        "balanced": True,
    }
    (claim,) = found["claims"]
    assert claim["patient_responsibility_amount"] is None
    (line,) = claim["service_lines"]
    assert (line["procedure"], line["modifiers"], line["units"]) == ("97530", ["GP"], "2")
    assert (line["service_date"], line["remarks"]) == ("2026-01-06", ["N115"])
    assert line["adjustments"] == [{"group": "CO", "reason": "50", "amount": "100.00", "quantity": None}]


def test_provider_adjustments_and_findings_have_the_contract_shape() -> None:
    (found,) = shape_of((DATA / "plb_wo_recoupment.edi").read_bytes())["transactions"]
    (error,) = shape_of((DATA / "payment_out_of_balance.edi").read_bytes())["errors"]

    first = found["provider_adjustments"][0]
    assert (first["reason"], first["reference"], first["amount"]) == ("WO", "ICN0 20251201", "30.00")
    assert set(error) == {"segment_index", "segment", "element", "code", "severity", "message"}
    assert (error["segment_index"], error["segment"], error["element"]) == (4, "BPR", 2)


def test_a_payment_that_is_not_in_the_file_is_null() -> None:
    segments = [s for s in interchange(remittance()) if not s.startswith("BPR")]

    (found,) = shape_of(encoded(segments))["transactions"]

    assert found["payment_amount"] is None
    assert found["postable"] is False


def test_submitted_claims_and_acknowledgements_have_the_same_outer_shape() -> None:
    sets = (
        transaction("837", *HEADER, *BILLING, *SUBSCRIBER, *CLAIM, control="0001"),
        transaction("277", *STATUS_HEADER, *RECEIVER, *PROVIDER, *ACCEPTED, control="0002"),
        transaction("999", "AK1*HC*7", "AK2*837*1", "IK3*CLM*22**8", "IK4*1**1", "IK5*R", control="0003"),
    )

    claim, status, answer = (
        found["claims"][0] for found in shape_of(encoded(interchange(*sets)))["transactions"]
    )

    assert (claim["patient_control_number"], claim["frequency_code"]) == ("PCN1", "7")
    assert claim["service_lines"][0]["modifiers"] == ["GP", "KX"]
    assert claim["billing_provider"]["npi"] == "1999999984"
    assert status["accepted"] is True
    assert status["statuses"][0]["charge_amount"] == "150.00"
    assert answer["errors"][0]["elements"] == [{"element": "1", "code": "1", "value": None}]
