"""The committed text of each letter.

Refresh with `.venv/bin/python -m tests.unit.letters.snapshots`, then read the difference.
"""

from pathlib import Path
from typing import Final

from overturn.letters import letters_on_disk
from tests.unit.letters.facts import CASES, draft, full_facts

SNAPSHOTS: Final = Path(__file__).parents[2] / "data" / "letters"


def snapshot(letter: str, case: str) -> Path:
    return SNAPSHOTS / f"{letter}.{case}.md"


def refresh() -> None:
    SNAPSHOTS.mkdir(parents=True, exist_ok=True)
    for letter in letters_on_disk():
        for case in CASES:
            text = draft(letter, full_facts(letter, case)).markdown
            snapshot(letter, case).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    refresh()
