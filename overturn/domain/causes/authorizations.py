"""Authorizations: the payer says that there is none, and its number stands on the claim we sent."""

from collections.abc import Iterator
from typing import Final

from overturn.domain.causes.proven import ProofPlace, Proven, Stand
from overturn.domain.causes.question import Question, places_in_claim
from overturn.domain.codes import Action, Answer, Confidence

SAID_MISSING: Final = frozenset({"authorization_missing", "authorization_number_missing"})
NUMBER: Final = "REF*G1*"


def prove_authorization_was_there(question: Question) -> Proven | None:
    """REF*G1 of the line or of the claim, as we sent it."""
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


def _places(question: Question) -> Iterator[ProofPlace]:
    sent, line = question.target.sent, question.target.submitted
    if sent:
        numbers = {sent.prior_authorization, line.prior_authorization if line else None}
        for place in places_in_claim(sent, NUMBER, 2):
            if place.value in numbers:
                yield place
