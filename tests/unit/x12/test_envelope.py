import pytest

from overturn.x12 import Severity, X12File, read_file
from overturn.x12.envelope import MAX_ELEMENT_CHARACTERS, MAX_SEGMENT_CHARACTERS, MAX_SEGMENTS
from tests.unit.x12.interchanges import PAID_CLAIM, encoded, interchange, remittance, transaction

SEGMENTS = interchange(remittance(*PAID_CLAIM))


def read_with(old: str, new: str) -> X12File:
    """The paid claim's file with one segment replaced."""
    assert old in SEGMENTS
    return read_file(encoded([new if segment == old else segment for segment in SEGMENTS]))


def codes(file: X12File) -> list[str]:
    return [finding.code for finding in file.all_findings]


def test_a_right_envelope_has_no_findings() -> None:
    file = read_file(encoded(SEGMENTS))

    assert (file.interchanges, len(file.transactions), codes(file)) == (1, 1, [])
    assert file.transactions[0].segment_index == 3


@pytest.mark.parametrize(
    ("old", "new", "code", "segment", "element"),
    [
        ("SE*20*0001", "SE*19*0001", "segment-count", "SE", 1),
        ("SE*20*0001", "SE*many*0001", "segment-count", "SE", 1),
        ("SE*20*0001", "SE*20*0002", "control-number", "SE", 2),
        ("SE*20*0001", "SE*20*00001", "control-number", "SE", 2),
        ("GE*1*7", "GE*2*7", "group-count", "GE", 1),
        ("GE*1*7", "GE*1*8", "group-control-number", "GE", 2),
        ("IEA*1*000000001", "IEA*0*000000001", "interchange-count", "IEA", 1),
        ("IEA*1*000000001", "IEA*1*000000002", "interchange-control-number", "IEA", 2),
    ],
)
def test_a_wrong_count_or_control_number_is_flagged_and_still_postable(
    old: str, new: str, code: str, segment: str, element: int
) -> None:
    file = read_with(old, new)

    (finding,) = file.all_findings
    assert (finding.code, finding.segment, finding.element) == (code, segment, element)
    assert finding.segment_index == SEGMENTS.index(old) + 1
    assert finding.severity is Severity.ENVELOPE
    assert file.postable


def test_counts_with_leading_zeros_are_right() -> None:
    assert codes(read_with("SE*20*0001", "SE*0020*0001")) == []


@pytest.mark.parametrize(
    ("kept", "code"),
    [(SEGMENTS[:-1], "missing-iea"), ([*SEGMENTS[:-2], SEGMENTS[-1]], "missing-ge")],
)
def test_a_missing_trailer_is_flagged_and_the_transaction_is_postable(kept: list[str], code: str) -> None:
    file = read_file(encoded(kept))

    assert codes(file) == [code]
    assert file.postable


def test_a_transaction_set_outside_a_group_is_flagged() -> None:
    file = read_file(encoded([s for s in SEGMENTS if not s.startswith(("GS", "GE"))]))

    assert codes(file) == ["missing-gs", "interchange-count"]


def test_a_transaction_set_without_se_is_held_back_and_its_neighbours_are_not() -> None:
    broken = remittance(*PAID_CLAIM, control="0002")[:-5]
    file = read_file(
        encoded(
            interchange(
                remittance(*PAID_CLAIM, control="0001"), broken, remittance(*PAID_CLAIM, control="0003")
            )
        )
    )

    assert [t.postable for t in file.transactions] == [True, False, True]
    assert [f.code for f in file.transactions[1].findings if f.severity is Severity.FATAL] == ["missing-se"]
    assert not file.postable


def test_a_duplicate_control_number_in_a_group_is_flagged() -> None:
    file = read_file(encoded(interchange(remittance(*PAID_CLAIM), remittance(*PAID_CLAIM))))

    assert codes(file) == ["duplicate-control-number"]


def test_interchanges_with_other_delimiters_follow_each_other() -> None:
    data = encoded(SEGMENTS) + encoded(SEGMENTS, "|>!\n") + encoded(SEGMENTS, "*|^~", "\r\n")

    file = read_file(data)

    assert file.interchanges == 3
    assert codes(file) == []
    claims = [t.remittance.claims[0] for t in file.transactions if t.remittance]
    assert [claim.segments for claim in claims] == [list(PAID_CLAIM)] * 3
    assert [claim.service_lines[1].modifiers for claim in claims] == [("GP", "59")] * 3


def test_segment_indexes_run_over_the_whole_file() -> None:
    file = read_file(encoded(SEGMENTS) + encoded(SEGMENTS))

    assert [t.segment_index for t in file.transactions] == [3, 3 + len(SEGMENTS)]


def test_an_interchange_cut_in_its_isa_does_not_lose_the_next_one() -> None:
    file = read_file(b"ISA*00*          *00*   \n" + encoded(SEGMENTS))

    assert [t.postable for t in file.transactions] == [True]
    assert codes(file) == ["unreadable-isa"]
    assert not file.postable


def test_a_stray_segment_between_transaction_sets_is_flagged() -> None:
    file = read_with("GE*1*7", "GE*1*7~ZZZ*1")

    assert codes(file) == ["unexpected-segment"]
    assert "'ZZZ*1'" in file.findings[0].message


def test_an_interchange_acknowledgement_segment_is_allowed() -> None:
    assert codes(read_with(SEGMENTS[1], "TA1*000000001*260115*1200*A*000~" + SEGMENTS[1])) == []


def test_a_segment_longer_than_any_guide_allows_is_not_read() -> None:
    file = read_with("LX*1", "LX*" + "1" * MAX_SEGMENT_CHARACTERS)

    assert codes(file) == ["too-large"]
    assert file.transactions[0].content is None
    assert file.transactions[0].control_number == "0001"


def test_a_transaction_set_of_too_many_segments_is_not_read() -> None:
    file = read_file(encoded(interchange(transaction("835", *["LX*1"] * MAX_SEGMENTS))))

    assert codes(file) == ["missing-payment", "too-large"]
    assert file.transactions[0].content is None
    assert not file.postable


def test_mixed_transaction_types_and_several_groups_are_read() -> None:
    claims = interchange(transaction("837", "BHT*0019*00*1*20260115*1200*CH"), version="005010X222A1")
    segments = [*SEGMENTS[:-1], *claims[1:-1], "IEA*2*000000001"]

    file = read_file(encoded(segments))

    assert [(t.type, t.version) for t in file.transactions] == [
        ("835", "005010X221A1"),
        ("837", "005010X222A1"),
    ]
    assert codes(file) == ["nothing-read"]


@pytest.mark.parametrize(
    ("segment", "replaced", "name", "element"),
    [
        ("TRN*1*EFT20260120*1512345678", "TRN*1*{}*1512345678", "TRN", 2),
        ("REF*6R*L1", "REF*6R*{}", "REF", 2),
        (PAID_CLAIM[0], "CLP*{}*1*150*80*20*MB*ICN1*11*1", "CLP", 1),
        ("SVC*HC:97110:GP*100*50**2", "SVC*HC:97110:GP:{}*100*50**2", "SVC", 1),
    ],
)
def test_an_element_too_long_to_be_stored_is_named_and_holds_back_its_transaction(
    segment: str, replaced: str, name: str, element: int
) -> None:
    file = read_with(segment, replaced.format("X" * (MAX_ELEMENT_CHARACTERS + 1)))

    [found] = [f for f in file.all_findings if f.code == "element-too-long"]
    index = SEGMENTS.index(segment) + 1
    assert (found.segment_index, found.segment, found.element) == (index, name, element)
    assert f"{name}{element:02d} (segment {index}) has " in found.message
    assert "ask the sender" in found.message
    assert not file.transactions[0].postable


def test_an_element_as_long_as_may_be_is_nothing_to_speak_of() -> None:
    assert codes(read_with("REF*6R*L1", "REF*6R*" + "X" * MAX_ELEMENT_CHARACTERS)) == []


def test_of_two_transactions_the_one_without_a_long_element_is_postable() -> None:
    bad = remittance(*PAID_CLAIM, control="0001")
    bad = [s.replace("REF*6R*L1", "REF*6R*" + "X" * 9_000) for s in bad]
    file = read_file(encoded(interchange(bad + remittance(*PAID_CLAIM, control="0002"))))

    assert [t.postable for t in file.transactions] == [False, True]
