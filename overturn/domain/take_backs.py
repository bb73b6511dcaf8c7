"""Money that moves outside any claim (PLB) and yet names one: which one, and what it does to its dollars.

Payers put a claim's number into PLB03-2 in forms of their own. X12's interpretations 484, 1374, 2223 and 2370
on 005010X221A1 name them: the payer's control number (CLP07) or ours (CLP01), both and the trace number one
after the other; some put the service date behind our number, and Medicare two characters before its own.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

TAKES_BACK: Final = ("WO", "WU", "CS")
"""Reasons that move a claim's own dollars: recovered overpayments (a negative one puts the recovery off to a
later remittance) and adjustments without a code of their own."""

CARRIED: Final = "FB"
"""A balance moved to the next payment (negative) or brought from the last one (positive). The claims behind
it have their own CLP in one of the two, so it is never a claim's money, and all of them come to 0.00."""

FEWEST_CHARACTERS: Final = 5
"""Shorter parts of a longer reference are too common to name a claim."""

_SEPARATORS: Final = re.compile(r"[^0-9A-Za-z.#-]+")
_DATE_BEHIND: Final = re.compile(r"(?<=.)(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$")
_LEADING: Final = 2


@dataclass(frozen=True, slots=True)
class TakeBack:
    """A PLB amount that was paired with the claim: US dollars, positive where the payer took money."""

    id: UUID
    paid_on: date | None
    reason: str
    amount: Decimal
    segment_index: int

    @property
    def day(self) -> date:
        return self.paid_on or date.min


def numbers_in(reference: str | None) -> tuple[str, ...]:
    """The claim numbers a reference may mean, the likeliest first: all of it, its parts, then parts without
    a service date behind or two characters before."""
    whole = (reference or "").strip()
    parts = [part for part in _SEPARATORS.split(whole) if len(part) >= FEWEST_CHARACTERS]
    dated = [_DATE_BEHIND.sub("", part) for part in parts]
    cut = [part[_LEADING:] for part in parts]
    within = [number for number in [*parts, *dated, *cut] if len(number) >= FEWEST_CHARACTERS]
    return tuple(dict.fromkeys([whole, *within] if whole else []))
