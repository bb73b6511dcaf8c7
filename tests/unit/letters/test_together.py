"""Letters read together: the common text once, the rest by letter, and nothing lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overturn.letters.together import Gap, read_together

ANY_TEXT = st.text(alphabet="ab $1\n|", max_size=60)
A_LETTER = """# Lakeside Therapy

## RE: Appeal

| Patient | {patient} |
| Amount in question | {amount} |

We ask you to pay {amount} for the visit on {day}.
{more}
Sincerely,
"""


def letter(patient: str, amount: str, day: str = "May 4, 2026", more: str = "") -> str:
    return A_LETTER.format(patient=patient, amount=amount, day=day, more=more)


@given(st.lists(ANY_TEXT, min_size=1, max_size=6))
def test_what_is_common_and_what_differs_make_every_letter_again(letters: list[str]) -> None:
    together = read_together(letters)
    assert [together.letter(number) for number in range(len(letters))] == letters


@given(st.lists(st.tuples(st.text("xyz", min_size=1), st.text("123", min_size=1)), min_size=1, max_size=8))
def test_real_letters_come_back_whole_too(facts: list[tuple[str, str]]) -> None:
    letters = [letter(patient, amount) for patient, amount in facts]
    together = read_together(letters)
    assert [together.letter(number) for number in range(len(letters))] == letters


@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_a_column_has_a_value_for_every_letter_and_differs_somewhere(letters: list[str]) -> None:
    together = read_together(letters)
    assert all(len(column) == len(letters) for column in together.columns)
    assert len(set(together.columns)) == len(together.columns) == len(together.labels)


def test_the_same_value_in_two_places_is_one_column() -> None:
    together = read_together([letter("Ann Roe", "$120.00"), letter("Bo Poe", "$80.00")])
    assert [value.strip(" |\n") for value in together.columns[1]] == ["$120.00", "$80.00"]
    amounts = {piece.column for piece in together.pieces if isinstance(piece, Gap)}
    assert len(amounts) == len(together.columns)


def test_a_column_is_named_by_the_words_before_it() -> None:
    together = read_together([letter("Ann Roe", "$120.00"), letter("Bo Poe", "$80.00")])
    assert together.labels[:2] == ("Patient", "Amount in question")


def test_equal_letters_differ_nowhere() -> None:
    together = read_together([letter("Ann Roe", "$1")] * 3)
    assert together.columns == ()
    assert together.pieces == (letter("Ann Roe", "$1"),)


def test_a_sentence_that_only_one_letter_has_is_a_difference() -> None:
    together = read_together([letter("A", "$1"), letter("A", "$1", more="We said so before.\n")])
    assert any("We said so before." in value for column in together.columns for value in column)


@pytest.mark.parametrize("letters", [[], [""]])
def test_no_letter_has_no_text(letters: list[str]) -> None:
    assert read_together(letters).pieces == ()


def test_a_date_is_one_value() -> None:
    together = read_together([letter("A", "$1", "May 4, 2026"), letter("A", "$1", "May 9, 2025")])
    assert together.columns == (("May 4, 2026", "May 9, 2025"),)
    assert together.labels == ("for the visit on",)


def test_a_gap_in_a_table_is_named_by_its_heading() -> None:
    table = "| Date | Charge |\n|---|--:|\n| May 4, 2026 | {} |\n"
    assert read_together([table.format("$10.00"), table.format("$20.00")]).labels == ("Charge",)
