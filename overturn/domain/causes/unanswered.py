"""What the tables at hand cannot say of a denial that they should decide: a person has to look it up."""

from overturn.domain.causes.bundling import PAIR_CAUSES
from overturn.domain.causes.question import Question
from overturn.domain.causes.units import LIMIT_CAUSE
from overturn.domain.codes import Category


def find_unanswered(question: Question) -> str | None:
    """Which look-up found no table, in words for a biller; None where nothing was to be looked up."""
    line, day = question.own_line, question.service_on
    if line is None or day is None:
        return None
    edits, payer, rule = question.tables.edits, question.target.payer, question.rule
    if rule.cause == LIMIT_CAUSE:
        answer = edits.limit(line.procedure, day, payer)
        return f"no unit limit of {line.procedure} is in the tables at hand" if answer.limit is None else None
    if rule.category is not Category.BUNDLING or rule.cause not in PAIR_CAUSES:
        return None
    pairs = (edits.verdict(o.procedure, line.procedure, day, payer) for o in question.other_lines())
    return next((pair.unknown for pair in pairs if pair.unknown), None)
