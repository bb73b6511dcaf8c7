"""The topics and their classes. `deploy/topics.yaml` says how many partitions each gets."""

from typing import Final

from overturn.events.claim import ClaimAcknowledged, ClaimAdjudicated, ClaimSubmitted
from overturn.events.denial import CaseAdvanced, CaseOpened, CaseResolved, DenialClassified
from overturn.events.envelope import Event

CONTRACT: Final[dict[str, type[Event]]] = {
    event.topic: event
    for event in (
        ClaimSubmitted,
        ClaimAcknowledged,
        ClaimAdjudicated,
        DenialClassified,
        CaseOpened,
        CaseAdvanced,
        CaseResolved,
    )
}

CLASSIFIER: Final = "services.classifier"
CONSUMERS: Final[dict[str, str]] = {
    ClaimAdjudicated.topic: CLASSIFIER,
    DenialClassified.topic: CLASSIFIER,
    CaseAdvanced.topic: CLASSIFIER,
}
"""Which consumer group of ours handles a topic; the others are told to whoever listens outside."""


def dead_letter_topic(topic: str) -> str:
    return f"{topic}.dead-letter"
