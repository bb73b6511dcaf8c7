"""The topics and their classes. `deploy/topics.yaml` says how many partitions each gets."""

from typing import Final

from overturn.events.claim import ClaimAcknowledged, ClaimAdjudicated, ClaimSubmitted
from overturn.events.credential import CredentialChanged
from overturn.events.denial import (
    CaseAdvanced,
    CaseOpened,
    CaseReclassified,
    CaseResolved,
    DenialClassified,
)
from overturn.events.envelope import Event
from overturn.events.evidence import EvidenceAdded
from overturn.events.file import RemittanceReceived
from overturn.events.rules import RulesPublished

CONTRACT: Final[dict[str, type[Event]]] = {
    event.topic: event
    for event in (
        RemittanceReceived,
        ClaimSubmitted,
        ClaimAcknowledged,
        ClaimAdjudicated,
        DenialClassified,
        CaseOpened,
        CaseAdvanced,
        CaseReclassified,
        CaseResolved,
        CredentialChanged,
        EvidenceAdded,
        RulesPublished,
    )
}

CONSUMERS: Final[dict[str, str]] = {
    RemittanceReceived.topic: "services.ingest.handed_over",
    ClaimSubmitted.topic: "services.classifier.submission_reader",
    ClaimAdjudicated.topic: "services.classifier.claim_classifier",
    DenialClassified.topic: "services.classifier.case_starter",
    CaseAdvanced.topic: "services.classifier.case_teller",
    ClaimAcknowledged.topic: "services.classifier.claim_teller",
    CredentialChanged.topic: "services.classifier.gap_teller",
    EvidenceAdded.topic: "services.classifier.reconsiderer",
    CaseReclassified.topic: "services.classifier.case_replanner",
    RulesPublished.topic: "services.classifier.reclassifier",
}
"""The consumer group of ours that handles a topic, named by its module: one group a handler, so that one
that starts or dies does not make the others rebalance. The other topics are for whoever listens outside."""


def dead_letter_topic(topic: str) -> str:
    return f"{topic}.dead-letter"
