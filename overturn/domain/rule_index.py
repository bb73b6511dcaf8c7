"""The rules compiled to look-ups: by reason and remark, then by payer, each bucket sorted by rank.

A look-up touches the rows of its own codes only, so it takes as long in a table of three thousand rows as in
one of three hundred. Rows with a pattern (`97*`, a range, `not`) in reason or remark stand under every listed
code they fit; a code in no list meets those rows one by one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from overturn.domain.codes import ReasonCode, RemarkCode
from overturn.domain.rule_cells import CodeCell
from overturn.domain.rule_row import FACT_OF, UMBRELLA, AdjustmentFacts, Conditions, DenialRule, Test

Codes = tuple[str, str | None]
"""Reason and remark; None is where the rows that name no remark stand."""


class Entry(NamedTuple):
    """A row with the tests that its bucket leaves open."""

    rank: tuple[int, ...]
    rule: DenialRule
    tests: tuple[tuple[Callable[[AdjustmentFacts], object], Test], ...]
    first_on: date
    last_on: date


class RuleIndex:
    """Finds the winning row: the highest rank, of equals the earlier remark, then the earlier row."""

    def __init__(
        self,
        rules: Sequence[DenialRule],
        *,
        reasons: Mapping[str, ReasonCode],
        remarks: Mapping[str, RemarkCode],
    ) -> None:
        self._carcs = _universe(reasons, (rule.when.carc for rule in rules))
        self._rarcs = _universe(remarks, (rule.when.rarc for rule in rules))
        self._umbrellas = [code for code, reason in reasons.items() if reason.umbrella]
        self._buckets: dict[Codes, dict[str | None, list[Entry]]] = {}
        self._of_reason: dict[str, dict[str | None, list[DenialRule]]] = {}
        self._patterned: list[Entry] = []
        # A stable sort: rows of one rank stay in the order of their packs and files.
        for rule in sorted(rules, key=lambda rule: rule.rank, reverse=True):
            self._add(rule)

    def find(self, facts: AdjustmentFacts, rarcs: Iterable[str]) -> DenialRule | None:
        """The winning row for these facts, or None; `rarcs` in the order in which they may decide."""
        best: Entry | None = None
        for rarc in (*rarcs, None):
            for bucket in self._buckets_of(facts.carc, rarc, facts.payer):
                for entry in bucket:
                    if best is not None and entry.rank <= best.rank:
                        break
                    if _fits(entry, facts):
                        best = entry
                        break
        return best.rule if best else None

    def of_reason(self, carc: str, payer: str | None) -> list[DenialRule]:
        """Every row for a listed reason that speaks for this payer or for any, by rank."""
        by_payer = self._of_reason.get(carc, {})
        own = by_payer.get(payer, []) if payer is not None else []
        return sorted([*own, *by_payer.get(None, [])], key=lambda rule: rule.rank, reverse=True)

    def never_denies(self, carc: str, group: str) -> bool:
        """True for a listed reason that no row of the table takes for a denial, whatever else is known."""
        rules = [rule for rules in self._of_reason.get(carc, {}).values() for rule in rules]
        if any(rule.is_denial for rule in rules):
            return False
        return any(
            rule.when == Conditions(carc=rule.when.carc, group=rule.when.group)
            and rule.when.group.holds(group)
            for rule in rules
        )

    def _buckets_of(self, carc: str, rarc: str | None, payer: str | None) -> Iterator[Sequence[Entry]]:
        by_payer = self._buckets.get((carc, rarc))
        if by_payer is not None:
            if payer is not None and payer in by_payer:
                yield by_payer[payer]
            yield by_payer.get(None, ())
        elif carc not in self._carcs or (rarc is not None and rarc not in self._rarcs):
            yield [entry for entry in self._patterned if _names(entry.rule, carc, rarc)]

    def _add(self, rule: DenialRule) -> None:
        when = rule.when
        listed = when.payer.exact and not when.payer.blank
        payers: Iterable[str | None] = when.payer.codes if listed else [None]
        rarcs = [None] if when.rarc.blank else _expand(when.rarc, self._rarcs)
        entry = _entry(rule, skip_payer=listed)
        for carc in self._expand(when.carc):
            for payer in payers:
                self._of_reason.setdefault(carc, {}).setdefault(payer, []).append(rule)
                for rarc in rarcs:
                    self._buckets.setdefault((carc, rarc), {}).setdefault(payer, []).append(entry)
        if when.carc.blank or not (when.carc.exact and when.rarc.exact):
            self._patterned.append(_entry(rule, skip_payer=False))

    def _expand(self, cell: CodeCell) -> set[str]:
        umbrellas = self._umbrellas if UMBRELLA in cell.codes else ()
        return {*_expand(cell, self._carcs), *umbrellas}


def _entry(rule: DenialRule, *, skip_payer: bool) -> Entry:
    """The row ready to be held against facts; its bucket may answer for the payer already."""
    when = rule.when
    tests = [(c, test) for c, test in when.tests() if not (skip_payer and c == "payer")]
    return Entry(
        rank=rule.rank,
        rule=rule,
        tests=tuple((attrgetter(FACT_OF[column]), test) for column, test in tests),
        first_on=when.effective_from or date.min,
        last_on=when.effective_to or date.max,
    )


def _fits(entry: Entry, facts: AdjustmentFacts) -> bool:
    day = facts.service_on
    if day is not None and not entry.first_on <= day <= entry.last_on:
        return False
    return all(test.holds(fact(facts)) for fact, test in entry.tests)


def _names(rule: DenialRule, carc: str, rarc: str | None) -> bool:
    when = rule.when
    return when.carc.holds(carc) and when.rarc.blank is (rarc is None) and when.rarc.holds(rarc)


def _universe(listed: Iterable[str], cells: Iterable[CodeCell]) -> frozenset[str]:
    """Every code that a list or a row names."""
    return frozenset({*listed, *(code for cell in cells for code in cell.codes)})


def _expand(cell: CodeCell, universe: frozenset[str]) -> Iterable[str]:
    if cell.exact and not cell.blank:
        return cell.codes
    return [code for code in universe if cell.holds(code)]
