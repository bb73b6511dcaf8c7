"""Therapy modifiers: KX against the accumulator, GP, GO and GN, CQ and CO of assistants."""

from dataclasses import replace
from datetime import date
from typing import Final

from overturn.domain.causes.proven import SURE, ProofPlace, Proven, Stand
from overturn.domain.causes.question import Question
from overturn.domain.causes.same_day import DayLine
from overturn.domain.claim_scrub import ASSISTANT_DISCIPLINES, EVALUATION_MODIFIERS, THERAPY_MODIFIERS
from overturn.domain.codes import Action, Answer, Category, Confidence, format_dollars
from overturn.domain.remittance import ServiceLine
from overturn.domain.submission import SubmittedLine
from overturn.domain.therapy_threshold import BUCKETS, KX, Bucket

ABOVE_THRESHOLD: Final = "119"
MODIFIER_REASONS: Final = frozenset({"4", "16"})
MISSING: Final = frozenset(
    {
        *("missing_therapy_modifier", "wrong_therapy_modifier", "missing_kx"),
        *("modifier_mismatch", "missing_modifier"),
    }
)
NO_BILL_BEFORE_KX: Final = "do not bill the patient before the KX reopening is tried"

DISCIPLINES: Final = {"225100000X": "GP", "225X00000X": "GO", "235Z00000X": "GN"}
"""Taxonomy codes of the therapists whose modifier is certain by who they are."""

ASSISTANTS: Final = {"225200000X": "CQ", "224Z00000X": "CO"}


def prove_kx(question: Question) -> Proven | None:
    """Above the threshold of the year without KX: PR-119, or CO-16 with a remark on modifiers (Palmetto;
    42 CFR 410.59, 410.60). What other providers used counts too, so only an exceeded sum proves anything."""
    line, day = question.own_line, question.service_on
    if line is None or day is None or not question.medicare or KX in line.modifiers:
        return None
    bucket = next((BUCKETS[m] for m in sorted(line.modifiers) if m in BUCKETS), None)
    if bucket is None or not _about_kx(question):
        return None
    told = _accumulated(question, bucket, day)
    if told is None:
        return None
    unprocessable = question.rule.action is Action.NEW_CLAIM
    return Proven(
        cause="missing_kx",
        stand=Stand.CONFIRMED,
        finding=f"{told}, and {line.procedure} has no KX",
        advice="add KX where the notes show why the therapy was needed",
        confidence=Confidence.HIGH,
        why=SURE,
        category=Category.MODIFIER_KX,
        action=Action.NEW_CLAIM if unprocessable else Action.REOPENING,
        appealable=Answer.NO if unprocessable else Answer.YES,
        guardrail=None if unprocessable else NO_BILL_BEFORE_KX,
        playbook="therapy-modifier" if unprocessable else "kx-reopening",
        places=(line.place,),
    )


def _about_kx(question: Question) -> bool:
    carcs = {a.reason for a in question.target.adjustments}
    modifiers = question.rule.category is Category.MODIFIER_KX and question.rule.cause in MISSING
    return ABOVE_THRESHOLD in carcs or modifiers


def _accumulated(question: Question, bucket: Bucket, day: date) -> str | None:
    """The sentence that says the threshold was passed; None where our record does not show it."""
    limit, before = question.tables.threshold(bucket, day), question.record.allowed_before.get(bucket)
    if limit is None or before is None or before <= limit.amount:
        return None
    name = "PT and SLP" if bucket is Bucket.PT_SLP else "OT"
    return (
        f"Our record has {format_dollars(before)} of {name} allowed in {day.year} before this claim, above "
        f"the threshold of {format_dollars(limit.amount)} ({limit.source})"
    )


def prove_discipline(question: Question) -> Proven | None:
    """An always-therapy line without GP, GO or GN, or with that of another discipline."""
    line, day = question.own_line, question.service_on
    if line is None or day is None or question.rule.category is not Category.MODIFIER_KX:
        return None
    if not MODIFIER_REASONS & {a.reason for a in question.target.adjustments}:
        return None
    named, wanted = THERAPY_MODIFIERS & line.modifiers, _wanted(question, line)
    if not named and (wanted or question.tables.always_therapy(line.procedure, day)):
        return _discipline(question, line, "missing_therapy_modifier", "has none of GP, GO and GN", wanted)
    if named and wanted and wanted not in named:
        has = f"has {' and '.join(sorted(named))}, and it was {wanted} therapy"
        return _discipline(question, line, "wrong_therapy_modifier", has, wanted)
    return None


def _wanted(question: Question, line: DayLine) -> str | None:
    """The modifier of the discipline, where the evaluation or the therapist makes it certain."""
    by_therapist = DISCIPLINES.get(question.target.rendering_taxonomy or "")
    return EVALUATION_MODIFIERS.get(line.procedure) or by_therapist


def _discipline(question: Question, line: DayLine, cause: str, has: str, wanted: str | None) -> Proven:
    return Proven(
        cause=cause,
        stand=Stand.CONFIRMED,
        finding=f"{line.procedure} {has}",
        advice=f"put {wanted} on the line" if wanted else "put GP, GO or GN on the line, by the plan of care",
        confidence=Confidence.HIGH,
        why=SURE,
        action=question.rule.action if question.rule.action is not Action.APPEAL else Action.CORRECTED_CLAIM,
        appealable=Answer.NO,
        playbook="therapy-modifier",
        places=(line.place,),
    )


def prove_modifiers_there(question: Question) -> Proven | None:
    """The payer says that a therapy modifier is missing, and the line carries it; Medicare's with KX, which
    its remark may mean, too."""
    line, answered = question.own_line, question.target.line
    if line is None or answered is None or question.rule.cause != "missing_therapy_modifier":
        return None
    named, wanted = THERAPY_MODIFIERS & line.modifiers, _wanted(question, line)
    if len(named) != 1 or (question.medicare and KX not in line.modifiers):
        return None
    if wanted and wanted not in named:
        return None
    who, place = _carried(question.target.submitted, answered, line, *named)
    return Proven(
        cause="therapy_modifier_was_there",
        stand=Stand.REFUTED,
        finding=f"{who} {line.procedure} with {place.value.replace(' ', ' and ')}",
        advice="ask what the payer misses, with the claim as it was accepted",
        confidence=Confidence.MEDIUM,
        why="the claim shows the modifiers; which one the payer misses, it does not say",
        action=Action.CALL_PAYER,
        places=(place,),
    )


def _carried(
    submitted: SubmittedLine | None, answered: ServiceLine, line: DayLine, modifier: str
) -> tuple[str, ProofPlace]:
    """Who shows the modifier, and where: our own claim, else the payer's remittance."""
    if submitted and modifier in submitted.modifiers:
        return "Our claim carries", replace(line.place, value=" ".join(submitted.modifiers))
    paid, billed = answered.modifiers, answered.submitted_modifiers
    element, shown = (1, paid) if modifier in paid else (6, billed)
    place = ProofPlace("835", answered.segment_index, "SVC", element, " ".join(shown))
    return "The remittance itself has", place


def prove_assistant(question: Question) -> Proven | None:
    """An assistant's CQ or CO that is missing, on an evaluation, or beside the wrong discipline."""
    line = question.own_line
    if line is None or question.rule.category is not Category.MODIFIER_KX:
        return None
    fault = _assistant_fault(line, ASSISTANTS.get(question.target.rendering_taxonomy or ""))
    if fault is None:
        return None
    cause, has, advice = fault
    return Proven(
        cause=cause,
        stand=Stand.CONFIRMED,
        finding=f"{line.procedure} {has}",
        advice=advice,
        confidence=Confidence.HIGH,
        why=SURE,
        action=question.rule.action,
        appealable=Answer.NO,
        playbook="therapy-modifier",
        places=(line.place,),
    )


def _assistant_fault(line: DayLine, by_taxonomy: str | None) -> tuple[str, str, str] | None:
    carried = [m for m in ASSISTANT_DISCIPLINES if m in line.modifiers]
    if carried and line.procedure in EVALUATION_MODIFIERS:
        has = f"is an evaluation and has {carried[0]}: an assistant may not evaluate"
        return "assistant_evaluation", has, f"take {carried[0]} away if the therapist evaluated"
    for modifier in carried:
        if (wanted := ASSISTANT_DISCIPLINES[modifier]) not in line.modifiers:
            return (
                "assistant_modifier_mismatch",
                f"has {modifier} without {wanted}",
                f"{modifier} goes with {wanted}",
            )
    if by_taxonomy and by_taxonomy not in line.modifiers:
        has = f"has no {by_taxonomy}, and an assistant renders the claim"
        return "assistant_modifier_missing", has, f"add {by_taxonomy} and name the supervising therapist"
    return None
