"""Units: what was billed against the unit limit (MUE), by its adjudication indicator."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from overturn.domain.causes.proven import SURE, Proven, Stand, at_least_medium, trust
from overturn.domain.causes.question import Question, own_table, table_of
from overturn.domain.causes.same_day import DayLine
from overturn.domain.codes import Action, Answer, Category, Confidence
from overturn.domain.edit_pairs import ABSOLUTE, LimitAnswer

LIMIT_CAUSE: Final = "mue_units"
BY_LINE: Final = "1"

ABSOLUTE_GUARDRAIL: Final = (
    "the unit limit of this code is absolute (MUE indicator 2): no appeal can move it, correct the units only"
)


def prove_never_paid_alone(question: Question) -> Proven | None:
    """A unit limit of 0: Medicare pays the procedure as part of others, whatever pairs or minutes say."""
    line, day, rule = question.own_line, question.service_on, question.rule
    if line is None or day is None or not question.medicare:
        return None
    if rule.category is not Category.BUNDLING and rule.cause != LIMIT_CAUSE:
        return None
    answer = question.tables.edits.limit(line.procedure, day, question.target.payer)
    if answer.limit is None or answer.limit.units:
        return None
    confidence, why = trust(stale=answer.stale, own=True)
    return Proven(
        cause="not_separately_payable",
        stand=Stand.CONFIRMED,
        finding=f"Medicare's unit limit of {line.procedure} is 0: it is paid as part of other services only",
        advice="take it off the next claim",
        confidence=confidence,
        why=why,
        action=Action.WRITE_OFF,
        appealable=Answer.NO,
        guardrail="the unit limit of this code is 0: no appeal makes it payable by itself",
        places=(line.place,),
        tables=tuple(table for table in (table_of(answer),) if table),
    )


def prove_units(question: Question) -> Proven | None:
    """MAI 1 counts a line, 2 and 3 count the day; 2 is policy that no appeal moves (CMS, CGS)."""
    line, day = question.own_line, question.service_on
    if line is None or day is None or question.rule.cause != LIMIT_CAUSE:
        return None
    answer = question.tables.edits.limit(line.procedure, day, question.target.payer)
    counted = _counted(question, line, answer)
    known = [each.units for each in counted if each.units is not None]
    units = sum(known, Decimal(0))
    if answer.limit is None or len(known) < len(counted) or units <= 0:
        return None
    if units <= answer.limit.units:
        return _within(question, counted, answer, units)
    return _above(question, counted, answer, units)


def _counted(question: Question, line: DayLine, answer: LimitAnswer) -> tuple[DayLine, ...]:
    """The lines whose units the limit is held against, on all our claims of the day; the denied one first."""
    by_line = answer.limit is not None and answer.limit.adjudication_indicator == BY_LINE
    same = () if by_line else (o for o in question.other_lines() if o.procedure == line.procedure)
    return (line, *same)


def _within(question: Question, counted: Sequence[DayLine], answer: LimitAnswer, units: Decimal) -> Proven:
    """Claims that are not ours count, too, so the payer is asked for its count."""
    own = own_table(answer, question)
    absolute = own and answer.limit is not None and answer.limit.absolute
    confidence, why = trust(stale=answer.stale, own=own)
    if question.target.submitted is None and why == SURE:
        confidence, why = Confidence.MEDIUM, "our own claim is not at hand: the units are the payer's figure"
    return Proven(
        cause="mue_within_limit",
        stand=Stand.REFUTED,
        finding=f"{_counted_words(question, counted, units)}; {_limit(answer)}. The units are within it",
        advice="ask which other units of the day were counted; no appeal moves the limit itself"
        if absolute
        else "appeal with the table and the minutes of the day; ask which other units were counted",
        confidence=confidence,
        why=why,
        action=Action.CALL_PAYER if absolute else Action.APPEAL,
        appealable=Answer.NO if absolute else Answer.YES,
        guardrail=ABSOLUTE_GUARDRAIL if absolute else None,
        places=tuple(line.place for line in counted),
        tables=tuple(table for table in (table_of(answer),) if table),
    )


def _above(question: Question, counted: Sequence[DayLine], answer: LimitAnswer, units: Decimal) -> Proven:
    """The limit binds the payer whose table it is; another one may be asked to go beyond it."""
    own = own_table(answer, question)
    indicator = answer.limit.adjudication_indicator if answer.limit else ""
    absolute = own and indicator == ABSOLUTE
    appealable = Answer.YES if indicator != ABSOLUTE else Answer.NO if own else Answer.MAYBE
    correct = Action.REOPENING if question.medicare and not absolute else Action.CORRECTED_CLAIM
    confidence, why = at_least_medium(trust(stale=answer.stale, own=own))
    advice = {
        BY_LINE: "correct the line, or split it with the modifier that says why where services were distinct",
        ABSOLUTE: "bill the units up to the limit",
    }.get(indicator, "appeal with the minutes of each timed service")
    return Proven(
        cause=LIMIT_CAUSE,
        stand=Stand.CONFIRMED,
        finding=f"{_counted_words(question, counted, units)}; {_limit(answer)}",
        advice=advice,
        confidence=confidence,
        why=why,
        action=correct if indicator in {BY_LINE, ABSOLUTE} else Action.APPEAL,
        appealable=appealable,
        guardrail=ABSOLUTE_GUARDRAIL if absolute else None,
        playbook="mue-units",
        places=tuple(line.place for line in counted),
        tables=tuple(table for table in (table_of(answer),) if table),
    )


def _counted_words(question: Question, counted: Sequence[DayLine], units: Decimal) -> str:
    what = f"{_units(units)} of {counted[0].procedure} on {question.service_on}"
    parts = [f"{line.units:f} on claim {line.place.claim}" for line in counted if line.place.claim]
    return f"Our claims have {what} ({', '.join(parts)})" if parts else f"The claim has {what}"


def _units(units: Decimal) -> str:
    return "1 unit" if units == 1 else f"{units:f} units"


def _limit(answer: LimitAnswer) -> str:
    limit = answer.limit
    if limit is None:
        return "no limit is known"
    per = "on one line" if limit.adjudication_indicator == BY_LINE else "a day"
    return f"the limit is {limit.units} {per} (MAI {limit.adjudication_indicator})"
