"""A package as the payer's clerk gets it: in order, numbered, listed, and within what the channel takes."""

import re
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from overturn.domain.appeal_package import ChannelLimits, Form, FormField, FormSection
from overturn.letters import LetterError
from overturn.packages import PackageError, PackageFile, build_package
from tests.unit.packages.samples import SHEET, document, package, scan, texts

STAMP = re.compile(r"Claim 2024199000417\s+page (\d+) of (\d+)")


def stamps(files: list[PackageFile]) -> list[tuple[int, int]]:
    found = [STAMP.search(text) for file in files for text in texts(file.content)]
    assert all(found)
    return [(int(stamp[1]), int(stamp[2])) for stamp in found if stamp]


def test_each_page_says_the_claim_and_its_number() -> None:
    files = build_package(package(SHEET, document(pages=3)))
    (file,) = files
    assert stamps(files) == [(number, file.pages) for number in range(1, file.pages + 1)]


def test_cover_letter_and_exhibits_stand_in_order() -> None:
    (file,) = build_package(package(SHEET, document("Evaluation", 2), document("Notes")))
    pages = texts(file.content)
    order = ["Contents", "Dear", "Exhibit 1", "Evaluation sheet 1", "Evaluation sheet 2", "Notes sheet 1"]
    order[1] = "To the reviewer"
    where = [
        next(i for i, page in enumerate(pages) if words in page and (i or words == "Contents"))
        for words in order
    ]
    assert where == sorted(where)


def test_the_cover_lists_each_exhibit_with_the_page_it_begins_on() -> None:
    (file,) = build_package(package(SHEET, document("Evaluation", 2), document("Notes")))
    pages = texts(file.content)
    for title, words in (("Evaluation", "Evaluation sheet 1"), ("Notes", "Notes sheet 1")):
        begins = next(i for i, page in enumerate(pages) if words in page) + 1
        assert re.search(rf"{title}\s+\d\s+{begins}\b", pages[0])
    assert "P.O. Box 1000" in pages[0]


def test_the_outline_leads_to_every_exhibit() -> None:
    (file,) = build_package(package(SHEET, document("Evaluation", 2)))
    titles = [
        str(entry.title) for entry in PdfReader(BytesIO(file.content)).outline if not isinstance(entry, list)
    ]
    assert [title for title in titles if title.startswith("Exhibit")] == [
        "Exhibit 1: Remittance advice of August 1, 2024",
        "Exhibit 2: Evaluation",
    ]


def test_a_sheet_shows_its_figures_and_its_segments() -> None:
    (file,) = build_package(package(SHEET))
    (page,) = [text for text in texts(file.content) if "SVC*HC" in text]
    assert "CO-50 120.00" in page
    assert "CAS*CO*50*120" in page
    assert "Shaded: the denied lines." in page


def test_text_in_a_segment_is_never_markup() -> None:
    segment = replace(SHEET.segments[0], text="NTE*ADD*#panic() *bold* $x$ @here")
    (file,) = build_package(package(replace(SHEET, segments=(segment,))))
    assert "NTE*ADD*#panic() *bold* $x$ @here" in "\n".join(texts(file.content))


def test_a_form_keeps_its_fields_in_order_and_shows_what_is_blank() -> None:
    fields = (FormField("Beneficiary's name", "Avery Quill"), FormField("Medicare number", ""))
    form = Form("CMS-20027", (FormSection("Beneficiary", fields),))
    (file,) = build_package(replace(package(SHEET), forms=(form,)))
    (page,) = [text for text in texts(file.content) if "Beneficiary's name" in text]
    assert page.index("Avery Quill") < page.index("[Medicare number]")


def test_the_same_package_is_the_same_file_to_the_byte() -> None:
    made = package(SHEET, document(pages=2))
    assert build_package(made) == build_package(made)


def test_a_package_of_our_own_pages_is_accessible_by_the_standard() -> None:
    (file,) = build_package(package(SHEET))
    assert b"pdfuaid:part" in file.content


def test_pages_of_others_carry_a_text_for_who_cannot_see_them() -> None:
    (file,) = build_package(package(document("Evaluation", 2)))
    reader = PdfReader(BytesIO(file.content))
    assert "/StructTreeRoot" in reader.root_object
    assert str(reader.root_object["/Lang"]) == "en-US"
    assert "Exhibit 1: Evaluation, page 2 of 2" in alternative_texts(file.content)


def alternative_texts(file: bytes) -> set[str]:
    objects: list[Any] = list(PdfWriter(clone_from=BytesIO(file))._objects)
    return {str(found["/Alt"]) for found in objects if isinstance(found, dict) and "/Alt" in found}


def test_a_character_without_a_glyph_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(LetterError, match=r"The package cannot be made"):
        build_package(package(replace(SHEET, note="漢")))


# --- what a channel takes ---------------------------------------------------------------------------------


def limits(**changes: int) -> ChannelLimits:
    return replace(ChannelLimits(max_files=9, max_bytes=10**7, max_pages=10), **changes)


def test_a_package_too_long_for_one_file_is_split_and_counted_through() -> None:
    exhibits = [document(f"Document {number}", 4) for number in "ABC"]
    files = build_package(package(*exhibits), limits=limits())
    assert [file.name for file in files] == [
        f"appeal-part-{n}-of-{len(files)}.pdf" for n in range(1, len(files) + 1)
    ]
    total = sum(file.pages for file in files)
    assert stamps(files) == [(number, total) for number in range(1, total + 1)]
    assert all(file.pages <= 10 for file in files)


def test_a_document_longer_than_a_file_goes_on_in_the_next() -> None:
    files = build_package(package(document("Notes", 25)), limits=limits())
    words = "\n".join(text for file in files for text in texts(file.content))
    assert [int(n) for n in re.findall(r"Notes sheet (\d+)", words)] == list(range(1, 26))
    assert "its pages" in texts(files[1].content)[0]


def test_more_files_than_the_channel_takes_is_said_with_the_way_out() -> None:
    with pytest.raises(PackageError, match=r"needs \d files and this channel takes 2: leave out exhibits"):
        build_package(package(document("Notes", 40)), limits=limits(max_files=2))


def test_a_letter_too_long_for_the_channel_is_said() -> None:
    with pytest.raises(PackageError, match="Cover sheet and letter alone have"):
        build_package(package(SHEET), limits=limits(max_pages=2))


def test_a_page_too_heavy_for_the_channel_is_said_with_its_exhibit() -> None:
    with pytest.raises(PackageError, match=r"Exhibit 1: Scan does not fit into a file of 200,000 bytes"):
        build_package(package(scan(400_000)), limits=limits(max_bytes=200_000))


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(min_value=1, max_value=9), min_size=1, max_size=5))
def test_no_page_is_lost_and_none_is_doubled_however_it_is_split(pages: list[int]) -> None:
    exhibits = [document(f"Document{'ABCDE'[number]}", count) for number, count in enumerate(pages)]
    files = build_package(package(*exhibits), limits=limits(max_files=30, max_pages=7))
    words = "\n".join(text for file in files for text in texts(file.content))
    for exhibit in exhibits:
        found = [int(n) for n in re.findall(rf"{exhibit.title} sheet (\d+)", words)]
        assert found == list(range(1, exhibit.pages + 1))
