"""Why this row and no other: the cells that fitted with their places in the remittance, and the runner-up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from overturn.domain.adjudication import Target
from overturn.domain.codes import Drives
from overturn.domain.explanation import REASON_ELEMENT_TO_AMOUNT, remark_segment
from overturn.domain.remittance import Adjustment
from overturn.domain.rule_cells import CodeCell, FigureCell
from overturn.domain.rule_row import DOWNCODED, EFFECTIVE, FACT_OF, AdjustmentFacts, DenialRule
from overturn.domain.rule_table import DenialTable

REMARK: Final = "rarc"
ABSENT: Final = "modifiers_absent"
NO_FACT: Final = "none"

COLUMN_WORDS: Final = {
    "carc": "reason",
    "group": "group",
    "rarc": "remark",
    "payer": "payer",
    "line_of_business": "line of business",
    "procedures": "procedure",
    "modifiers": "modifier",
    "place_of_service": "place of service",
    "provider_type": "provider type",
    "amount": "amount",
    "days_since_service": "days since service",
    "frequency_code": "frequency code",
    EFFECTIVE: "dates of service",
}
"""What each condition is called to a biller."""

_CLAIM_ELEMENTS: Final = {"line_of_business": 6, "place_of_service": 8, "frequency_code": 9}  # of the CLP

Place = tuple[int, str, int]  # segment index, segment, element


@dataclass(frozen=True, slots=True)
class Match:
    """A cell and the fact that fitted it. The place is None where the fact stands nowhere in the claim's
    loop: our own claim, the payer's name, a count of days."""

    column: str
    cell: str
    fact: str
    segment_index: int | None
    segment: str | None
    element: int | None


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """The row that would have spoken next. `missed` is the one column that kept it from winning, with its
    cell and the fact it met; None where the row fits too and only says less."""

    id: str
    category: str
    cause: str
    action: str
    missed: str | None
    cell: str | None
    fact: str | None


@dataclass(frozen=True, slots=True)
class Reasoning:
    """`sentence` says the same to a biller."""

    matched: tuple[Match, ...]
    runner_up: RunnerUp | None
    sentence: str


def reason_out(
    target: Target,
    adjustment: Adjustment | None,
    rule: DenialRule,
    *,
    facts: AdjustmentFacts,
    table: DenialTable,
) -> Reasoning:
    """The cells of `rule` that fitted these facts, and the row that came closest to winning in its place."""
    matched = tuple(_matches(target, adjustment, rule, facts, table))
    second = _find_runner_up(target, rule, facts, table)
    return Reasoning(matched, second, f"{_because(rule, matched)} {_instead(second)}".strip())


def _matches(
    target: Target,
    adjustment: Adjustment | None,
    rule: DenialRule,
    facts: AdjustmentFacts,
    table: DenialTable,
) -> Iterator[Match]:
    when = rule.when
    if not when.carc.blank:
        yield _match("carc", when.carc, _carc_fact(target, facts), _place(target, adjustment, "carc"))
    if not when.rarc.blank:
        deciding = next(r for r in target.remarks if _may_decide(r.code, table) and when.rarc.holds(r.code))
        place = (deciding.segment_index, remark_segment(deciding, target), deciding.element)
        yield _match(REMARK, when.rarc, deciding.code, place)
    for column, cell in when.cells():
        yield _match(column, cell, _fact(column, facts), _place(target, adjustment, column))


def _match(column: str, cell: CodeCell | FigureCell, fact: str, place: Place | None) -> Match:
    return Match(column, cell.text, fact, *(place or (None, None, None)))


def _may_decide(code: str, table: DenialTable) -> bool:
    known = table.remarks.get(code)
    return known is None or known.drives is not Drives.NO


def _carc_fact(target: Target, facts: AdjustmentFacts) -> str:
    if facts.carc == DOWNCODED and target.line:
        return f"billed {target.billed_procedure}, paid {target.line.procedure}"
    return facts.carc


def _fact(column: str, facts: AdjustmentFacts) -> str:
    value = getattr(facts, FACT_OF[column]) if column in FACT_OF else facts.service_on
    if isinstance(value, frozenset):
        return " ".join(sorted(value)) or NO_FACT
    return NO_FACT if value is None else str(value)


def _place(target: Target, adjustment: Adjustment | None, column: str) -> Place | None:
    """Where the fact of a column stands in the remittance."""
    claim, line = target.claim, target.line
    if column in {"carc", "group", "amount"}:
        return _adjustment_place(adjustment, column)
    if line and column in {"procedures", "modifiers", "modifiers_absent"}:
        return (line.segment_index, "SVC", 6 if column == "procedures" and line.submitted_procedure else 1)
    told = {
        "line_of_business": claim.filing_indicator,
        "place_of_service": claim.place_of_service,
        "frequency_code": claim.frequency_code,
    }
    return (claim.segment_index, "CLP", _CLAIM_ELEMENTS[column]) if told.get(column) else None


def _adjustment_place(adjustment: Adjustment | None, column: str) -> Place | None:
    if adjustment is None:
        return None
    reason = adjustment.element
    elements = {"carc": reason, "group": 1, "amount": reason + REASON_ELEMENT_TO_AMOUNT}
    return (adjustment.segment_index, "CAS", elements[column])


def _find_runner_up(
    target: Target, rule: DenialRule, facts: AdjustmentFacts, table: DenialTable
) -> RunnerUp | None:
    """Of the other rows for this reason with another outcome: one that would have won but for one cell of the
    claim, else the next that fits, else one that a remark would have brought up."""
    rarcs = [r.code for r in target.remarks if _may_decide(r.code, table)]
    near: list[tuple[int, DenialRule, str | None]] = []
    for other in table.index.of_reason(facts.carc, facts.payer):
        if other.outcome == rule.outcome or other.id == rule.id:
            continue
        missed = other.when.missed(facts) + ([] if other.when.holds_any(rarcs) else [REMARK])
        if len(missed) <= 1:
            near.append((_closeness(missed, other, rule), other, next(iter(missed), None)))
    if not near:
        return None
    _, second, column = min(near, key=lambda found: found[0])  # of equals the first: the higher rank
    return _runner_up(second, column, facts, rarcs)


def _closeness(missed: Sequence[str], other: DenialRule, rule: DenialRule) -> int:
    if not missed:
        return 1
    if missed == [REMARK]:
        return 2
    return 0 if other.rank >= rule.rank else 3


def _runner_up(row: DenialRule, column: str | None, facts: AdjustmentFacts, rarcs: Sequence[str]) -> RunnerUp:
    if column is None:
        return RunnerUp(row.id, row.category, row.cause, row.action, None, None, None)
    if column == EFFECTIVE:
        cell = f"{row.when.effective_from or ''}..{row.when.effective_to or ''}"
    else:
        cell = getattr(row.when, column).text
    fact = " ".join(rarcs) or NO_FACT if column == REMARK else _fact(column, facts)
    return RunnerUp(row.id, row.category, row.cause, row.action, column, cell, fact)


def _because(rule: DenialRule, matched: Sequence[Match]) -> str:
    if not matched:
        return f"No row of the table knows this code ({rule.id})."
    return f"Row {rule.id} decided: {', '.join(_match_words(m) for m in matched)}."


def _match_words(match: Match) -> str:
    if match.column == ABSENT:
        return f"no modifier {match.cell} (there: {match.fact})"
    cell = "" if match.fact == match.cell else f" (row: {match.cell})"
    return f"{COLUMN_WORDS[match.column]} {match.fact}{cell}"


def _instead(second: RunnerUp | None) -> str:
    if second is None:
        return ""
    what = f"Row {second.id} ({second.category}, {second.action})".replace("_", " ")
    if second.missed is None:
        return f"{what} fits too, but says less about this claim."
    column = "no modifier" if second.missed == ABSENT else COLUMN_WORDS[second.missed]
    return f"{what} would need {column} {second.cell}; here it is {second.fact}."
