"""Filling a letter's blanks with what became known after it was drafted."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from overturn.letters.templates import escape, letter_templates
from overturn.paths import APPEAL_TEMPLATES

_BLANK: Final = re.compile(r"(?<!\\)\[([^\[\]\n]+)\]")


def fill_blanks(
    markdown: str, known: Mapping[str, Sequence[str]], *, templates_dir: Path = APPEAL_TEMPLATES
) -> str:
    """The letter with every blank filled whose fact is known; `known` has a fact's lines by its name.

    Only the facts that every letter needs are filled (`_base/letter.md`); what else people wrote stays.
    """
    labels = {label: name for name, label in letter_templates(templates_dir).base_needs.items()}

    def filled(blank: re.Match[str]) -> str:
        lines = known.get(labels.get(blank[1], ""), ())
        return "\n".join(map(escape, lines)) or blank[0]

    return _BLANK.sub(filled, markdown)
