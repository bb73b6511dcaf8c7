"""Whatever happened to an official file on its way, it is imported or refused in words, never half."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overturn.reference.importing import import_file
from overturn.reference.layouts import Kind
from overturn.reference.published import UnreadableFileError
from overturn.reference.store import ReferenceFolder
from tests.unit.reference.official_files import (
    ADD_ON_FILE,
    GPCI_FILE,
    MUE_HEADER,
    MUE_NOTICE,
    MUE_ROWS,
    PPRRVU_PREAMBLE,
    PPRRVU_ROWS,
    PPRRVU_STACK,
    PTP_HEADER,
    PTP_ROWS,
    ptp_text,
    write_workbook,
)
from tests.unit.reference.test_importing import TODAY

TEXTS = {
    Kind.NCCI_PTP: ptp_text(),
    Kind.MUE: MUE_NOTICE + MUE_HEADER + MUE_ROWS,
    Kind.ADD_ON: ADD_ON_FILE,
    Kind.PPRRVU: PPRRVU_PREAMBLE + PPRRVU_STACK + PPRRVU_ROWS,
    Kind.GPCI: GPCI_FILE,
    Kind.CARC: "Code,Description,Start\n16,Ours,1995-01-01\n",
}


with TemporaryDirectory() as _place:
    WORKBOOK = write_workbook(Path(_place) / "whole.xlsx", [*PTP_HEADER, *PTP_ROWS]).read_bytes()


def bring_in(kind: Kind, content: bytes, name: str) -> None:
    """Refusals have words and leave the folder as it was."""
    with TemporaryDirectory() as place:
        path, folder = Path(place) / name, ReferenceFolder(Path(place) / "reference")
        path.write_bytes(content)
        try:
            done = import_file(kind, path, folder, today=TODAY)
        except UnreadableFileError as error:
            said = error.problems
        else:
            assert done.path.exists()
            return
        assert said
        assert all(len(problem) < 600 for problem in said)
        assert folder.tables() == []


@pytest.mark.parametrize("kind", TEXTS)
@given(data=st.data())
@settings(max_examples=30)
def test_a_damaged_text_is_imported_or_refused_in_words(kind: Kind, data: st.DataObject) -> None:
    content = bytearray(TEXTS[kind].encode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content) - 1))
        end = data.draw(st.integers(start, min(len(content), start + 40)))
        match data.draw(st.sampled_from(["cut", "drop", "double", "bytes"])):
            case "cut":
                del content[start + 1 :]
            case "drop" if end - start < len(content):
                del content[start:end]
            case "double":
                content[start:start] = content[start:end]
            case _:
                content[start:end] = data.draw(st.binary(min_size=1, max_size=8))
    bring_in(kind, bytes(content), "v322r0.csv")


@given(data=st.data())
@settings(max_examples=30)
def test_a_damaged_workbook_is_imported_or_refused_in_words(data: st.DataObject) -> None:
    content = bytearray(WORKBOOK)
    at = data.draw(st.integers(0, len(content) - 1))
    content[at : at + 8] = data.draw(st.binary(max_size=16))
    bring_in(Kind.NCCI_PTP, bytes(content), "v322r0.xlsx")
