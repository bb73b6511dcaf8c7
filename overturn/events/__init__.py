"""The Kafka contract: one class per topic, past tense, ids and codes only (no PHI)."""

from overturn.events.claim import ClaimAcknowledged, ClaimAdjudicated, ClaimSubmitted
from overturn.events.credential import CredentialChanged
from overturn.events.denial import CaseAdvanced, CaseOpened, CaseResolved, DenialClassified
from overturn.events.envelope import ClaimEvent, Event
from overturn.events.file import RemittanceReceived
from overturn.events.topics import CONTRACT, dead_letter_topic

__all__ = [
    "CONTRACT",
    "CaseAdvanced",
    "CaseOpened",
    "CaseResolved",
    "ClaimAcknowledged",
    "ClaimAdjudicated",
    "ClaimEvent",
    "ClaimSubmitted",
    "CredentialChanged",
    "DenialClassified",
    "Event",
    "RemittanceReceived",
    "dead_letter_topic",
]
