import pytest

from overturn.x12.delimiters import Delimiters, find_interchanges, tidied, without_line_breaks
from tests.unit.x12.interchanges import ISA, PAID_CLAIM, encoded, interchange, remittance

USUAL = Delimiters("*", ":", "^", "~")


def without_layout(text: str, delimiters: Delimiters) -> str:
    return tidied(without_line_breaks(text, delimiters), delimiters)


@pytest.mark.parametrize("marks", ["*:^~", "|>^~", "*|^~", "+>!\n", "~^?_", "\x1d\x1f\x1c\x1e"])
def test_delimiters_are_taken_from_the_isa(marks: str) -> None:
    text = encoded(interchange(remittance(*PAID_CLAIM)), marks).decode()

    (start,) = find_interchanges(text)

    assert start.delimiters == Delimiters(*marks)
    assert start.isa_width == 105


def test_an_isa_of_another_width_is_read_by_counting_its_separators() -> None:
    (start,) = find_interchanges("ISA*00* *00* *ZZ*A *ZZ*B *260115*1200*^*00501*000000001*0*P*>~GS*HP")

    assert start.delimiters == Delimiters("*", ">", "^", "~")
    assert start.isa_width == 62 - len("~")


def test_before_5010_there_is_no_repetition_separator() -> None:
    (start,) = find_interchanges(ISA.format(control="000000001").replace("*^*", "*U*") + "~")

    assert start.delimiters is not None
    assert start.delimiters.repetition is None


def test_a_cut_off_isa_is_reported_without_delimiters() -> None:
    (start,) = find_interchanges("ISA*00*          *00*   ")

    assert start.delimiters is None


def test_letters_cannot_be_delimiters() -> None:
    (start,) = find_interchanges(ISA.format(control="000000001") + "GS*HP")

    assert start.delimiters is None


def test_a_patient_called_isa_does_not_begin_an_interchange() -> None:
    text = encoded(interchange(remittance(*PAID_CLAIM, "NM1*QC*1*ISA*00*", "NTE*ADD*LISA*00*"))).decode()

    assert len(list(find_interchanges(text))) == 1


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "  \n", "\n\n\n"])
def test_layout_around_segments_is_taken_out(newline: str) -> None:
    segments = [ISA.format(control="000000001"), "GS*HP", "ST*835"]

    text = without_layout(newline.join(f"{segment}~" for segment in segments), USUAL)

    assert text.rstrip("~").split("~") == segments


def test_lines_wrapped_at_eighty_columns_are_joined() -> None:
    text = encoded(interchange(remittance(*PAID_CLAIM))).decode()
    wrapped = "\n".join(text[at : at + 80] for at in range(0, len(text), 80))

    assert without_layout(wrapped, USUAL) == text.rstrip("~")


def test_indentation_and_padding_are_taken_out_but_not_blanks_inside_a_value() -> None:
    text = f"{ISA.format(control='000000001')}~  GS*HP~\tN1*PR*NORTH PLAN   *XV~~REF*2U*12345   ~"

    assert without_layout(text, USUAL).split("~")[1:] == ["GS*HP", "N1*PR*NORTH PLAN*XV", "REF*2U*12345"]


def test_newlines_that_end_segments_may_be_of_any_kind() -> None:
    delimiters = Delimiters("*", ":", "^", "\n")

    assert without_layout("GS*HP\r\nST*835\rSE*2\n\n", delimiters).split() == ["GS*HP", "ST*835", "SE*2"]


def test_translation_swaps_so_that_data_never_becomes_a_delimiter() -> None:
    table = Delimiters("|", ">", "^", "\n").to_canonical()

    assert table is not None
    assert "SVC|HC>97110|A*B:C\n".translate(table) == "SVC*HC:97110*A|B>C~"


def test_usual_delimiters_need_no_translation() -> None:
    assert USUAL.to_canonical() is None
