"""Timely filing: the day the claim was with the payer, held against the last day it could be."""

from datetime import date
from typing import Final

from overturn.domain.causes.proven import SURE, ProofPlace, Proven, Stand
from overturn.domain.causes.question import Question, places_in_answer
from overturn.domain.codes import Action, Answer, Category, Confidence
from overturn.domain.deadlines import Deadline

FIRST_CLAIM: Final = frozenset({"1", None})
RECEIVED: Final = "DTM*050"
OWED_FIRST: Final = frozenset({"P", None})


def prove_filing(question: Question) -> Proven | None:
    """Only acceptance proves: the payer's own date of receipt (DTM*050) or a 277CA that took the claim in;
    a report of sending does not (UnitedHealthcare UHC1538). A secondary payer's window and that of a
    replacement run from elsewhere. Medicare's late filing carries no appeal (42 CFR 405.926(n))."""
    sent, day = question.target.sent, question.service_on
    if question.rule.cause != "filing_limit_missed" or day is None:
        return None
    if sent and (sent.frequency_code not in FIRST_CLAIM or sent.payer_responsibility not in OWED_FIRST):
        return None
    due = question.tables.filing_due(question.target.payer, day)
    if not isinstance(due, Deadline):
        return None
    there = _there(question)
    if there and there[0] <= due.due_on:
        return _in_time(question, due, *there)
    if there:
        return _late(question, due, there)
    return None


def _there(question: Question) -> tuple[date, str, tuple[ProofPlace, ...]] | None:
    """The earliest day the payer is known to have had the claim, and how it is known."""
    found: list[tuple[date, str, tuple[ProofPlace, ...]]] = []
    claim, acceptance = question.target.claim, question.record.acceptance
    if acceptance:
        value = acceptance.number or acceptance.accepted_on.isoformat()
        place = ProofPlace("277CA", acceptance.segment_index, "STC", 1, value)
        found.append((acceptance.accepted_on, "the 277CA that accepted it", (place,)))
    if claim.received_on:
        places = tuple(places_in_answer(claim, RECEIVED, 2))
        found.append((claim.received_on, "the payer's own remittance", places))
    return min(found, key=lambda entry: entry[0], default=None)


def _in_time(
    question: Question, due: Deadline, on: date, known_by: str, places: tuple[ProofPlace, ...]
) -> Proven:
    medicare = question.medicare
    return Proven(
        cause="filed_in_time",
        stand=Stand.REFUTED,
        finding=f"The payer had the claim on {on} ({known_by}), and the last day was {due.due_on} "
        f"(rule {due.rule.id}: {due.rule.source})",
        advice="show the contractor its acceptance; a late-filing decision carries no appeal"
        if medicare
        else "appeal with the acceptance as proof",
        confidence=Confidence.HIGH if due.rule.confidence == "high" else Confidence.MEDIUM,
        why=SURE if due.rule.confidence == "high" else "the payer's window is not certain: see its rule",
        category=Category.TIMELY_FILING,
        action=Action.CALL_PAYER if medicare else Action.APPEAL,
        appealable=None if medicare else Answer.YES,
        playbook="late-filing",
        places=places,
    )


def _late(question: Question, due: Deadline, there: tuple[date, str, tuple[ProofPlace, ...]]) -> Proven:
    on, known_by, places = there
    days = (on - due.due_on).days
    return Proven(
        cause="filing_limit_missed",
        stand=Stand.CONFIRMED,
        finding=f"The payer had the claim on {on} ({known_by}), {days} day{'' if days == 1 else 's'} after "
        f"the last day, {due.due_on} (rule {due.rule.id}: {due.rule.source})",
        advice="write off unless an exception of the payer fits",
        confidence=Confidence.HIGH if due.rule.confidence == "high" else Confidence.MEDIUM,
        why=SURE if due.rule.confidence == "high" else "the payer's window is not certain: see its rule",
        action=question.rule.action,
        places=places,
    )
