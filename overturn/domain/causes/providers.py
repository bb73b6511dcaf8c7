"""Who rendered: an assistant, who may not; a therapist the payer lists, or does not list yet, on that day."""

from collections.abc import Sequence
from datetime import date

from overturn.domain.causes.proven import SURE, ProofPlace, ProofTable, Proven, Stand
from overturn.domain.causes.question import Question, places_in_claim
from overturn.domain.causes.tables import Enrolment
from overturn.domain.causes.therapy_modifiers import ASSISTANTS
from overturn.domain.codes import Action, Answer, Category, Confidence
from overturn.domain.edit_pairs import quarter_of
from overturn.domain.submission import SubmittedClaim

RENDERING_CAUSES = frozenset(
    {
        *("rendering_npi_not_enrolled", "rendering_npi_invalid", "credentialing_data_missing"),
        "provider_type_not_payable",
    }
)


def prove_assistant_rendering(question: Question) -> Proven | None:
    """An assistant treats under a therapist and may not be the rendering provider (42 CFR 410.59, 410.60)."""
    sent = question.target.sent
    if sent is None or question.rule.category is not Category.CREDENTIALING_NPI:
        return None
    taxonomy = question.target.rendering_taxonomy
    modifier = ASSISTANTS.get(taxonomy or "")
    if modifier is None:
        return None
    unprocessable = question.rule.action is Action.NEW_CLAIM
    return Proven(
        cause="assistant_rendering",
        stand=Stand.CONFIRMED,
        finding=f"The claim names an assistant (taxonomy {taxonomy}) as rendering provider",
        advice=f"name the supervising therapist and put {modifier} on the lines the assistant furnished",
        confidence=Confidence.HIGH,
        why=SURE,
        action=Action.NEW_CLAIM if unprocessable else Action.CORRECTED_CLAIM,
        appealable=Answer.NO,
        guardrail="an assistant may not be the rendering provider",
        places=_rendering_place(question, sent),
    )


def _rendering_place(question: Question, sent: SubmittedClaim) -> tuple[ProofPlace, ...]:
    """Where our claim says what the provider is: after the line that has one of its own, else first."""
    line = question.target.submitted
    after = line.segment_index if line and line.rendering_npi else sent.segment_index
    places = places_in_claim(sent, "PRV*PE", 3)
    return tuple(place for place in places if place.segment_index > after)[:1]


def prove_enrolment(question: Question) -> Proven | None:
    """What `enrolments.csv` says of the rendering NPI with this payer on the date of service."""
    if question.rule.cause not in RENDERING_CAUSES:
        return None
    npi, day, payer = question.rendering_npi, question.service_on, question.target.payer.key
    if npi is None or day is None or payer is None:
        return None
    rows = question.tables.enrolments(payer, npi)
    if not rows:
        return None
    listed = next((row for row in rows if row.in_force(day)), None)
    return _enrolled(npi, day, listed) if listed else _not_yet(npi, day, rows)


def _enrolled(npi: str, day: date, row: Enrolment) -> Proven:
    return Proven(
        cause="rendering_npi_enrolled",
        stand=Stand.REFUTED,
        finding=f"NPI {npi} is enrolled with the payer since {row.effective_from} ({row.reference}), "
        f"so it was on {day}",
        advice="appeal with the payer's own notice of the enrolment",
        confidence=Confidence.HIGH,
        why=SURE,
        action=Action.APPEAL,
        appealable=Answer.YES,
        tables=_table(day),
    )


def _not_yet(npi: str, day: date, rows: Sequence[Enrolment]) -> Proven:
    spans = ", ".join(f"{row.effective_from} to {row.effective_to or 'now'}" for row in rows)
    return Proven(
        cause="rendering_npi_not_enrolled",
        stand=Stand.CONFIRMED,
        finding=f"NPI {npi} is enrolled with the payer from {spans}, and not on {day}",
        advice="ask for an earlier effective date; bill again what then falls after it",
        confidence=Confidence.HIGH,
        why=SURE,
        playbook="enrolment",
        tables=_table(day),
    )


def _table(day: date) -> tuple[ProofTable, ...]:
    return (ProofTable("rules/enrolments.csv", quarter_of(day), stale=False),)
