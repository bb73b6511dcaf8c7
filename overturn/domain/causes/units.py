"""Units: what was billed against the unit limit (MUE), by its adjudication indicator."""

from decimal import Decimal
from typing import Final

from overturn.domain.causes.proven import SURE, Proven, Stand, at_least_medium, trust
from overturn.domain.causes.question import DayLine, Question, own_table, table_of
from overturn.domain.codes import Action, Answer, Confidence
from overturn.domain.edit_pairs import ABSOLUTE, LimitAnswer

LIMIT_CAUSE: Final = "mue_units"
BY_LINE: Final = "1"

ABSOLUTE_GUARDRAIL: Final = (
    "the unit limit of this code is absolute (MUE indicator 2): no appeal can move it, correct the units only"
)


def prove_units(question: Question) -> Proven | None:
    """MAI 1 counts a line, 2 and 3 count the day; 2 is policy that no appeal moves (CMS, CGS)."""
    line, day = question.own_line, question.service_on
    if line is None or day is None or question.rule.cause != LIMIT_CAUSE:
        return None
    answer = question.tables.edits.limit(line.procedure, day, question.target.payer)
    units = _counted(question, line, answer)
    if answer.limit is None or units is None:
        return None
    if units <= answer.limit.units:
        return _within(question, line, answer, units)
    return _above(question, line, answer, units)


def _counted(question: Question, line: DayLine, answer: LimitAnswer) -> Decimal | None:
    """The units that the limit is held against; None where a line does not say how many."""
    by_line = answer.limit is not None and answer.limit.adjudication_indicator == BY_LINE
    same = [] if by_line else [o for o in question.other_lines() if o.procedure == line.procedure]
    units = [each.units for each in (line, *same)]
    known = [n for n in units if n is not None]
    return sum(known, Decimal(0)) if len(known) == len(units) and sum(known) > 0 else None


def _within(question: Question, line: DayLine, answer: LimitAnswer, units: Decimal) -> Proven:
    """Other claims of the day count, too, so the payer is asked for its count."""
    absolute = answer.limit is not None and answer.limit.adjudication_indicator == ABSOLUTE
    confidence, why = trust(stale=answer.stale, own=own_table(answer, question))
    if question.target.submitted is None and why == SURE:
        confidence, why = Confidence.MEDIUM, "our own claim is not at hand: the units are the payer's figure"
    return Proven(
        cause="mue_within_limit",
        stand=Stand.REFUTED,
        finding=f"The claim has {_units(units)} of {line.procedure} on {question.service_on}; "
        f"{_limit(answer)}. The units are within it",
        advice="ask which other units of the day were counted; no appeal moves the limit itself"
        if absolute
        else "appeal with the table and the minutes of the day; ask which other units were counted",
        confidence=confidence,
        why=why,
        action=Action.CALL_PAYER if absolute else Action.APPEAL,
        appealable=Answer.NO if absolute else Answer.YES,
        guardrail=ABSOLUTE_GUARDRAIL if absolute else None,
        places=(line.place,),
        tables=tuple(table for table in (table_of(answer),) if table),
    )


def _above(question: Question, line: DayLine, answer: LimitAnswer, units: Decimal) -> Proven:
    indicator = answer.limit.adjudication_indicator if answer.limit else ""
    absolute = indicator == ABSOLUTE
    correct = Action.REOPENING if question.medicare and not absolute else Action.CORRECTED_CLAIM
    confidence, why = at_least_medium(trust(stale=answer.stale, own=own_table(answer, question)))
    advice = {
        BY_LINE: "correct the line, or split it with the modifier that says why where services were distinct",
        ABSOLUTE: "bill the units up to the limit",
    }.get(indicator, "appeal with the minutes of each timed service")
    return Proven(
        cause=LIMIT_CAUSE,
        stand=Stand.CONFIRMED,
        finding=f"The claim has {_units(units)} of {line.procedure} on {question.service_on}; "
        f"{_limit(answer)}",
        advice=advice,
        confidence=confidence,
        why=why,
        action=correct if indicator in {BY_LINE, ABSOLUTE} else Action.APPEAL,
        appealable=Answer.NO if absolute else Answer.YES,
        guardrail=ABSOLUTE_GUARDRAIL if absolute else None,
        playbook="mue-units",
        places=(line.place,),
        tables=tuple(table for table in (table_of(answer),) if table),
    )


def _units(units: Decimal) -> str:
    return "1 unit" if units == 1 else f"{units:f} units"


def _limit(answer: LimitAnswer) -> str:
    limit = answer.limit
    if limit is None:
        return "no limit is known"
    per = "on one line" if limit.adjudication_indicator == BY_LINE else "a day"
    return f"the limit is {limit.units} {per} (MAI {limit.adjudication_indicator})"
