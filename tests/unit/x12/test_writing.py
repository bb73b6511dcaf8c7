"""Claims sent again: valid by pyx12, read back by our own reader as they were but for what was changed."""

import io
import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from pyx12.params import params
from pyx12.x12n_document import x12n_document

from overturn.domain.remittance import Party
from overturn.domain.resubmission import Corrections, Frequency, LineCorrection, Resubmission
from overturn.domain.submission import SubmittedClaim
from overturn.synthetic.month import make_month
from overturn.x12 import read_file
from overturn.x12.writing import ClaimFileError, Envelope, envelope_like, write_resubmissions
from tests.unit.x12.interchanges import encoded, interchange, transaction

CORPUS = Path(__file__).parents[3].parent / "shared/corpus/837P"
ENVELOPE = Envelope("BRAMBLEGATE", "SPECIMENCLH", 77, "AGAIN77", datetime(2026, 11, 3, 17, 5))  # noqa: DTZ001
NPI = "1234567893"
WHERE_IT_STANDS = {
    *("segment_index", "segment_count", "segments", "parent_segments"),
    *("submitted_on", "submitter", "receiver"),
}
STORED = TypeAdapter(SubmittedClaim)
FAMILY = (
    "BHT*0019*00*OLD*20260110*0900*CH",
    "NM1*41*2*HILLSIDE*****46*TIN1",
    "PER*IC*DESK*TE*5550100100",
    "NM1*40*2*HOUSE*****46*CH1",
    "HL*7**20*1",
    "NM1*85*2*HILLSIDE*****XX*1999999984",
    "N3*1 HILL ST",
    "N4*COLUMBUS*OH*432150000",
    "REF*EI*311234567",
    "HL*8*7*22*1",
    "SBR*P********CI",
    "NM1*IL*1*SAMPLE*ANN****MI*M1",
    "NM1*PR*2*NORTH PLAN*****PI*60054",
    "HL*9*8*23*0",
    "PAT*19",
    "NM1*QC*1*SAMPLE*{child}",
    "N3*2 HILL ST",
    "N4*COLUMBUS*OH*432150000",
    "DMG*D8*20150203*M",
)
CHILDS_CLAIM = (
    "CLM*{number}*100***11:B:1*Y*A*Y*Y",
    "HI*ABK:M25561",
    "LX*1",
    "SV1*HC:97110*100*UN*1***1",
    "DTP*472*D8*20260105",
)


@pytest.fixture(autouse=True)
def _quiet_pyx12() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def valid(text: str) -> bool:
    """By pyx12, which has no map for X222A2 and none for version 4010."""
    text = text.replace("005010X222A2", "005010X222A1")
    return "004010" not in text and bool(x12n_document(params(), io.StringIO(text), io.StringIO(), None))


def claims_in(data: bytes) -> list[SubmittedClaim]:
    found: list[SubmittedClaim] = []
    for content in (t.content for t in read_file(data).transactions):
        found += [c for c in content if isinstance(c, SubmittedClaim)] if isinstance(content, list) else []
    return found


def childs_claim(number: str, child: str = "CAL", **changed: str) -> SubmittedClaim:
    """A dependent's claim; `changed` replaces one text of the file by another."""
    body = [segment.format(number=number, child=child) for segment in (*FAMILY, *CHILDS_CLAIM)]
    for name, text in changed.items():
        body = [segment.replace(name, text) for segment in body]
    (found,) = claims_in(encoded(interchange(transaction("837", *body), version="005010X222A1")))
    return found


def again(
    original: SubmittedClaim,
    frequency: Frequency = Frequency.REPLACEMENT,
    corrections: Corrections | None = None,
) -> Resubmission:
    number = f"ICN-{original.patient_control_number}"
    return Resubmission(original, frequency, number, corrections or Corrections())


def written(*resubmissions: Resubmission) -> str:
    return write_resubmissions(resubmissions, ENVELOPE).decode()


def segments(text: str, *names: str) -> list[str]:
    return [s for s in text.split("~") if s.partition("*")[0] in names]


def facts(claim: SubmittedClaim) -> dict[str, object]:
    """Everything the reader reads of a claim but where it stood and when it was sent."""
    values = {name: value for name, value in asdict(claim).items() if name not in WHERE_IT_STANDS}
    return {name: unplaced(value) for name, value in values.items()}


def unplaced(value: Any) -> Any:
    """The value, and what it is made of, without the segment it came from."""
    if isinstance(value, dict):
        return {name: unplaced(v) for name, v in value.items() if name != "segment_index"}
    return [unplaced(item) for item in value] if isinstance(value, list) else value


def sent_again(claim: SubmittedClaim, frequency: Frequency) -> dict[str, object]:
    anew = frequency is Frequency.ORIGINAL
    number = None if anew else f"ICN-{claim.patient_control_number}"
    return facts(claim) | {"frequency_code": frequency.value, "payer_claim_control_number": number}


def assert_same_but_for_the_frequency(originals: Sequence[SubmittedClaim], frequency: Frequency) -> None:
    data = write_resubmissions([again(claim, frequency) for claim in originals], ENVELOPE)
    assert list(read_file(data).all_findings) == []
    assert valid(data.decode())
    expected = {c.patient_control_number: sent_again(c, frequency) for c in originals}
    assert {c.patient_control_number: facts(c) for c in claims_in(data)} == expected


@pytest.fixture(scope="module")
def synthetic() -> list[SubmittedClaim]:
    """Stored and loaded again, as ingest keeps them; of four days, so that patients come more than once."""
    files = [file for file in make_month(claims=60, seed=7).files if file.kind == "837P"]
    read = [claim for file in files for claim in claims_in("".join(file.text()).encode())]
    return [STORED.validate_python(STORED.dump_python(claim, mode="json")) for claim in read]


@pytest.mark.parametrize("frequency", Frequency)
def test_every_generated_claim_survives_being_sent_again(
    synthetic: list[SubmittedClaim], frequency: Frequency
) -> None:
    assert len(synthetic) == 60
    assert_same_but_for_the_frequency(synthetic, frequency)


def test_odd_claims_are_sent_again_and_text_stays_within_its_element() -> None:
    """The reader keeps a literal `*` of a file with other delimiters as `|`: it separates nothing."""
    files = [
        f for f in make_month(claims=40, seed=7, adversarial=True).files if f.kind == "837P" and f.shapes
    ]
    originals = [claim for file in files for claim in claims_in("".join(file.text()).encode())]
    assert max(len(claim.lines) for claim in originals) == 999
    for original in originals:
        (found,) = claims_in(written(again(original)).encode())
        assert len(found.segments) == len(original.segments) + 1  # REF*F8
        assert found.lines == [
            replace(line, segment_index=new.segment_index)
            for line, new in zip(original.lines, found.lines, strict=True)
        ]
        assert found.subscriber.name == (original.subscriber.name or "").replace("*", "|")
        assert found.notes == tuple(note.replace("*", "|") for note in original.notes)


def corpus_files(version: str = "") -> list[Path]:
    files = sorted(CORPUS.iterdir()) if CORPUS.is_dir() else []
    return [path for path in files if version.encode() in path.read_bytes()]


def valid_corpus_files() -> list[Path]:
    """Those that pyx12 calls valid and that hold claims; nothing can be asked of the others."""
    texts = {path: path.read_bytes() for path in corpus_files("005010X222A")}
    return [path for path, data in texts.items() if claims_in(data) and valid(data.decode("utf-8-sig"))]


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the public corpus is not beside the project")
def test_what_is_valid_in_the_public_corpus_stays_valid() -> None:
    paths = valid_corpus_files()
    assert paths
    for path in paths:
        originals = {claim.patient_control_number: claim for claim in claims_in(path.read_bytes())}
        assert_same_but_for_the_frequency(list(originals.values()), Frequency.REPLACEMENT)
        assert_same_but_for_the_frequency(list(originals.values()), Frequency.VOID)


@pytest.mark.parametrize("path", corpus_files("REF*87*004010"), ids=lambda path: path.name)
def test_nothing_of_version_4010_in_the_public_corpus_is_sent_again(path: Path) -> None:
    originals = claims_in(path.read_bytes())
    assert "version 4010" in refusal(*map(again, originals))[0]


def test_claims_of_one_family_stand_under_one_provider_and_subscriber() -> None:
    children = [childs_claim("A", "CAL"), childs_claim("B", "DEE"), childs_claim("C", "CAL")]
    text = written(*map(again, children))

    assert segments(text, "HL") == ["HL*1**20*1", "HL*2*1*22*1", "HL*3*2*23*0", "HL*4*2*23*0"]
    assert [s.split("*")[1] for s in segments(text, "CLM")] == ["A", "C", "B"]
    home = ("2 HILL ST", "COLUMBUS, OH 43215-0000")
    assert [c.patient for c in claims_in(text.encode())] == [
        Party("SAMPLE", None, None, "CAL", home),
        Party("SAMPLE", None, None, "CAL", home),
        Party("SAMPLE", None, None, "DEE", home),
    ]
    assert valid(text)


def test_a_second_provider_begins_a_new_hierarchy() -> None:
    valley = childs_claim("B", **{"NM1*85*2*HILLSIDE": "NM1*85*2*VALLEY"})
    text = written(again(childs_claim("A")), again(valley))

    assert [s.split("*")[1:4] for s in segments(text, "HL")] == [
        *(["1", "", "20"], ["2", "1", "22"], ["3", "2", "23"]),
        *(["4", "", "20"], ["5", "4", "22"], ["6", "5", "23"]),
    ]
    assert valid(text)


def test_envelope_and_header_carry_the_numbers_given_and_the_trailers_count() -> None:
    found = written(again(childs_claim("A"))).split("~")

    assert found[0] == (
        "ISA*00*          *00*          *ZZ*BRAMBLEGATE    *ZZ*SPECIMENCLH    "
        "*261103*1705*^*00501*000000077*0*P*:"
    )
    assert found[1] == "GS*HC*BRAMBLEGATE*SPECIMENCLH*20261103*1705*77*X*005010X222A1"
    assert found[2:4] == ["ST*837*0001*005010X222A1", "BHT*0019*00*AGAIN77*20261103*1705*CH"]
    assert found[-4:] == [f"SE*{len(found) - 5}*0001", "GE*1*77", "IEA*1*000000077", ""]


def test_a_test_file_says_so() -> None:
    data = write_resubmissions([again(childs_claim("A"))], replace(ENVELOPE, test=True))
    assert data.split(b"~")[0].endswith(b"*T*:")


def test_an_envelope_can_be_that_of_the_original_under_new_numbers() -> None:
    data = encoded(interchange(transaction("837", *FAMILY), version="005010X222A1"), delimiters="|>!\n")
    envelope = envelope_like(data, control_number=9, batch_reference="B9", written_at=ENVELOPE.written_at)
    assert envelope == replace(
        ENVELOPE, sender="NORTHPLAN", receiver="HILLSIDEPT", control_number=9, batch_reference="B9"
    )
    with pytest.raises(ClaimFileError, match="no ISA"):
        envelope_like(b"ST*837", control_number=9, batch_reference="B9", written_at=ENVELOPE.written_at)


def test_the_same_arguments_give_the_same_bytes(synthetic: list[SubmittedClaim]) -> None:
    assert written(*map(again, synthetic[:5])) == written(*map(again, synthetic[:5]))


def test_corrections_change_the_lines_the_provider_and_the_authorization(
    synthetic: list[SubmittedClaim],
) -> None:
    original = next(c for c in synthetic if c.prior_authorization and "GP" in c.lines[0].modifiers)
    corrections = Corrections(
        lines=(LineCorrection(1, ("KX", "59")), LineCorrection(2, ("GO",), ("GP",))),
        rendering_provider=Party("NEWNAME", NPI, first_name="NELL"),
        prior_authorization="AUTHNEW",
    )
    text = written(again(original, corrections=corrections))
    (found,) = claims_in(text.encode())

    assert found.lines[0].modifiers == (*original.lines[0].modifiers, "KX", "59")
    assert found.lines[1].modifiers == ("GO",)
    assert found.lines[2:] == [
        replace(line, segment_index=new.segment_index)
        for line, new in zip(original.lines[2:], found.lines[2:], strict=True)
    ]
    assert found.rendering_provider == Party("NEWNAME", NPI, "XX", "NELL")
    assert found.prior_authorization == "AUTHNEW"
    assert len(segments(text, "REF")) == len(original.lines) + len(("EI", "D9", "G1", "F8"))
    assert valid(text)


def test_a_wrong_npi_is_corrected_without_touching_the_name_and_on_the_lines_too() -> None:
    original = childs_claim("A")
    rendering = "NM1*82*1*THERAPIST*PAT*Q***XX*1999999984"
    other = "NM1*82*1*OTHER*OLA****XX*1999999976"
    lines = [*original.segments[2:], rendering, *original.segments[2:], other]
    (first,) = claims_in(
        encoded(
            interchange(
                transaction("837", *original.parent_segments, *original.segments[:2], rendering, *lines),
                version="005010X222A1",
            )
        )
    )
    corrected = again(first, corrections=Corrections(rendering_provider=Party(None, NPI)))
    (found,) = claims_in(written(corrected).encode())

    assert found.rendering_provider == Party("THERAPIST", NPI, "XX", "PAT")
    assert [line.rendering_npi for line in found.lines] == [NPI, "1999999976"]
    assert rendering.replace("1999999984", NPI) in found.segments


def test_a_rendering_provider_is_put_where_there_was_none() -> None:
    original = childs_claim("A")
    place = "NM1*77*2*OFFICE*****XX*1999999984", "N3*3 HILL ST", "N4*COLUMBUS*OH*432150000"
    original.segments[2:2] = place
    corrections = Corrections(rendering_provider=Party("NEWNAME", NPI, first_name="NELL"))
    text = written(again(original, corrections=corrections))

    assert segments(text, "NM1")[-2:] == ["NM1*82*1*NEWNAME*NELL****XX*" + NPI, place[0]]
    assert valid(text)


def test_another_payers_references_are_left_alone() -> None:
    original = childs_claim("A")
    other = [
        "SBR*S*18*******CI", "OI***Y*P**Y", "NM1*IL*1*SAMPLE*BEN****MI*M2", "NM1*PR*2*SECOND*****PI*99",
        "REF*F8*THEIRS",
    ]  # fmt: skip
    original.segments[1:1] = ["REF*F8*BEFORE", "REF*D9*CH1"]
    original.segments[4:4] = other
    (found,) = claims_in(written(again(original)).encode())

    assert found.payer_claim_control_number == "ICN-A"
    assert [s for s in found.segments if s.startswith("REF*F8")] == ["REF*F8*ICN-A", "REF*F8*THEIRS"]


def test_a_line_keeps_its_description_behind_the_modifiers() -> None:
    original = childs_claim("A", **{"HC:97110*": "HC:97110:::::OWN WORDS*"})
    text = written(again(original, corrections=Corrections(lines=(LineCorrection(1, ("GP",)),))))
    assert segments(text, "SV1") == ["SV1*HC:97110:GP::::OWN WORDS*100*UN*1***1"]


def refusal(*resubmissions: Resubmission, envelope: Envelope = ENVELOPE) -> tuple[str, ...]:
    with pytest.raises(ClaimFileError) as refused:
        write_resubmissions(resubmissions, envelope)
    assert str(refused.value) == " ".join(refused.value.faults)
    return refused.value.faults


def test_no_file_is_written_without_a_claim() -> None:
    assert refusal() == ("There is no claim to write.",)


def test_every_fault_of_every_claim_is_told() -> None:
    void = replace(childs_claim("A"), frequency_code="8")
    nameless = replace(again(childs_claim("B")), payer_claim_control_number="")
    found = refusal(again(void), nameless)
    assert [fault[:8] for fault in found] == ["Claim A ", "Claim B "]


def test_a_claim_without_its_hierarchy_or_segments_asks_for_its_file() -> None:
    original = childs_claim("A")
    lone = replace(original, parent_segments=original.parent_segments[:9], segments=[])
    found = refusal(again(lone))
    assert "billing provider (HL 20), subscriber (HL 22)" in found[0]
    assert "stored without its segments" in found[1]


def test_a_claim_of_version_4010_is_refused() -> None:
    old = childs_claim("A")
    old.parent_segments.insert(1, "REF*87*004010X098A1")
    assert "version 4010" in refusal(again(old))[0]


def test_the_same_claim_twice_is_refused() -> None:
    twice = [again(childs_claim("A")), again(childs_claim("A"), Frequency.VOID)]
    assert refusal(*twice) == ("Claim A is given 2 times: send each claim once in a file.",)


def test_claims_of_different_submitters_need_files_of_their_own() -> None:
    (found,) = refusal(again(childs_claim("A")), again(childs_claim("B", TIN1="TIN2")))
    assert found == "Claims A and B were sent by or to different parties: write one file for each."


@pytest.mark.parametrize("text", ["X*Y", "X:Y", "X~Y", "X^Y", "X\nY"])
def test_a_value_with_a_separator_cannot_break_out_of_its_element(text: str) -> None:
    resubmission = replace(again(childs_claim("A")), payer_claim_control_number=text)
    assert "separates X12 data" in refusal(resubmission)[0]
    named = again(childs_claim("A"), corrections=Corrections(rendering_provider=Party(text, NPI)))
    assert "separates X12 data" in refusal(named)[0]
    assert (
        "separates X12 data" in refusal(again(childs_claim("A")), envelope=replace(ENVELOPE, sender=text))[0]
    )


@pytest.mark.parametrize(
    ("envelope", "words"),
    [
        (replace(ENVELOPE, sender=""), "The sender is blank."),
        (replace(ENVELOPE, receiver="R" * 16), "longer than 15 characters"),
        (replace(ENVELOPE, batch_reference="B" * 51), "longer than 50 characters"),
        (replace(ENVELOPE, control_number=0), "is not one of 1 to 999999999"),
        (replace(ENVELOPE, control_number=10**9), "is not one of 1 to 999999999"),
    ],
)
def test_an_envelope_that_does_not_fit_is_named(envelope: Envelope, words: str) -> None:
    (found,) = refusal(again(childs_claim("A")), envelope=envelope)
    assert words in found
