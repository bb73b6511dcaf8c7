"""Cells of a rule table: what a billing manager writes into them, and what fits.

Codes: `16 96`, `16, 96` or `16; 96` (any of them), `97*` (begins so), `97161..97168` (from, to), `not PR OA`
(none of them). Figures: `>=100.00`, `>100`, `<=30`, `<30`, `0..30`, `45`. A blank cell fits everything; any
other cell needs a fact to hold against, so what nobody knows fits no cell, not even `not`.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

NOT: Final = "not"
WORDS: Final = r"[\s,;]+"
NAMES: Final = r"\s*\|\s*"
"""What parts the terms of a cell: spaces, commas, semicolons between codes, `|` between names with spaces."""

_SIGNS: Final = re.compile(r"(>=|<=|>|<|)\s*(-?\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class CodeCell:
    """A condition on a code: any of `codes`, `prefixes` and `ranges`, or with `negated` none of them."""

    codes: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    ranges: tuple[tuple[str, str], ...] = ()
    negated: bool = False
    text: str = field(default="", compare=False)

    @classmethod
    def parse(cls, text: str, *, parted_by: str = WORDS) -> "CodeCell":
        """Read a cell as written. Raises ValueError on what cannot be meant, with the way out."""
        terms = [term for term in re.split(parted_by, text.strip()) if term]
        negated = bool(terms) and (terms[0] == NOT or terms[0].startswith(f"{NOT} "))
        if negated:
            terms = [term for term in (terms[0][len(NOT) :].strip(), *terms[1:]) if term]
            if not terms:
                raise ValueError("says not, but not what: name the codes after it, or empty the cell")
        patterns = [term for term in terms if term.endswith("*")]
        spans = [_span(term) for term in terms if ".." in term]
        odd = [t for t in terms if t == NOT or "*" in t[:-1] or (t.endswith("*") and ".." in t)]
        if odd:
            raise ValueError(f"{odd[0]!r} cannot be read: write 97*, 97161..97168, or not once, at the start")
        return cls(
            codes=frozenset(term for term in terms if ".." not in term and not term.endswith("*")),
            prefixes=tuple(pattern[:-1] for pattern in patterns),
            ranges=tuple(spans),
            negated=negated,
            text=" ".join(text.split()),
        )

    @property
    def blank(self) -> bool:
        return not (self.codes or self.prefixes or self.ranges)

    @property
    def exact(self) -> bool:
        """True where the cell lists its codes one by one, so that it can be looked up."""
        return not (self.negated or self.prefixes or self.ranges)

    def holds(self, code: str | None) -> bool:
        """Whether the code fits."""
        if self.blank:
            return True
        return bool(code) and self._lists(code or "") is not self.negated

    def _lists(self, code: str) -> bool:
        return (
            code in self.codes
            or (bool(self.prefixes) and code.startswith(self.prefixes))
            or any(len(code) == len(low) and low <= code <= high for low, high in self.ranges)
        )


@dataclass(frozen=True, slots=True)
class FigureCell:
    """A condition on a figure: US dollars or days, between two bounds that belong to it unless `*_open`."""

    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False
    text: str = field(default="", compare=False)

    @classmethod
    def parse(cls, text: str) -> "FigureCell":
        """Read `>=100.00`, `0..30`, `45` or nothing. Raises ValueError on anything else."""
        written = text.strip()
        if not written:
            return cls()
        low, parted, high = written.partition("..")
        if parted:
            return cls._between(_figure(low), _figure(high), written)
        found = _SIGNS.fullmatch(written)
        if not found:
            raise ValueError(f"{written!r} is no figure: write >=100.00, <30, 0..30 or 45")
        sign, bound = found[1], Decimal(found[2])
        return cls(
            low=None if sign in {"<", "<="} else bound,
            high=None if sign in {">", ">="} else bound,
            low_open=sign == ">",
            high_open=sign == "<",
            text=written,
        )

    @classmethod
    def _between(cls, low: Decimal, high: Decimal, text: str) -> "FigureCell":
        if low > high:
            raise ValueError(f"{text} runs backwards: write the smaller figure first")
        return cls(low=low, high=high, text=text)

    @property
    def blank(self) -> bool:
        return self.low is None and self.high is None

    def holds(self, figure: Decimal | int | None) -> bool:
        """Whether the figure lies within the bounds."""
        if self.blank:
            return True
        if figure is None:
            return False
        above = self.low is None or figure > self.low or (figure == self.low and not self.low_open)
        below = self.high is None or figure < self.high or (figure == self.high and not self.high_open)
        return above and below


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of several codes fits the cell: a modifier of the line."""

    cell: CodeCell

    def holds(self, codes: frozenset[str]) -> bool:
        return any(self.cell.holds(code) for code in codes)


@dataclass(frozen=True, slots=True)
class NoneOf:
    """None of several codes fits the cell: a modifier the line does not have."""

    cell: CodeCell

    def holds(self, codes: frozenset[str]) -> bool:
        return not any(self.cell.holds(code) for code in codes)


ANY: Final = CodeCell()
ANY_FIGURE: Final = FigureCell()


def _span(term: str) -> tuple[str, str]:
    low, _, high = term.partition("..")
    if not low or len(low) != len(high) or low > high or ".." in high:
        raise ValueError(f"{term} is not a range of codes such as 97161..97168")
    return low, high


def _figure(text: str) -> Decimal:
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"{text!r} is no figure: write 0..30 or 100.00..250.00") from None
