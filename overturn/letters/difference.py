"""What people changed in a letter: the lines that went and the lines that came, in the order of the text."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal


@dataclass(frozen=True, slots=True)
class Change:
    """A line that is no longer there, or one that was not drafted."""

    kind: Literal["removed", "added"]
    line: str


def changes(draft: str, final: str) -> tuple[Change, ...]:
    """The changes from one Markdown text to another; empty lines are left out. () where nothing changed."""
    before, after = draft.splitlines(), final.splitlines()
    found: list[Change] = []
    for tag, a, b, c, d in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag != "equal":
            found += [Change("removed", line) for line in before[a:b] if line.strip()]
            found += [Change("added", line) for line in after[c:d] if line.strip()]
    return tuple(found)
