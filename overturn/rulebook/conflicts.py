"""Rows that contradict each other, and rows that can never win.

A row is shadowed when no facts make it win. That is found out by trying: facts are made from the row's own
cells, with everything it does not ask for left unknown, since an unknown fact fits the fewest other rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any, Final

from overturn.domain.rule_cells import CodeCell, FigureCell
from overturn.domain.rule_row import UMBRELLA, AdjustmentFacts, Conditions, DenialRule
from overturn.domain.rule_table import DenialTable

NO_GROUP: Final = ""
CENT: Final = Decimal("0.01")
DAY: Final = timedelta(days=1)


def find_conflicts(rules: Sequence[DenialRule]) -> list[str]:
    """Rows of one pack with the same conditions on the same days, a sentence for each pair."""
    by_conditions: dict[Conditions, list[DenialRule]] = {}
    problems = []
    for rule in rules:
        alike = by_conditions.setdefault(replace(rule.when, effective_from=None, effective_to=None), [])
        problems += [_conflict(earlier, rule) for earlier in alike if _overlap(earlier.when, rule.when)]
        alike.append(rule)
    return problems


def _conflict(first: DenialRule, second: DenialRule) -> str:
    what = "the same" if first.outcome == second.outcome else "something else"
    return (
        f"{second.place}: {second.id} has the conditions of {first.id} ({first.place}) and decides {what}: "
        "remove one of them, or limit them by dates"
    )


def _overlap(one: Conditions, other: Conditions) -> bool:
    starts = max(one.effective_from or date.min, other.effective_from or date.min)
    return starts <= min(one.effective_to or date.max, other.effective_to or date.max)


def find_shadowed(rules: Iterable[DenialRule], table: DenialTable) -> list[str]:
    """The rows of `rules` that never win in the table, a sentence each with what stands before them."""
    probes = _Probes(table)
    problems = []
    for rule in rules:
        winners = _winners(rule, table, probes)
        if winners is not None:
            problems.append(_shadowed(rule, winners))
    return problems


def _winners(rule: DenialRule, table: DenialTable, probes: "_Probes") -> dict[str, DenialRule] | None:
    """Who wins in place of the row; None as soon as it wins itself."""
    winners: dict[str, DenialRule] = {}
    for facts, rarcs in probes.of(rule):
        found = table.find_rule(facts, rarcs=rarcs)
        if found is not None and found.id == rule.id:
            return None
        if found is not None:
            winners[found.id] = found
    return winners


def _shadowed(rule: DenialRule, winners: dict[str, DenialRule]) -> str:
    told = ", ".join(f"{winner.id} ({winner.place})" for winner in winners.values())
    why = f"before it stands {told}" if told else "its own cells exclude each other"
    return f"{rule.place}: {rule.id} can never win, {why}: remove it, or make its conditions narrower"


class _Probes:
    """Facts to try a row with, from its own cells and from the bounds of all rows."""

    def __init__(self, table: DenialTable) -> None:
        conditions = [rule.when for rule in table.rules]
        self._table = table
        self._procedures = {code for when in conditions for code in _named(when.procedures)}
        self._absent = frozenset(code for when in conditions for code in when.modifiers_absent.codes)
        self._bounds = {
            column: sorted({b for when in conditions for b in _bounds(getattr(when, column))})
            for column in ("amount", "days_since_service")
        }
        dates = (day for when in conditions for day in (when.effective_from, when.effective_to) if day)
        self._days = sorted({near for day in dates for near in (day - DAY, day, day + DAY)})

    def of(self, rule: DenialRule) -> Iterator[tuple[AdjustmentFacts, list[str]]]:
        """Facts that fit the row, each with the remarks that come with them."""
        when, table = rule.when, self._table
        choices: dict[str, Sequence[Any]] = {
            "carc": self._carcs(when.carc),
            "group": [*table.groups, NO_GROUP] if when.group.blank else _examples(when.group, table.groups),
            "payer": _codes(when.payer),
            "line_of_business": _codes(when.line_of_business),
            "procedure": _codes(when.procedures, self._procedures),
            "modifiers": self._modifier_sets(when),
            "place_of_service": _codes(when.place_of_service),
            "provider_type": _codes(when.provider_type),
            "frequency_code": _codes(when.frequency_code),
            "amount": self._figures(when.amount, "amount"),
            "days_since_service": self._figures(when.days_since_service, "days_since_service"),
            "service_on": [None, *(day for day in self._days if when.in_force(day))],
        }
        remarks = [[]] if when.rarc.blank else [[code] for code in _examples(when.rarc, table.remarks)]
        for values in product(*choices.values()):
            facts = AdjustmentFacts(**dict(zip(choices, values, strict=True)))
            yield from ((facts, rarcs) for rarcs in remarks)

    def _carcs(self, cell: CodeCell) -> list[str]:
        reasons = self._table.reasons.values()
        umbrellas = [r.code for r in reasons if r.umbrella] if UMBRELLA in cell.codes else []
        listed = replace(cell, codes=cell.codes - {UMBRELLA})
        return umbrellas if listed.blank else [*_examples(listed, self._table.reasons), *umbrellas]

    def _modifier_sets(self, when: Conditions) -> list[frozenset[str]]:
        """The fewest modifiers that fit, and with them all that other rows want absent."""
        fewest = [frozenset[str]()]
        if not when.modifiers.blank:
            fewest = [frozenset({code}) for code in _examples(when.modifiers, ())]
        bars = when.modifiers_absent
        others = frozenset(code for code in self._absent if bars.blank or not bars.holds(code))
        return [*fewest, *(few | others for few in fewest)]

    def _figures(self, cell: FigureCell, column: str) -> list[Decimal | None]:
        if cell.blank:
            return [None]
        step = CENT if column == "amount" else Decimal(1)
        near = (figure + move for figure in self._bounds[column] for move in (-step, 0, step))
        return [figure for figure in dict.fromkeys(near) if cell.holds(figure)]


def _codes(cell: CodeCell, known: Iterable[str] = ()) -> Sequence[str | None]:
    return [None] if cell.blank else _examples(cell, known)


def _examples(cell: CodeCell, known: Iterable[str]) -> list[str]:
    """Codes that fit the cell: those it lists, or of those that are known and those it begins with."""
    if cell.exact:
        return sorted(cell.codes)
    tries = [*known, *_named(cell), *(f"{prefix}ZZ" for prefix in cell.prefixes), "ZZZZZ"]
    return [code for code in dict.fromkeys(tries) if cell.holds(code)]


def _named(cell: CodeCell) -> Iterator[str]:
    yield from sorted(cell.codes)
    yield from (bound for span in cell.ranges for bound in span)
    yield from filter(None, cell.prefixes)


def _bounds(cell: FigureCell) -> Iterator[Decimal]:
    yield from (bound for bound in (cell.low, cell.high) if bound is not None)
