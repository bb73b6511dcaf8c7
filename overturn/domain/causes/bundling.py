"""Bundling: is there an edit for this pair on that day, does a modifier open it, and was it on the claim?

NCCI denials come as CO-236 (Noridian, First Coast) or as B15 or 97 with M80 (Novitas); other payers say 97.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from overturn.domain.causes.proven import (
    ProofTable,
    Proven,
    Stand,
    at_least_medium,
    each_once,
    trust,
)
from overturn.domain.causes.question import Question, own_table, table_of
from overturn.domain.causes.same_day import DayLine
from overturn.domain.claim_scrub import OT_EVALUATIONS, PT_EVALUATIONS
from overturn.domain.codes import Action, Answer, Category, Confidence
from overturn.domain.edit_pairs import PAIR_MODIFIERS, PairAnswer, PairEdit, Verdict, bypassed_by

PAIR_CAUSES: Final = frozenset(
    {
        *("ncci_pair", "included_in_other_service", "component_bundled", "same_day_service"),
        "mutually_exclusive_services",
    }
)
"""Causes of rows that another service of the day may stand behind; a global period or a stay is none."""

EVALUATIONS: Final = (PT_EVALUATIONS, OT_EVALUATIONS)
ANSWERED_BY_ANOTHER: Final = frozenset({Category.BUNDLING, Category.DUPLICATE})
EVALUATION_CATEGORIES: Final = ANSWERED_BY_ANOTHER | {Category.CODING}

Pair = tuple[DayLine, PairAnswer]


def prove_two_evaluations(question: Question) -> Proven | None:
    """One evaluation of a discipline is paid for a patient and day."""
    line = question.own_line
    if line is None or question.rule.category not in EVALUATION_CATEGORIES:
        return None
    kind = next((codes for codes in EVALUATIONS if line.procedure in codes), None)
    if kind is None:
        return None
    other = next((o for o in _day_of_practice(question, line) if o.procedure in kind), None)
    if other is None:
        return None
    confidence, why = trust(stale=False, own=True)
    discipline = "physical" if kind is PT_EVALUATIONS else "occupational"
    return Proven(
        cause="two_evaluations",
        stand=Stand.CONFIRMED,
        finding=f"The patient has two {discipline} therapy evaluations on {question.service_on}: "
        f"{line.procedure} and {other.named}. One of a discipline is paid for a patient and day",
        advice="keep the one the note supports",
        confidence=confidence,
        why=why,
        category=Category.BUNDLING,
        action=Action.CORRECTED_CLAIM,
        appealable=Answer.NO,
        guardrail="one evaluation of a discipline is paid for a patient and day: no appeal makes it two",
        places=(line.place, other.place),
    )


def _day_of_practice(question: Question, line: DayLine) -> Iterator[DayLine]:
    """Whoever rendered them. Another claim counts where the payer says that something is there already; the
    same code on it, called a duplicate, is one evaluation sent twice."""
    yield from question.lines_of_claim()
    category = question.rule.category
    for other in question.lines_of_practice() if category in ANSWERED_BY_ANOTHER else ():
        if category is Category.BUNDLING or other.procedure != line.procedure:
            yield other


def prove_bundling(question: Question) -> Proven | None:
    """What the edit tables say of a line denied as part of another service of its day."""
    line, day = question.own_line, question.service_on
    if line is None or day is None or question.rule.category is not Category.BUNDLING:
        return None
    if question.rule.cause not in PAIR_CAUSES:
        return None
    edits, payer = question.tables.edits, question.target.payer
    pairs = [
        (other, edits.verdict(other.procedure, line.procedure, day, payer))
        for other in question.other_lines()
        if other.procedure != line.procedure
    ]
    against = [pair for pair in pairs if (edit := pair[1].edit) and edit.column2 == line.procedure]
    if against:
        return _with_edit(question, line, day, against)
    if pairs and all(answer.verdict is Verdict.BILLABLE_TOGETHER for _, answer in pairs):
        return _no_edit(question, line, day, pairs)
    return None


def _with_edit(question: Question, line: DayLine, day: date, against: Sequence[Pair]) -> Proven:
    never = [pair for pair in against if pair[1].verdict is Verdict.NEVER_TOGETHER]
    if never:
        return _never_together(question, line, day, never[0])
    shut = [pair for pair in against if not bypassed_by(pair[0].modifiers | line.modifiers)]
    if shut:
        return _modifier_missing(question, line, day, shut[0])
    return _modifier_ignored(question, line, day, against[0])


def _never_together(question: Question, line: DayLine, day: date, pair: Pair) -> Proven:
    other = pair[0]
    confidence, why = at_least_medium(_trust(question, [pair]))
    return Proven(
        cause="ncci_never_together",
        stand=Stand.CONFIRMED,
        finding=f"{_edit_words(pair, line, day)} has modifier indicator 0: the two are never paid together "
        f"on one day, with any modifier",
        advice="take it off where the other service is billed",
        confidence=confidence,
        why=why,
        action=Action.WRITE_OFF,
        appealable=Answer.NO,
        guardrail="the NCCI edit of this pair has indicator 0: no modifier and no appeal opens it",
        places=(line.place, other.place),
        tables=_tables([pair]),
    )


def _modifier_missing(question: Question, line: DayLine, day: date, pair: Pair) -> Proven:
    """Medicare has no corrected claims for Part B: a modifier is added by reopening."""
    other = pair[0]
    confidence, why = at_least_medium(_trust(question, [pair]))
    return Proven(
        cause="ncci_modifier_missing",
        stand=Stand.CONFIRMED,
        finding=f"{_edit_words(pair, line, day)} has modifier indicator 1, and neither line has 59 or an X "
        f"modifier",
        advice="add 59 or the X modifier that fits where the notes show distinct services; else write off",
        confidence=confidence,
        why=why,
        action=Action.REOPENING if question.medicare else Action.CORRECTED_CLAIM,
        appealable=Answer.YES,
        playbook="ncci-pair",
        places=(line.place, other.place),
        tables=_tables([pair]),
    )


def _modifier_ignored(question: Question, line: DayLine, day: date, pair: Pair) -> Proven:
    other = pair[0]
    there = " and ".join(sorted(PAIR_MODIFIERS & (line.modifiers | other.modifiers)))
    confidence, why = _trust(question, [pair])
    return Proven(
        cause="ncci_modifier_ignored",
        stand=Stand.REFUTED,
        finding=f"{_edit_words(pair, line, day)} has modifier indicator 1, and the claim carries modifier "
        f"{there} for it",
        advice="appeal with the notes that show the separate service",
        confidence=confidence,
        why=why,
        action=Action.APPEAL,
        appealable=Answer.YES,
        playbook="ncci-pair",
        places=(line.place, other.place),
        tables=_tables([pair]),
    )


def _no_edit(question: Question, line: DayLine, day: date, pairs: Sequence[Pair]) -> Proven:
    """No edit with any other service of the day that our record has."""
    others = ", ".join(dict.fromkeys(other.named for other, _ in pairs))
    of = "that day" if any(other.place.claim for other, _ in pairs) else "the claim that day"
    first = pairs[0][1]
    when = f"in {first.source.quarter}" if first.stale and first.source else f"on {day}"
    past = " ".join(filter(None, (_history(answer) for _, answer in pairs)))
    confidence, why = _trust(question, pairs)
    return Proven(
        cause="ncci_no_edit",
        stand=Stand.REFUTED,
        finding=f"No NCCI edit was in force {when} between {line.procedure} and the other services of "
        f"{of} ({others})" + (f". {past}" if past else ""),
        advice="appeal with the table; ask which edit was applied, from when, and with which indicator",
        confidence=confidence,
        why=why,
        action=Action.APPEAL,
        appealable=Answer.YES,
        playbook="ncci-pair",
        places=(line.place, *(other.place for other, _ in pairs)),
        tables=_tables(pairs),
    )


def _edit_words(pair: Pair, line: DayLine, day: date) -> str:
    """A table that is over says what was in force in its own quarter."""
    other, answer = pair
    when = f"in {answer.source.quarter}" if answer.stale and answer.source else f"on {day}"
    where = f", on claim {other.place.claim}" if other.place.claim else ""
    codes = f"{other.procedure} (column 1{where}) with {line.procedure} (column 2)"
    return f"The NCCI edit {codes}, in force {when},"


def _history(answer: PairAnswer) -> str:
    """What became of the edits the pair once had."""
    once = [edit for edit in answer.history if edit.deleted_on]
    return _ended(once[-1]) if once else ""


def _ended(edit: PairEdit) -> str:
    pair = f"The edit of {edit.column1} with {edit.column2}"
    if not edit.ever_in_force:
        return f"{pair} was deleted back to its first day and so never applied."
    return f"{pair} ended on {edit.deleted_on}."


def _trust(question: Question, pairs: Sequence[Pair]) -> tuple[Confidence, str]:
    return trust(
        stale=any(answer.stale for _, answer in pairs),
        own=all(own_table(answer, question) for _, answer in pairs),
    )


def _tables(pairs: Sequence[Pair]) -> tuple[ProofTable, ...]:
    return each_once(table for _, answer in pairs if (table := table_of(answer)))
