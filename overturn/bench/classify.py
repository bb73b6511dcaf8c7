"""Finding the row that speaks beside a plain scan of the table, and classifying at two sizes of table."""

import platform
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from overturn.bench.figure import Figure, compare
from overturn.bench.linear_scan import scan_rules
from overturn.bench.outcome import Outcome
from overturn.domain.classification import classify
from overturn.domain.payers import PayerContext
from overturn.domain.remittance import ZERO, Adjustment, ClaimPayment, Remark, ServiceLine
from overturn.domain.rule_cells import CodeCell
from overturn.domain.rule_row import AdjustmentFacts, DenialRule
from overturn.domain.rule_table import DenialTable
from overturn.rulebook import load_rulebook

SMALL: Final = 300
LARGE: Final = 3_000
GENERAL: Final = 150
"""Rows of a generated table that hold for every payer."""

UNIT: Final = "look-ups per CPU second"
SCANNED: Final = 50
"""The scan gets one of so many of the facts: it is that much slower, and both are counted a second."""

CLASSIFIED: Final = 5
"""One claim is classified for so many look-ups: it is that much more work."""

Question = tuple[AdjustmentFacts, list[str]]
Finder = Callable[[AdjustmentFacts, list[str]], DenialRule | None]


def bench_classify(lookups: int, runs: int) -> Outcome:
    """Compare on the committed rules and on tables of 300 and of 3,000 rows; both must find the same row."""
    committed = load_rulebook().denials
    tables = {size: table_of(committed, size) for size in (SMALL, LARGE)}
    figures = [_beside_a_scan(table, lookups, runs) for table in (committed, *tables.values())]
    sizes = (tables[LARGE], tables[SMALL], lookups, runs)
    return Outcome([*figures, _asked_the_same(*sizes), _beside_a_small_table(*sizes)])


def table_of(table: DenialTable, size: int) -> DenialTable:
    """A table of so many rows, as tables grow: the general rows, then rows for one payer after the other."""
    general = table.rules[:GENERAL]
    rules = list(general)
    for number in range(1, size // GENERAL):
        payer = CodeCell.parse(f"payer-{number}")
        rules += [replace(r, id=f"{r.id}-{number}", when=replace(r.when, payer=payer)) for r in general]
    return replace(table, version=f"{size} rows", rules=tuple(rules))


def questions(table: DenialTable, count: int, seed: int = 1) -> list[Question]:
    """Adjustments with reasons and payers that have rows; a third of them with a remark."""
    chance = random.Random(seed)  # noqa: S311 the same facts in every run
    reasons = sorted({code for rule in table.rules for code in rule.when.carc.codes})
    remarks = sorted({code for rule in table.rules for code in rule.when.rarc.codes})
    payers = sorted({code for rule in table.rules for code in rule.when.payer.codes})
    return [
        (
            AdjustmentFacts(
                carc=chance.choice(reasons),
                group=chance.choice(("CO", "CO", "CO", "PR", "OA")),
                payer=chance.choice(payers),
                line_of_business=chance.choice(("Medicare FFS", "Commercial")),
                procedure=chance.choice(("97110", "97140", "97162", "97530")),
                modifiers=frozenset(chance.choice((("GP",), ("GP", "KX"), ("GO",)))),
            ),
            [chance.choice(remarks)] if chance.random() < 1 / 3 else [],
        )
        for _ in range(count)
    ]


def _beside_a_scan(table: DenialTable, lookups: int, runs: int) -> Figure:
    asked = questions(table, lookups)
    for facts, rarcs in asked[::SCANNED]:
        if table.find_rule(facts, rarcs=rarcs) is not scan_rules(table, facts, rarcs):
            raise RuntimeError(f"the index and the scan name different rows for {facts} with {rarcs}")
    ours, scan = [], []
    for _ in range(runs):
        ours.append(_rate(lambda f, r: table.find_rule(f, rarcs=r), asked))
        scan.append(_rate(lambda f, r: scan_rules(table, f, r), asked[::SCANNED]))
    return compare(
        f"look-up, {len(table.rules):,} rows",
        UNIT,
        ours,
        scan,
        baseline_name="scan of the same table",
        versions=_versions(),
    )


def _asked_the_same(large: DenialTable, small: DenialTable, lookups: int, runs: int) -> Figure:
    """The small table's own questions put to both, taking turns: in both the same rows answer."""
    asked = questions(small, lookups)
    ours, baseline = [], []
    for _ in range(runs):
        ours.append(_rate(lambda f, r: large.find_rule(f, rarcs=r), asked))
        baseline.append(_rate(lambda f, r: small.find_rule(f, rarcs=r), asked))
    return compare(
        f"same look-ups, {len(large.rules):,} rows",
        UNIT,
        ours,
        baseline,
        baseline_name=f"same look-ups, {len(small.rules):,} rows",
        versions=_versions(),
    )


def _beside_a_small_table(large: DenialTable, small: DenialTable, lookups: int, runs: int) -> Figure:
    """Claims classified whole, each table asked about its own payers, so that as many rows apply in both."""
    claims = {table.version: _claims(table, lookups // CLASSIFIED) for table in (large, small)}
    ours, baseline = [], []
    for _ in range(runs):
        ours.append(_claim_rate(large, claims[large.version]))
        baseline.append(_claim_rate(small, claims[small.version]))
    return compare(
        f"classify, {len(large.rules):,} rows",
        "claims per CPU second",
        ours,
        baseline,
        baseline_name=f"classify, {len(small.rules):,} rows",
        versions=_versions(),
    )


def _claims(table: DenialTable, count: int) -> list[tuple[ClaimPayment, PayerContext]]:
    return [_claim(facts, rarcs) for facts, rarcs in questions(table, count)]


def _claim(facts: AdjustmentFacts, rarcs: list[str]) -> tuple[ClaimPayment, PayerContext]:
    """A claim of one line, refused with these codes."""
    amount = Decimal("100.00")
    line = ServiceLine(1, facts.procedure, tuple(facts.modifiers), amount, ZERO, Decimal(1), None, (), 20)
    line.adjustments.append(Adjustment(facts.group, facts.carc, amount, None, 21, 2))
    line.remarks += [Remark(code, 22, 2) for code in rarcs]
    claim = ClaimPayment("1", "4", amount, ZERO, None, None, None, "11", "1", 10, service_lines=[line])
    return claim, PayerContext(facts.payer, facts.payer, facts.line_of_business)


def _claim_rate(table: DenialTable, claims: Sequence[tuple[ClaimPayment, PayerContext]]) -> float:
    started = time.process_time()
    for claim, payer in claims:
        classify(claim, table=table, payer=payer)
    return len(claims) / (time.process_time() - started)


def _rate(find: Finder, asked: Sequence[Question]) -> float:
    started = time.process_time()
    for facts, rarcs in asked:
        find(facts, rarcs)
    return len(asked) / (time.process_time() - started)


def _versions() -> dict[str, str]:
    return {"python": platform.python_version()}
