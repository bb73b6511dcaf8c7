"""A 276 asks after claims as they were sent; pyx12 has no map for it, so it is read back by hand."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest

from overturn.domain.submission import SubmittedClaim
from overturn.synthetic.month import make_month
from overturn.x12 import read_file
from overturn.x12.status_request import StatusInquiry, write_status_requests
from overturn.x12.writing import ClaimFileError, Envelope
from tests.unit.x12.test_writing import childs_claim, claims_in

ENVELOPE = Envelope("BRAMBLEGATE", "SPECIMENCLH", 78, "ASK78", datetime(2026, 11, 3, 17, 5))  # noqa: DTZ001


@pytest.fixture(scope="module")
def sent() -> list[SubmittedClaim]:
    files = [file for file in make_month(claims=60, seed=7).files if file.kind == "837P"]
    return [claim for file in files for claim in claims_in("".join(file.text()).encode())]


def asked(*claims: SubmittedClaim) -> list[list[str]]:
    text = write_status_requests([StatusInquiry(claim) for claim in claims], ENVELOPE).decode()
    return [segment.split("*") for segment in text.split("~")[:-1]]


def named(segments: Iterable[list[str]], *start: str) -> Iterator[list[str]]:
    return (segment for segment in segments if tuple(segment[: len(start)]) == start)


def test_the_envelope_counts_and_numbers_agree(sent: list[SubmittedClaim]) -> None:
    data = write_status_requests([StatusInquiry(claim) for claim in sent], ENVELOPE)
    read = read_file(data)
    assert [f for f in read.all_findings if f.code != "unread-transaction"] == []
    assert [t.type for t in read.transactions] == ["276"]


def test_every_claim_is_asked_after_once_with_its_charge(sent: list[SubmittedClaim]) -> None:
    segments = asked(*sent)
    numbers = sorted(trace[2] for trace in named(segments, "TRN", "1"))
    assert numbers == sorted(claim.patient_control_number for claim in sent)
    charges = sorted(amount[2] for amount in named(segments, "AMT", "T3"))
    assert charges == sorted(f"{claim.charge_amount:f}" for claim in sent)


def test_each_level_names_the_level_above_it(sent: list[SubmittedClaim]) -> None:
    """HL01 counts up from 1, HL02 is the number of an earlier level, HL03 goes down from the payer."""
    above = {"20": None, "21": "20", "19": "21", "22": "19", "23": "22"}
    level_of: dict[str, str] = {}
    for count, (_, number, parent, level, _has_child) in enumerate(named(asked(*sent), "HL"), start=1):
        assert number == str(count)
        assert (level_of[parent] if parent else None) == above[level]
        level_of[number] = level


def test_a_child_is_asked_after_under_its_subscriber() -> None:
    segments = asked(childs_claim("K1"))
    start = next(n for n, s in enumerate(segments) if s[0] == "HL" and s[3] == "22")
    end = next(n for n, s in enumerate(segments) if s[0] == "SE")
    assert ["*".join(segment) for segment in segments[start:end]] == [
        "HL*4*3*22*1",
        "NM1*IL*1*SAMPLE*ANN****MI*M1",
        "HL*5*4*23*0",
        "DMG*D8*20150203*M",
        "NM1*QC*1*SAMPLE*CAL",
        "TRN*1*K1",
        "REF*EJ*K1",
        "AMT*T3*100",
        "DTP*472*D8*20260105",
    ]


def test_the_payers_own_number_is_given_where_it_is_known() -> None:
    text = write_status_requests([StatusInquiry(childs_claim("K1"), "ICN-9")], ENVELOPE).decode()
    assert "REF*1K*ICN-9~" in text


def test_days_of_service_are_a_range_where_there_are_several() -> None:
    claim = childs_claim("K1")
    later = replace(claim.lines[0], line_number=2, service_on=date(2026, 1, 9))
    ranged = replace(claim, lines=[*claim.lines, later])
    assert ["DTP", "472", "RD8", "20260105-20260109"] in asked(ranged)


def test_what_a_claim_lacks_is_said_for_each_claim() -> None:
    claim = childs_claim("K1")
    nameless = replace(claim, payer=replace(claim.payer, identifier=None), lines=[])
    with pytest.raises(ClaimFileError) as refused:
        write_status_requests([StatusInquiry(nameless)], ENVELOPE)
    assert len(refused.value.faults) == 2
    assert "Claim K1 was sent without the payer's identifier (NM1*PR, element 9)" in refused.value.faults[0]


def test_no_claim_is_no_file() -> None:
    with pytest.raises(ClaimFileError, match="There is no claim to ask after"):
        write_status_requests([], ENVELOPE)
