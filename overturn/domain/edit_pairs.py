"""NCCI: which procedures are not paid together on one day, and how many units of one are (PTP edits, MUE).

Tables come from CMS each quarter and from payers that keep their own; the date of service and the payer
decide which of the tables at hand answers, and every answer names it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import combinations
from typing import Final, Generic, TypeVar

from overturn.domain.payers import MEDICARE_FFS, PayerContext

MEDICARE: Final = "medicare"
MEDICAID: Final = "medicaid"
NEVER_BYPASSED: Final = "0"
NOT_APPLICABLE: Final = "9"
ABSOLUTE: Final = "2"

PAIR_MODIFIERS: Final = frozenset(
    {
        *("59", "XE", "XS", "XP", "XU", "24", "25", "57", "58", "78", "79", "91", "27", "RT", "LT"),
        *("E1", "E2", "E3", "E4", "FA", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9"),
        *("TA", "T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "LC", "LD", "LM", "RC", "RI"),
    }
)
"""Modifiers that say two procedures were distinct, on either line (NCCI Policy Manual, chapter I, section E;
either column since 2019-07-01, First Coast)."""


class Verdict(StrEnum):
    """Whether two procedures of one day are paid together."""

    BILLABLE_TOGETHER = "billable_together"
    MODIFIER_NEEDED = "modifier_needed"
    NEVER_TOGETHER = "never_together"


_GRAVITY: Final = (Verdict.BILLABLE_TOGETHER, Verdict.MODIFIER_NEEDED, Verdict.NEVER_TOGETHER)


@dataclass(frozen=True, slots=True)
class PairEdit:
    """One PTP edit: column 2 is not paid beside column 1. Indicator 0: no modifier helps; 1: one does; 9: no
    edit. `effective_on` is None where the table does not say; `deleted_on` is the last day in force."""

    column1: str
    column2: str
    modifier_indicator: str
    effective_on: date | None
    deleted_on: date | None
    rationale: str = ""

    @property
    def ever_in_force(self) -> bool:
        """False for an edit that CMS took back to its first day: deleted when it began, indicator 9."""
        taken_back = self.deleted_on is not None and self.deleted_on == self.effective_on
        return self.modifier_indicator != NOT_APPLICABLE and not taken_back

    def in_force(self, on: date) -> bool:
        """Whether the edit applies to services of that day, as far as its dates are known."""
        begun = self.effective_on is None or self.effective_on <= on
        return self.ever_in_force and begun and (self.deleted_on is None or on <= self.deleted_on)

    @property
    def verdict(self) -> Verdict:
        never = self.modifier_indicator == NEVER_BYPASSED
        return Verdict.NEVER_TOGETHER if never else Verdict.MODIFIER_NEEDED


@dataclass(frozen=True, slots=True)
class UnitLimit:
    """A medically unlikely edit: how many units of a procedure one provider bills for a patient and day.
    Adjudication indicator 1: by line; 2: by day, absolute; 3: by day, records may show the need for more."""

    hcpcs: str
    units: int
    adjudication_indicator: str
    rationale: str = ""

    @property
    def absolute(self) -> bool:
        """True where no appeal can raise the limit (a date-of-service limit by policy; CMS, CGS)."""
        return self.adjudication_indicator == ABSOLUTE


@dataclass(frozen=True, slots=True)
class TableSource:
    """Where a table came from and for which days of service it was published. `owner` is whose it is:
    `medicare`, `medicaid` or a payer's key. `caveat` is what every answer says about it, if anything."""

    name: str
    owner: str
    effective_from: date
    effective_to: date
    caveat: str = ""

    @property
    def quarter(self) -> str:
        return quarter_of(self.effective_from)

    def stale_on(self, on: date) -> bool:
        """True for a day after the quarter the table was published for: a newer one may say otherwise."""
        return on > self.effective_to


Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class ReferenceTable(Generic[Found]):
    """One table and how to look into it; `find` takes the codes and may read an index on disk. `covers` says
    whether the table would list these codes: not every table at hand is the whole of what CMS publishes.
    `dated` tables give effective dates, and so speak for days before their quarter as well."""

    source: TableSource
    find: Callable[[tuple[str, ...]], Sequence[Found]]
    covers: Callable[[tuple[str, ...]], bool]
    dated: bool = True


@dataclass(frozen=True, slots=True)
class PairAnswer:
    """What is known of one pair. `verdict` is None where no table at hand covers it; `unknown` says so."""

    codes: tuple[str, str]
    verdict: Verdict | None
    edit: PairEdit | None = None
    source: TableSource | None = None
    stale: bool = False
    notes: tuple[str, ...] = ()
    unknown: str | None = None
    history: tuple[PairEdit, ...] = ()  # every edit the table ever had for the pair, also those taken back


@dataclass(frozen=True, slots=True)
class LimitAnswer:
    """The unit limit of one procedure; `limit` is None where no table at hand has one."""

    hcpcs: str
    limit: UnitLimit | None
    source: TableSource | None = None
    stale: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EditTables:
    """All edit tables at hand, loaded once; `verdict` and `limit` are indexed look-ups."""

    pairs: tuple[ReferenceTable[PairEdit], ...]
    limits: tuple[ReferenceTable[UnitLimit], ...]
    _ranked: dict[tuple[str, date], tuple[ReferenceTable[PairEdit], ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def sources(self) -> tuple[TableSource, ...]:
        """Where every table came from."""
        return (*(table.source for table in self.pairs), *(table.source for table in self.limits))

    def verdict(self, code_a: str, code_b: str, on: date, payer: PayerContext | None = None) -> PairAnswer:
        """Whether two procedures of one day and patient are paid together; their order does not matter.

        The payer's own table answers, else Medicare's with a note. Of an owner's quarters the one of the date
        goes first, then a later one (CMS keeps ended edits with their dates), then an earlier one, as stale.
        """
        codes = (code_a, code_b)
        for owner in _owners(payer):
            for table in self._pair_tables(owner, on):
                rows = [*table.find((code_a, code_b)), *table.find((code_b, code_a))]
                if rows or table.covers(codes):
                    return _pair_answer(codes, rows, table, on, payer)
        return PairAnswer(codes, None, unknown=_not_covered(codes))

    def _pair_tables(self, owner: str, on: date) -> tuple[ReferenceTable[PairEdit], ...]:
        """Ranked once for each day: a replay asks for the same days a thousand times."""
        key = (owner, on)
        if key not in self._ranked:
            self._ranked[key] = tuple(_by_fitness(self.pairs, owner, on))
        return self._ranked[key]

    def verdicts(self, codes: Iterable[str], on: date, payer: PayerContext | None = None) -> list[PairAnswer]:
        """Every pair of different codes, gravest first."""
        pairs = combinations(dict.fromkeys(codes), 2)
        answers = [self.verdict(first, second, on, payer) for first, second in pairs]
        return sorted(answers, key=lambda a: -(_GRAVITY.index(a.verdict) if a.verdict else -1))

    def limit(self, hcpcs: str, on: date, payer: PayerContext | None = None) -> LimitAnswer:
        """How many units of a procedure are paid for one patient and day (MUE)."""
        for owner in _owners(payer):
            for table in _by_fitness(self.limits, owner, on):
                for limit in table.find((hcpcs,)):
                    stale = table.source.stale_on(on)
                    return LimitAnswer(hcpcs, limit, table.source, stale, _notes(table, on, payer))
        return LimitAnswer(hcpcs, None, notes=(f"No unit limit for {hcpcs} is in the tables at hand.",))


def bypassed_by(modifiers: Iterable[str]) -> bool:
    """Whether any of these modifiers says that two procedures were distinct (indicator 1)."""
    return not PAIR_MODIFIERS.isdisjoint(modifiers)


def quarter_of(day: date) -> str:
    """The calendar quarter, as 2024Q3."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def _owners(payer: PayerContext | None) -> tuple[str, ...]:
    """Whose tables are asked, in order; Medicare's edits are what most payers start from."""
    if payer is None:
        return (MEDICARE,)
    return (*(owner for owner in _owners_of(payer) if owner != MEDICARE), MEDICARE)


def _owners_of(payer: PayerContext) -> tuple[str, ...]:
    """Whose tables are this payer's own: its key, and the programme it pays for."""
    business = payer.line_of_business or ""
    program = MEDICAID if business.startswith("Medicaid") else MEDICARE if business == MEDICARE_FFS else None
    return tuple(owner for owner in (payer.key, program) if owner)


def _by_fitness(tables: Iterable[ReferenceTable[Found]], owner: str, on: date) -> list[ReferenceTable[Found]]:
    def rank(table: ReferenceTable[Found]) -> tuple[int, bool, int]:
        source = table.source
        if source.effective_from <= on <= source.effective_to:
            return 0, not table.dated, 0
        if on < source.effective_from:
            return 1, not table.dated, (source.effective_from - on).days
        return 2, False, (on - source.effective_to).days

    return sorted((table for table in tables if table.source.owner == owner), key=rank)


def _pair_answer(
    codes: tuple[str, str],
    rows: Sequence[PairEdit],
    table: ReferenceTable[PairEdit],
    on: date,
    payer: PayerContext | None,
) -> PairAnswer:
    # Successive edits of a pair do not overlap: where starts are unknown, the first to end is in force.
    in_force = [row for row in rows if row.in_force(on)]
    edit = min(in_force, key=lambda row: row.deleted_on or date.max, default=None)
    if edit and (said := {edit.modifier_indicator, *_contradicting(edit, in_force)}) != {
        edit.modifier_indicator
    }:
        unknown = _contradictory(codes, sorted(said), table.source, on)
        return PairAnswer(codes, None, source=table.source, unknown=unknown)
    verdict = edit.verdict if edit else Verdict.BILLABLE_TOGETHER
    notes = _notes(table, on, payer)
    if edit and edit.effective_on is None and on < table.source.effective_from:
        notes += (
            "The table does not say since when this edit is in force; it may be younger than the date.",
        )
    history = tuple(sorted(rows, key=lambda row: row.deleted_on or date.max))
    return PairAnswer(codes, verdict, edit, table.source, table.source.stale_on(on), notes, history=history)


def _contradicting(edit: PairEdit, in_force: Iterable[PairEdit]) -> Iterator[str]:
    """The indicators of edits that hold on the same day for certain: both starts are known, or both end
    together."""
    for row in in_force:
        dated = row.effective_on is not None and edit.effective_on is not None
        if dated or row.deleted_on == edit.deleted_on:
            yield row.modifier_indicator


def _contradictory(codes: tuple[str, str], said: Sequence[str], source: TableSource, on: date) -> str:
    return (
        f"the tables of {source.quarter} contradict themselves on {on}: {codes[0]} with {codes[1]} has "
        f"modifier indicator {' and '.join(said)}. Look at `overturn reference list`, remove what is wrong "
        f"({source.name}) and import the quarter anew"
    )


def _notes(table: ReferenceTable[Found], on: date, payer: PayerContext | None) -> tuple[str, ...]:
    source, notes = table.source, []
    if payer is not None and source.owner not in _owners_of(payer):
        notes.append(_other_payer(payer))
    if source.stale_on(on):
        notes.append(
            f"{source.quarter} is the newest table at hand, and {on} lies beyond: import the current quarter."
        )
    elif on < source.effective_from and not table.dated:
        notes.append(
            f"The nearest table at hand is that of {source.quarter}; edits may have differed on {on}."
        )
    if source.caveat:
        notes.append(source.caveat)
    return tuple(notes)


def _other_payer(payer: PayerContext) -> str:
    named = payer.name or payer.key or "This payer"
    if (payer.line_of_business or "").startswith("Medicaid"):
        return (
            f"{named}: Medicaid has NCCI tables of its own, and none is at hand. This is Medicare's answer: "
            "import the Medicaid table with --owner medicaid."
        )
    return (
        f"{named} may use edits of its own, and no table of it is at hand. This is Medicare's answer: "
        "import the payer's table with --owner and its key."
    )


def _not_covered(codes: tuple[str, str]) -> str:
    return (
        f"no table at hand covers {codes[0]} with {codes[1]}: import the quarter's four files of PTP edits "
        "with `overturn reference import ncci-ptp FILE`"
    )
