"""Authorizations: what the practice holds for the day, against what the payer says and our claim carries."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from overturn.domain.authorizations import Authorization, AuthorizationUse
from overturn.domain.causes.proven import SURE, ProofPlace, ProofTable, Proven, Stand
from overturn.domain.causes.question import Question, places_in_claim
from overturn.domain.codes import Action, Answer, Confidence
from overturn.domain.edit_pairs import quarter_of

SAID_MISSING: Final = frozenset({"authorization_missing", "authorization_number_missing"})
SAID_UNFIT: Final = frozenset({"authorization_mismatch", "authorization_exceeded", "authorization_dates"})
NUMBER: Final = "REF*G1*"
TABLE: Final = "the practice's authorizations"
NONE_REQUIRED: Final = "authorization_not_required"


def prove_authorization(question: Question) -> Proven | None:
    """What the practice holds for the patient and payer, by number, dates, services and what was used."""
    day, payer = question.service_on, question.target.payer.key
    if question.rule.cause not in SAID_MISSING | SAID_UNFIT or day is None or payer is None:
        return None
    held = [use for use in question.record.authorizations if use.authorization.payer_key == payer]
    of_day = [use for use in held if use.authorization.in_force(day)]
    fitting = [use for use in of_day if _is_for(use.authorization, question)]
    free = next((use for use in fitting if not use.authorization.required), None)
    if free:
        return _not_required(free.authorization, day)
    units = _units(question)
    with_room = [use for use in fitting if use.has_room(day, units)]
    if with_room:
        return _in_force(with_room, question, day)
    if fitting:
        return _used_up(fitting[0], question, day)
    if of_day:
        return _other_services(of_day[0].authorization, question, day)
    dated = [use.authorization for use in held if use.authorization.required]
    return _other_dates(dated, question, day) if dated else None


def prove_authorization_was_there(question: Question) -> Proven | None:
    """REF*G1 of the line or of the claim, as we sent it, where the practice keeps no authorization."""
    if question.rule.cause not in SAID_MISSING:
        return None
    places = tuple(_places(question))
    if not places:
        return None
    return Proven(
        cause="authorization_number_was_there",
        stand=Stand.REFUTED,
        finding=f"Our claim carries the authorization number {places[0].value} (REF*G1)",
        advice="appeal with the number and the payer's approval of it",
        confidence=Confidence.MEDIUM,
        why="the number is on the claim; that it covers the day and the codes, a person checks",
        action=Action.APPEAL,
        appealable=Answer.YES,
        playbook="authorization",
        places=places,
    )


def prove_retroactive(question: Question) -> Proven | None:
    """No authorization is held and none was sent: whether this payer still gives one after the service."""
    day = question.service_on
    if question.rule.cause not in SAID_MISSING or day is None or question.target.sent is None:
        return None
    asked = question.tables.ask_until(question.target.payer.key, day)
    if asked is None:
        return None
    return Proven(
        cause="authorization_retroactive",
        stand=Stand.CONFIRMED,
        finding=f"No authorization is held for {day}; the payer gives one up to {asked[0]} ({asked[1]})",
        advice=f"ask for a retroactive authorization by {asked[0]}",
        confidence=Confidence.MEDIUM,
        why="neither our claim nor the practice's table has one; whether it was asked for, a person checks",
        playbook="authorization",
        tables=(ProofTable("rules/retroactive_authorizations.csv", quarter_of(day), stale=False),),
    )


def _not_required(known: Authorization, day: date) -> Proven:
    return Proven(
        cause=NONE_REQUIRED,
        stand=Stand.REFUTED,
        finding=f"The payer said that no authorization is required on {day} ({known.reference})",
        advice="appeal with the payer's own answer that none is required",
        confidence=Confidence.HIGH,
        why=SURE,
        action=Action.APPEAL,
        appealable=Answer.YES,
        playbook="authorization",
        tables=_table(day),
    )


def _in_force(uses: Sequence[AuthorizationUse], question: Question, day: date) -> Proven:
    """Valid on that day: whether the payer overlooked it depends on the number our claim carries."""
    places = tuple(_places(question))
    named = {place.value for place in places}
    use = next((use for use in uses if use.authorization.number in named), uses[0])
    known, used = use.authorization, use.used_before(day)
    holds = f"Authorization {known.number} holds {_span(known)}, so it did on {day}" + (
        f", with {used} used before" if used else ""
    )
    if question.target.sent is not None and known.number not in named:
        return _wrong_number(known, holds, places, day)
    return Proven(
        cause="authorization_in_force",
        stand=Stand.REFUTED,
        finding=f"{holds}{f'; our claim carries it ({NUMBER[:-1]})' if places else ''}",
        advice="appeal with the number and the payer's approval of it",
        confidence=Confidence.HIGH if places else Confidence.MEDIUM,
        why=SURE if places else "our own claim is not in the record, so nobody knows which number it carries",
        action=Action.APPEAL,
        appealable=Answer.YES,
        playbook="authorization",
        places=places,
        tables=_table(day),
    )


def _wrong_number(known: Authorization, holds: str, places: tuple[ProofPlace, ...], day: date) -> Proven:
    carries = f"carries {places[0].value} instead" if places else "carries no number"
    return Proven(
        cause="authorization_wrong_number" if places else "authorization_number_left_out",
        stand=Stand.CONFIRMED,
        finding=f"{holds}; our claim {carries} (REF*G1)",
        advice=f"send a corrected claim with {known.number} in REF*G1",
        confidence=Confidence.HIGH,
        why=SURE,
        action=Action.CORRECTED_CLAIM,
        playbook="authorization",
        places=places,
        tables=_table(day),
    )


def _used_up(use: AuthorizationUse, question: Question, day: date) -> Proven:
    known = use.authorization
    return _confirmed(
        "authorization_used_up",
        f"Authorization {known.number} was used up before {day}: {use.used_before(day)}",
        question,
        day,
    )


def _other_services(known: Authorization, question: Question, day: date) -> Proven:
    line = question.own_line
    covers = ", ".join((*known.procedures, *((known.discipline,) if known.discipline else ())))
    return _confirmed(
        "authorization_other_services",
        f"Authorization {known.number or known.reference} is for {covers}, and not for "
        f"{' '.join((line.procedure, *sorted(line.modifiers))) if line else 'this claim'}",
        question,
        day,
    )


def _other_dates(held: Sequence[Authorization], question: Question, day: date) -> Proven:
    spans = "; ".join(f"{known.number} holds {_span(known)}" for known in held)
    over = all(known.effective_to is not None and known.effective_to < day for known in held)
    return _confirmed(
        "authorization_expired" if over else "authorization_dates",
        f"No authorization covers {day}: {spans}",
        question,
        day,
    )


def _confirmed(cause: str, finding: str, question: Question, day: date) -> Proven:
    """The payer is right: what is left is to ask for more, if this payer gives it after the service."""
    asked = question.tables.ask_until(question.target.payer.key, day)
    advice = (
        f"ask for a retroactive extension by {asked[0]} ({asked[1]})"
        if asked
        else "ask the payer for an extension, and appeal with the plan of care"
    )
    return Proven(
        cause=cause,
        stand=Stand.CONFIRMED,
        finding=finding,
        advice=advice,
        confidence=Confidence.HIGH,
        why=SURE,
        playbook="authorization",
        places=tuple(_places(question)),
        tables=_table(day),
    )


def _is_for(known: Authorization, question: Question) -> bool:
    """A claim that was denied as one is for all it may be for."""
    line = question.own_line
    return line is None or known.names(line.procedure, line.modifiers)


def _units(question: Question) -> Decimal:
    line = question.own_line
    return line.units if line and line.units is not None else Decimal(0)


def _span(known: Authorization) -> str:
    return f"from {known.effective_from} to {known.effective_to or 'further notice'}"


def _places(question: Question) -> Iterator[ProofPlace]:
    sent, line = question.target.sent, question.target.submitted
    if sent:
        numbers = {sent.prior_authorization, line.prior_authorization if line else None}
        for place in places_in_claim(sent, NUMBER, 2):
            if place.value in numbers:
                yield place


def _table(day: date) -> tuple[ProofTable, ...]:
    return (ProofTable(TABLE, quarter_of(day), stale=False),)
