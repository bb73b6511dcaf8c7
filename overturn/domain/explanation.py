"""The proof and the words of a denial: where it stands in the remittance, and how a biller would say it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from overturn.domain.adjudication import Target, Verdict
from overturn.domain.causes.proven import Proven
from overturn.domain.codes import Action, Drives, ReasonCode, RemarkCode
from overturn.domain.remittance import Remark
from overturn.domain.rule_row import DOWNCODED, DenialRule, Guardrail
from overturn.domain.rule_table import DenialTable

REASON_ELEMENT_TO_AMOUNT: Final = 1  # CAS02 reason, CAS03 amount


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place in the remittance: file-wide segment index from 1, segment name, element, value."""

    segment_index: int
    segment: str
    element: int
    value: str


def telling_remarks(
    remarks: Sequence[Remark], rails: Sequence[Guardrail], table: DenialTable
) -> list[Remark]:
    """The remarks worth showing: unknown ones, ones that may decide, and ones that set a guardrail."""
    binding = [rail.when.rarc for rail in rails if not rail.when.rarc.blank]
    told: dict[str, Remark] = {}
    for remark in remarks:
        known = table.remarks.get(remark.code)
        if known is None or known.drives is not Drives.NO or any(cell.holds(remark.code) for cell in binding):
            told.setdefault(remark.code, remark)
    return list(told.values())


def collect_evidence(
    target: Target, verdicts: Sequence[Verdict], rule: DenialRule, told: Sequence[Remark]
) -> tuple[Evidence, ...]:
    """Every place in the remittance the decision rests on, the procedures first where they decided."""
    return (*_line_evidence(target, rule), *_code_evidence(target, verdicts, told))


def _line_evidence(target: Target, rule: DenialRule) -> Iterator[Evidence]:
    line = target.line
    if line and DOWNCODED in rule.when.carc.codes:
        if line.submitted_procedure:
            yield Evidence(line.segment_index, "SVC", 6, line.submitted_procedure)
        yield Evidence(line.segment_index, "SVC", 1, line.procedure or "")


def _code_evidence(target: Target, verdicts: Sequence[Verdict], told: Sequence[Remark]) -> Iterator[Evidence]:
    for adjustment in (v.adjustment for v in verdicts):
        index, element = adjustment.segment_index, adjustment.element
        yield Evidence(index, "CAS", 1, adjustment.group)
        yield Evidence(index, "CAS", element, adjustment.reason)
        yield Evidence(index, "CAS", element + REASON_ELEMENT_TO_AMOUNT, str(adjustment.amount))
    for remark in told:
        yield Evidence(remark.segment_index, remark_segment(remark, target), remark.element, remark.code)


def remark_segment(remark: Remark, target: Target) -> str:
    """LQ on a line; on a claim MOA or MIA, as the loop's own segments tell (MOA when they are not kept)."""
    if target.line and any(remark is own for own in target.line.remarks):
        return "LQ"
    position = remark.segment_index - target.claim.segment_index
    if 0 <= position < len(target.claim.segments):
        return target.claim.segments[position].partition("*")[0]
    return "MOA"


def explain(
    target: Target,
    verdicts: Sequence[Verdict],
    rule: DenialRule,
    *,
    action: Action,
    told: Sequence[Remark],
    table: DenialTable,
    amount: str,
    proven: Proven | None = None,
) -> str:
    """What happened, the payer's codes, what is proved, the next step, and what to remember: a sentence each.

    `amount` is in words, since some denials have no price.
    The rule's advice is left out where a guardrail put another action in the place of the rule's.
    """
    cause = table.causes.get(rule.cause)
    codes = _named_codes(verdicts, told, table)
    advice = f" ({rule.note})" if action is rule.action else ""
    sentences = [
        f"{_place(target)}, {amount}: {cause.label if cause else rule.cause}.",
        f"Payer codes: {'; '.join(codes)}." if codes else "The payer gave no code.",
        _proof_words(proven) if proven else "",
        f"Next: {table.steps[action]}{advice}.",
        f"Note: {rule.therapy_note}." if rule.therapy_note else "",
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _proof_words(proven: Proven) -> str:
    opening = "This refutes the payer" if proven.refutes else "Proved"
    return f"{opening}: {proven.sourced}"


def _named_codes(verdicts: Sequence[Verdict], told: Sequence[Remark], table: DenialTable) -> list[str]:
    """Each code once, with our label where we have one."""
    named = [
        _named(f"{v.adjustment.group}-{v.adjustment.reason}", table.reasons.get(v.adjustment.reason))
        for v in verdicts
    ]
    named += [_named(remark.code, table.remarks.get(remark.code)) for remark in told]
    return list(dict.fromkeys(named))


def _named(code: str, known: ReasonCode | RemarkCode | None) -> str:
    return f"{code} ({known.label})" if known and known.label else code


def _place(target: Target) -> str:
    if target.line is None:
        return "Whole claim"
    billed, paid = target.billed_procedure, target.line.procedure
    as_paid = f" billed, {paid} paid" if billed and paid and billed != paid else ""
    return f"Line {target.line.line_number}" + (f" ({billed}{as_paid})" if billed else "")
