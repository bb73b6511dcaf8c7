"""The plainest way to find a row: the baseline of the index in its bench, and its oracle in its tests."""

from collections.abc import Sequence

from overturn.domain.rule_row import AdjustmentFacts, DenialRule
from overturn.domain.rule_table import DenialTable


def scan_rules(table: DenialTable, facts: AdjustmentFacts, rarcs: Sequence[str]) -> DenialRule | None:
    """Every row in turn: of those that fit the highest rank, the earlier remark, the earlier row."""
    umbrella = table.is_umbrella(facts.carc)
    best: tuple[tuple[int, ...], int] | None = None
    winner = None
    for rule in table.rules:
        if not rule.when.match(facts, umbrella=umbrella) or not rule.when.holds_any(rarcs):
            continue
        place = next((n for n, rarc in enumerate(rarcs) if rule.when.rarc.holds(rarc)), 0)
        key = (rule.rank, -(0 if rule.when.rarc.blank else place))
        if best is None or key > best:
            best, winner = key, rule
    return winner
