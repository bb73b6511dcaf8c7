"""What a clearinghouse leaves out or says twice: each is named with its place, and its neighbour posts."""

import pytest

from overturn.x12 import read_file
from overturn.x12.findings import Severity
from tests.unit.x12.interchanges import PAID_CLAIM, encoded, interchange, remittance

Place = tuple[str, int | None, str | None, int | None]

CHANGED: dict[str, tuple[str, str, list[Place]]] = {
    "no claim number": ("CLP*PCN1*", "CLP**", [("missing-value", 10, "CLP", 1)]),
    "no claim status": ("CLP*PCN1*1*", "CLP*PCN1**", [("missing-value", 10, "CLP", 2)]),
    "no group": ("CAS*CO*45*30", "CAS**45*30", [("missing-value", 15, "CAS", 1)]),
    "no reason": ("CAS*CO*45*30", "CAS*CO**30", [("missing-value", 15, "CAS", 2)]),
    "no second reason": ("CAS*CO*45*30", "CAS*CO*45*10***20", [("missing-value", 15, "CAS", 5)]),
    "no amount": ("CAS*CO*45*30", "CAS*CO*45*30**253", [("missing-amount", 15, "CAS", 6)]),
    "no procedure": ("SVC*HC:97110:GP", "SVC*HC:", [("missing-value", 13, "SVC", 1)]),
    "a period backwards": (
        "DTM*232*20260105", "DTM*232****RD8*20260107-20260105", [("invalid-date", 12, "DTM", 6)],
    ),
    "a day that is none, twice": (
        "DTM*472*20260105", "DTM*472*20260230",
        [("invalid-date", 14, "DTM", 2), ("invalid-date", 20, "DTM", 2)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGED)
def test_what_is_left_out_is_named_and_the_rest_is_posted(name: str) -> None:
    before, after, expected = CHANGED[name]
    claim = [segment.replace(before, after) for segment in PAID_CLAIM]
    file = read_file(encoded(interchange(remittance(*claim), remittance(*PAID_CLAIM, control="0002"))))

    first, second = file.transactions
    assert [(f.code, f.segment_index, f.segment, f.element) for f in first.findings] == expected
    assert first.postable
    assert second.postable
    assert not second.findings
    assert not file.findings


def test_a_provider_adjustment_without_a_reason_is_named() -> None:
    plb = "PLB*1999999984*20261231**10"
    file = read_file(encoded(interchange(remittance(*PAID_CLAIM, plb, payment="70"))))

    [finding] = file.all_findings
    assert (finding.code, finding.segment, finding.element) == ("missing-value", "PLB", 3)
    assert file.postable


def test_of_two_payments_in_one_set_the_first_stays_and_nothing_of_the_set_is_posted() -> None:
    twice = remittance(*PAID_CLAIM, "BPR*I*5*C*ACH")
    file = read_file(encoded(interchange(twice, remittance(*PAID_CLAIM, control="0002"))))

    first, second = file.transactions
    assert first.remittance is not None
    assert first.remittance.payment_amount == 80
    assert [(f.code, f.severity) for f in first.findings] == [("second-payment", Severity.FATAL)]
    assert not first.postable
    assert second.postable
