"""Blanks that are filled once an address or a signer is known."""

import pytest

from overturn.letters import blanks
from overturn.letters.filling import fill_blanks
from tests.unit.letters.facts import MINIMAL, draft

KNOWN = {"payer_address": ("Appeals", "P.O. Box 7"), "signer_name": ("Robin *Vale*",)}


def test_the_blanks_that_are_known_are_filled_and_the_others_stay() -> None:
    before = draft("general", MINIMAL).markdown
    after = fill_blanks(before, KNOWN)
    assert set(blanks(before)) - set(blanks(after)) == {
        "payer's address for appeals",
        "name of the person who signs",
    }
    assert "Appeals\nP.O. Box 7\n" in after


def test_a_value_is_filled_in_as_text_and_never_as_markup() -> None:
    assert "Robin \\*Vale\\*" in fill_blanks(draft("general", MINIMAL).markdown, KNOWN)


@pytest.mark.parametrize("text", ["[why]", "\\[name of the person who signs\\]", "no blank", "[signature]"])
def test_what_is_no_known_blank_stays_as_it_is(text: str) -> None:
    assert fill_blanks(text, KNOWN) == text
