"""The dialect of letters: what is markup, what stays text, and where it ends."""

import pytest

from overturn.letters import LetterError, blanks
from overturn.letters.markdown import (
    MAX_MARKDOWN_CHARACTERS,
    Heading,
    Letter,
    ListBlock,
    Paragraph,
    Rule,
    Run,
    Signature,
    Table,
    parse,
)


def test_a_paragraph_keeps_its_looks_and_its_lines() -> None:
    assert parse("a **b** *c*\nd").body == (
        Paragraph(
            (
                Run("a "),
                Run("b", bold=True),
                Run(" "),
                Run("c", italic=True),
                Run("\n"),
                Run("d"),
            )
        ),
    )


def test_what_stands_above_the_first_rule_is_the_letterhead() -> None:
    letter = parse("# Practice\n\nTelephone\n\n---\n\nDate\n\n---")
    assert letter.letterhead == (Heading(1, (Run("Practice"),)), Paragraph((Run("Telephone"),)))
    assert letter.body == (Paragraph((Run("Date"),)), Rule())


@pytest.mark.parametrize("markdown", ["text\n\n---\n\nmore", "# Heading\n\ntext", "", "---"])
def test_a_letter_may_stand_without_a_letterhead(markdown: str) -> None:
    assert parse(markdown).letterhead == ()


def test_a_table_keeps_its_alignment_and_one_without_header_lists_labels() -> None:
    lines, labels = parse("| A | B |\n|---|--:|\n| x | 1 |\n\n| | |\n|-|-|\n| Patient | P |").body
    assert lines == Table(((Run("A"),), (Run("B"),)), (((Run("x"),), (Run("1"),)),), ("left", "right"))
    assert labels == Table((), (((Run("Patient"),), (Run("P"),)),), ("left", "left"))


def test_lists_nest_and_keep_their_first_number() -> None:
    inner = ListBlock(ordered=False, start=1, items=((Paragraph((Run("b"),)),),))
    assert parse("3. a\n   - b\n").body == (
        ListBlock(ordered=True, start=3, items=((Paragraph((Run("a"),)), inner),)),
    )


def test_a_signature_is_a_line_of_its_own() -> None:
    assert parse("Sincerely,\n\n[signature]\n\nName").body[1] == Signature()
    assert blanks("[signature]") == ()


def test_brackets_are_blanks_and_escaped_brackets_are_text() -> None:
    assert blanks("[plan-of-care date], \\[not this\\], **[trace number]**, [plan-of-care date]") == (
        "plan-of-care date",
        "trace number",
    )


def test_blanks_are_found_in_the_letterhead_in_tables_and_in_lists() -> None:
    assert blanks("# [a]\n\n---\n\n## [b]\n\n| [c] |\n|---|\n| [d] |\n\n- x\n  - [e]\n") == tuple("abcde")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=file:///etc/passwd>",
        "https://example.org/",
        "<https://example.org/>",
        "`code`",
        "&lt;",
        "&#60;",
        "> quoted",
        "~~struck~~",
        "{{7*7}}",
    ],
)
def test_what_the_dialect_does_not_know_stays_text(text: str) -> None:
    assert parse(text).body == (Paragraph((Run(text),)),)


def test_a_link_or_an_image_is_not_followed() -> None:
    assert "".join(run.text for run in _only_paragraph("![x](http://169.254.169.254/)").runs) == (
        "![x](http://169.254.169.254/)"
    )


def test_indented_text_and_underlines_make_neither_code_nor_headings() -> None:
    assert parse("    indented").body == (Paragraph((Run("indented"),)),)
    assert parse("Text\n===").body == (Paragraph((Run("Text"), Run("\n"), Run("==="))),)


def test_characters_no_document_can_hold_are_made_visible() -> None:
    assert parse("a\x00b\x07c\u202ed\ud800e").body == (Paragraph((Run("a\ufffdb\ufffdc\ufffdd\ufffde"),)),)


def test_an_empty_heading_is_an_empty_line() -> None:
    assert parse("#\n").body == (Paragraph(()),)


def test_a_letter_that_is_too_long_is_refused_with_the_way_out() -> None:
    assert parse("a" * MAX_MARKDOWN_CHARACTERS) != Letter()
    with pytest.raises(LetterError, match="has 60,001 characters and at most 60,000"):
        parse("a" * (MAX_MARKDOWN_CHARACTERS + 1))


def test_a_letter_of_too_many_parts_is_refused_with_the_way_out() -> None:
    with pytest.raises(LetterError, match="more than 2,000 paragraphs, list items and table cells"):
        parse("a\n\n" * 2_001)


def _only_paragraph(markdown: str) -> Paragraph:
    (paragraph,) = parse(markdown).body
    assert isinstance(paragraph, Paragraph)
    return paragraph
