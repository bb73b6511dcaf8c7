"""The Kafka contract: one class per topic, past tense, ids and codes only (no PHI)."""

from overturn.events.claim import ClaimAcknowledged, ClaimAdjudicated, ClaimSubmitted
from overturn.events.credential import CredentialChanged
from overturn.events.denial import (
    CaseAdvanced,
    CaseOpened,
    CaseReclassified,
    CaseResolved,
    DenialClassified,
)
from overturn.events.envelope import ClaimEvent, Event
from overturn.events.evidence import EvidenceAdded
from overturn.events.file import RemittanceReceived
from overturn.events.rules import RulesPublished
from overturn.events.topics import CONTRACT, dead_letter_topic

__all__ = [
    "CONTRACT",
    "CaseAdvanced",
    "CaseOpened",
    "CaseReclassified",
    "CaseResolved",
    "ClaimAcknowledged",
    "ClaimAdjudicated",
    "ClaimEvent",
    "ClaimSubmitted",
    "CredentialChanged",
    "DenialClassified",
    "Event",
    "EvidenceAdded",
    "RemittanceReceived",
    "RulesPublished",
    "dead_letter_topic",
]
