"""A case that is decided a second time: by rules put in force since, or by facts that became known since.

While no person has approved or sent anything, the case takes over what is said of it now and is planned anew.
After that it only hears of it. What was decided before stays in `classification`, whichever way it goes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from overturn.db import tables
from overturn.db.adjudications import ClaimAnswers, Decided
from overturn.domain import identifiers
from overturn.domain.classification import Denial
from overturn.domain.denial_case import CaseStatus
from overturn.domain.remittance import sum_amounts
from overturn.events import CaseReclassified
from overturn.rulebook import Rulebook
from services.classifier import case_rows
from services.classifier.case_rows import Row
from services.classifier.cases import CaseChange, KnownCase
from workflows.denial_case.planning import is_planned_otherwise

TAKEN_OVER: Final = ("category", "cause", "action", "payer_key", "payer_name", "line_of_business")

WORKED_BY: Final = ("category", "cause", "action", "appealable", "confidence", "denied_amount")

NO_DENIAL: Final = "none of this is a denial. The case stays as it was; a person decides."
IN_HAND: Final = (
    "A person has approved or sent it as {}, so nothing was changed; look whether it still holds."
)


@dataclass(frozen=True, slots=True)
class PreparedRecord:
    """A case that its workflow has prepared, with its claim and the denials it holds; all of it locked."""

    case: tables.DenialCase
    claim: tables.Claim
    denials: Sequence[tables.Denial]
    sent: bool  # a person has sent something to the payer, at whatever level

    @property
    def in_hand(self) -> bool:
        """A person has committed to what the case says."""
        return self.sent or self.case.status != CaseStatus.NEEDS_WORK


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why cases are decided anew, in a biller's words, and what tells this occasion from any other."""

    words: str
    told_by: tuple[str | int | UUID, ...]
    by_rules: bool = False

    def note_id(self, case_id: UUID) -> UUID:
        """The line in the timeline that says what the case is now."""
        return identifiers.deterministic_id("reclassified", case_id, *self.told_by)

    @property
    def weighs(self) -> tuple[str, ...]:
        """What of a case in hand has to come out otherwise to be said. A fact may be what its letter lacks;
        the name that other rules give to a cause is not."""
        return ("category", "action") if self.by_rules else ("category", "cause", "action")

    def remark_id(self, case_id: UUID, *said: str) -> UUID:
        """The line that says what the case would be and is not; of facts the first one with that result says
        it, since each later one would say it again."""
        if self.by_rules:
            return self.note_id(case_id)
        return identifiers.deterministic_id("would be", case_id, *said)


def published(rules: Rulebook, publication: int) -> Occasion:
    """These rules were put in force by this step of their life."""
    words = f"Rules {rules.version} are in force"
    return Occasion(words, (publication, rules.content_hash), by_rules=True)


def reclassify(
    record: PreparedRecord, answers: ClaimAnswers, *, rules: Rulebook, occasion: Occasion
) -> CaseChange:
    """What `rules` make of the case now; its row is changed here, the rest is to be written.

    Not to be asked again where the timeline has the line already: the case may still wait for its plan.
    """
    case = record.case
    denied = _denied_now(record, answers)
    if not denied:
        return CaseChange(
            timeline=[_note(case, occasion.remark_id(case.id), f"{occasion.words}: {NO_DENIAL}")]
        )
    rows = case_rows.denial_rows(case.id, denied)
    if record.in_hand:
        would_be = _leading(case, denied)[1]
        if all(getattr(would_be, name) == getattr(case, name) for name in occasion.weighs):
            return CaseChange(judged=rows)
        remark = occasion.remark_id(case.id, would_be.category, would_be.cause, would_be.action)
        found = "" if occasion.by_rules else f"{would_be.explanation} "
        said = f"would be {would_be.category} / {would_be.action}. {found}{IN_HAND.format(_outcome(case))}"
        return CaseChange(judged=rows, timeline=[_note(case, remark, f"{occasion.words}: {said}")])
    before, amounts_before = _said_of(case), (case.denied_amount, case.unpriced_amount)
    _take_over(record, denied, rows)
    differs = (before, amounts_before) != (_said_of(case), (case.denied_amount, case.unpriced_amount))
    if not differs and not _is_worked_otherwise(record, rows, rules, occasion):
        return CaseChange(denials=rows)
    case.version += 1
    said = f"now {_outcome(case)}, before {before['category']} / {before['action']}"
    summary = f"{occasion.words}: {said if differs else 'classified as before, planned otherwise'}. "
    note = occasion.note_id(case.id)
    return CaseChange(
        denials=rows,
        timeline=[_note(case, note, summary + _leading(case, denied)[1].explanation)],
        events=[
            CaseReclassified(
                event_id=identifiers.event_id(CaseReclassified.topic, note),
                claim_id=case.claim_id,
                case_id=case.id,
                category=case.category,
                action=case.action,
                rule_version=rules.version,
            )
        ],
    )


def judge_closed(known: KnownCase, answers: ClaimAnswers) -> CaseChange:
    """A closed case: what the rules make of its lines is kept beside what was decided, and no more."""
    denied = (
        (decided, denial)
        for decided in answers.decided
        for denial in decided.decision.denials
        if (decided.adjudication.payment_id, denial.line) in known.lines
    )
    return CaseChange(judged=case_rows.denial_rows(known.row.id, denied))


def _denied_now(record: PreparedRecord, answers: ClaimAnswers) -> list[tuple[Decided, Denial]]:
    """Each line that the case holds, as the rules see it now, without those that are no denial any more."""
    by_payment = {decided.adjudication.payment_id: decided for decided in answers.decided}
    found = []
    for held in record.denials:
        decided = by_payment[held.claim_payment_id]
        now = next((d for d in decided.decision.denials if d.line == held.line_number), None)
        if now is not None:
            found.append((decided, now))
    return found


def _take_over(record: PreparedRecord, denied: Sequence[tuple[Decided, Denial]], rows: Sequence[Row]) -> None:
    case = record.case
    decided, leading = _leading(case, denied)
    case.category, case.cause, case.action = leading.category, leading.cause, leading.action
    payer = decided.payer
    case.payer_key, case.payer_name, case.line_of_business = payer.key, payer.name, payer.line_of_business
    case.denied_amount += _more("denied_amount", record.denials, rows)
    case.unpriced_amount += _more("unpriced_amount", record.denials, rows)


def _leading(case: tables.DenialCase, denied: Sequence[tuple[Decided, Denial]]) -> tuple[Decided, Denial]:
    """The denial that names the case: of the answer it rests on, where that one still denies something."""
    first = [pair for pair in denied if pair[0].adjudication.payment_id == case.claim_payment_id] or denied
    leading = case_rows.leading_denial([denial for _, denial in first])
    return next(pair for pair in first if pair[1] is leading)


def _more(amount: str, held: Sequence[tables.Denial], rows: Sequence[Row]) -> Decimal:
    before: dict[UUID, Decimal] = {row.id: getattr(row, amount) for row in held}
    return sum_amounts(row[amount] - before[row["id"]] for row in rows)


def _note(case: tables.DenialCase, event_id: UUID, summary: str) -> Row:
    return case_rows.seen_otherwise(event_id, case.id, summary=summary, amount=case.denied_amount)


def _is_worked_otherwise(
    record: PreparedRecord, rows: Sequence[Row], rules: Rulebook, occasion: Occasion
) -> bool:
    """Whether the case's lines, or the rules about queues and windows, ask for another plan. Facts change no
    such rule: a case that still waits for its plan is not told again."""
    if occasion.by_rules:
        return is_planned_otherwise(record.case, record.claim, _as_stored(rows), rulebook=rules)
    held = {row.id: row for row in record.denials}
    return any(getattr(held[row["id"]], name) != row[name] for row in rows for name in WORKED_BY)


def _said_of(case: tables.DenialCase) -> dict[str, str | None]:
    return {name: getattr(case, name) for name in TAKEN_OVER}


def _outcome(case: tables.DenialCase) -> str:
    return f"{case.category} / {case.action}"


def _as_stored(rows: Sequence[Row]) -> list[tables.Denial]:
    return [tables.Denial(**row) for row in rows]
