"""What people changed in a letter, line by line."""

from hypothesis import given
from hypothesis import strategies as st

from overturn.letters.difference import Change, changes

TEXT = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=8).map("\n".join)


def test_a_line_filled_in_shows_what_it_was_and_what_it_is() -> None:
    assert changes("Dear\n\n[skilled need]\n", "Dear\n\nStairs were unsafe.\n") == (
        Change("removed", "[skilled need]"),
        Change("added", "Stairs were unsafe."),
    )


def test_changes_keep_the_order_of_the_text() -> None:
    found = changes("one\ntwo\nthree", "one\nthree\nfour")
    assert found == (Change("removed", "two"), Change("added", "four"))


@given(TEXT)
def test_a_letter_that_nobody_changed_has_no_change(text: str) -> None:
    assert changes(text, text) == ()


@given(TEXT, TEXT)
def test_the_way_back_removes_what_was_added(before: str, after: str) -> None:
    there, back = changes(before, after), changes(after, before)
    added = sorted(change.line for change in there if change.kind == "added")
    removed = sorted(change.line for change in there if change.kind == "removed")
    lines_after = sorted(line for line in after.splitlines() if line)
    lines_before = sorted(line for line in before.splitlines() if line)
    assert len(lines_before) - len(removed) + len(added) == len(lines_after)
    assert bool(there) == bool(back)
