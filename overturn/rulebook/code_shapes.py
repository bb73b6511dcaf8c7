"""What codes look like, so that one a spreadsheet cut short, or a range written with a dash, is not let in.

Such a code would fit no claim, and its row would never speak.
"""

import re
from collections.abc import Iterable
from typing import Final

from overturn.rulebook.cells import Row

Shape = tuple[re.Pattern[str], str]

_PROCEDURE: Final = (re.compile(r"[A-Z0-9]{5}"), "a procedure has five characters; a range is 97161..97168")
_MODIFIER: Final = (re.compile(r"[A-Z0-9]{2}"), "a modifier has two characters, in capitals")

SHAPES: Final[dict[str, Shape]] = {
    "procedures": _PROCEDURE,
    "modifiers": _MODIFIER,
    "modifiers_absent": _MODIFIER,
    "place_of_service": (re.compile(r"\d\d"), "a place of service has two digits, as 02"),
    "provider_type": (re.compile(r"[A-Z0-9]{10}"), "a taxonomy code has ten characters; 2251* begins so"),
    "frequency_code": (re.compile(r"[A-Z0-9]"), "a frequency code is one character, as 7"),
}


def check_shape(row: Row, column: str, codes: Iterable[str], *, named: str = "") -> None:
    """Refuse a code of another shape; `named` is the column's name in this table, where it differs."""
    pattern, told = SHAPES[column]
    odd = sorted(code for code in codes if not pattern.fullmatch(code))
    if odd:
        raise row.fail(named or column, f"{' '.join(odd)}: {told}: write the cell as text")
