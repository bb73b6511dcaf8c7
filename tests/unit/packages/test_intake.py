"""Uploads: told by their content, refused with the way out, and plain afterwards."""

import io
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.actions import JavaScript
from pypdf.annotations import FreeText, Link

from overturn.domain.appeal_package import Document
from overturn.packages.building import build_package
from overturn.packages.intake import MAX_BYTES, UploadRefusedError, normalised, scan
from tests.unit.packages.samples import package, pdf, picture, texts


def written(change: Callable[[PdfWriter], object], pages: int = 2) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(pdf("Notes", pages)))
    change(writer)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def word(*paragraphs: str, table: bool = False, image: bytes = b"") -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if table:
        document.add_table(rows=1, cols=2).rows[0].cells[1].text = "in a cell"
    if image:
        document.add_picture(io.BytesIO(image))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_a_pdf_keeps_its_pages() -> None:
    found = normalised(pdf("Notes", 3))
    assert found.pages == 3
    assert "Notes sheet 3" in texts(found.content)[2]


def test_what_came_in_can_stand_in_a_package() -> None:
    found = normalised(word("A note", table=True))
    (file,) = build_package(package(Document("Note", found.content, found.pages)))
    assert "in a cell" in "\n".join(texts(file.content))


@pytest.mark.parametrize("content", [picture(60, 40)])
def test_a_picture_becomes_a_page(content: bytes) -> None:
    found = normalised(content)
    assert found.pages == 1
    assert len(PdfReader(io.BytesIO(found.content)).pages[0].images) == 1


def test_a_word_document_becomes_pages_with_its_words_and_none_of_them_acts() -> None:
    found = normalised(word('#panic() "quoted" \\ *x*', "second", table=True))
    words = " ".join(texts(found.content))
    assert '#panic() "quoted" \\ *x*' in words
    assert "second" in words
    assert "in a cell" in words


def locked(password: str) -> bytes:
    return written(lambda w: w.encrypt(password, owner_password="owner", algorithm="AES-256"))


def test_a_locked_pdf_is_refused_with_the_way_out() -> None:
    with pytest.raises(UploadRefusedError, match=r"locked with a password\. Open it, print it to a new PDF"):
        normalised(locked("secret"))


def test_a_pdf_that_opens_without_a_password_is_unlocked() -> None:
    assert not PdfReader(io.BytesIO(normalised(locked("")).content)).is_encrypted


def test_a_stamp_or_comment_is_refused_rather_than_lost_and_a_link_may_go() -> None:
    comment = FreeText(text="seen", rect=(10, 10, 90, 90))
    with pytest.raises(UploadRefusedError, match="Page 2 has form fields, stamps or comments"):
        normalised(written(lambda w: w.add_annotation(1, comment)))
    link = Link(rect=(10, 10, 90, 90), url="https://example.test/")
    found = normalised(written(lambda w: w.add_annotation(0, link)))
    assert "/Annots" not in PdfReader(io.BytesIO(found.content)).pages[0]


def test_scripts_and_attachments_do_not_come_along() -> None:
    def load(writer: PdfWriter) -> None:
        writer.add_open_action(JavaScript("app.alert(1)"))
        writer.add_attachment("evil.exe", b"MZ")

    content = written(load)
    assert "/Names" in PdfReader(io.BytesIO(content)).root_object
    plain = PdfReader(io.BytesIO(normalised(content).content))
    assert not {"/Names", "/OpenAction"} & plain.root_object.keys()
    assert not plain.attachments


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "The file is empty"),
        (b"MZ\x90 an executable", "neither a PDF nor a picture"),
        (b"<html>%html</html>", "neither a PDF nor a picture"),
        (b"GIF89a....", "neither a PDF nor a picture"),
        (b"%PDF-1.7 and nothing more", "The PDF is broken"),
        (pdf("Notes", 1)[:400], "The PDF is broken"),
        (b"\x89PNG\r\n\x1a\n broken", "The picture is broken"),
        (b"\xff\xd8\xff\xe0 broken", "The picture is broken"),
        (b"PK\x03\x04 broken", "no Word document that can be read"),
        (b"x" * (MAX_BYTES + 1), "at most 25 MB are taken"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_way_out(content: bytes, problem: str) -> None:
    with pytest.raises(UploadRefusedError, match=problem):
        normalised(content)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_opened() -> None:
    small = picture(4, 4)
    huge = small[:16] + (100_000).to_bytes(4, "big") * 2 + small[24:]
    with pytest.raises(UploadRefusedError, match="too many pixels"):
        normalised(huge)


def test_a_zip_that_is_no_word_document_and_one_that_swells_are_refused() -> None:
    for name, content in (("a.txt", b"x"), ("word/document.xml", bytes(120_000_000))):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        with pytest.raises(UploadRefusedError, match="no Word document that can be read"):
            normalised(file.getvalue())


def test_a_word_document_with_a_picture_is_refused_rather_than_sent_without() -> None:
    with pytest.raises(UploadRefusedError, match="pictures or embedded files, which would be lost"):
        normalised(word("text", image=picture(8, 8)))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_damaged_pdf_is_taken_or_refused_but_never_breaks_us(data: st.DataObject) -> None:
    content = bytearray(pdf("Notes", 2))
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(UploadRefusedError):
        assert normalised(bytes(content)).pages >= 1


# --- the virus scanner's hook -----------------------------------------------------------------------------


def scanner(code: str) -> str:
    return f'{sys.executable} -c "{code}"'


def test_without_a_command_nothing_is_scanned() -> None:
    scan(b"anything", "")


def test_a_file_is_handed_over_on_standard_input() -> None:
    ends_well = "import sys; sys.exit(0 if sys.stdin.buffer.read() == b'content' else 1)"
    scan(b"content", scanner(ends_well))
    with pytest.raises(UploadRefusedError, match="found something"):
        scan(b"other", scanner(ends_well))


@pytest.mark.parametrize(("command", "problem"), [("/no/such/scanner", "did not answer"), ("", "")])
def test_a_scanner_that_is_not_there_lets_nothing_through(command: str, problem: str) -> None:
    if command:
        with pytest.raises(UploadRefusedError, match=problem):
            scan(b"content", command)
    with pytest.raises(UploadRefusedError, match="ended with 7"):
        scan(b"content", scanner("import sys; sys.exit(7)"))
