"""The committed text of each letter.

Refresh with `.venv/bin/python -m tests.unit.letters.snapshots`, then read the difference.
"""

from pathlib import Path
from typing import Final

from overturn.letters import draft_letter, letters_on_disk
from tests.unit.letters.facts import full_facts

SNAPSHOTS: Final = Path(__file__).parents[2] / "data" / "letters"


def refresh() -> None:
    SNAPSHOTS.mkdir(parents=True, exist_ok=True)
    for letter in letters_on_disk():
        draft = draft_letter(letter, full_facts(letter))
        (SNAPSHOTS / f"{letter}.md").write_text(draft.markdown, encoding="utf-8")


if __name__ == "__main__":
    refresh()
