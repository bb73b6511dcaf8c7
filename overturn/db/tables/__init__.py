"""Every table, by what it holds: files, claims, remittances, cases and so on; nothing but tables."""

from overturn.db.tables.cases import CaseEvent, Classification, Denial, DenialCase, StepWords, WorkItem
from overturn.db.tables.claims import Claim, ClaimAcknowledgement, ClaimMatch, Rejection, SubmittedClaim
from overturn.db.tables.columns import metadata, utc_now
from overturn.db.tables.credentialing_gaps import (
    CredentialingGap,
    CredentialingGapClaim,
    CredentialingGapEvent,
)
from overturn.db.tables.files import BatchAcknowledgement, ReceivedFile, ReceivedPiece
from overturn.db.tables.letters import (
    Exhibit,
    Letter,
    LetterDraw,
    LetterEdition,
    LetterEditionStep,
    LetterTrial,
)
from overturn.db.tables.messages import DeadLetter, DeadLetterEvent, Inbox, Outbox
from overturn.db.tables.parties import ExpiryNotice, PayerAuthorization, PayerContact, PracticeProfile
from overturn.db.tables.people import UserAccount, UserSession
from overturn.db.tables.records_requests import RecordsRequest, RecordsRequestEvent
from overturn.db.tables.recoupments import (
    Recoupment,
    RecoupmentClaim,
    RecoupmentClock,
    RecoupmentEvent,
    RecoupmentLetter,
)
from overturn.db.tables.remittances import (
    Adjustment,
    ClaimPayment,
    Imbalance,
    ProviderAdjustment,
    Remark,
    Remittance,
    ServiceLine,
)
from overturn.db.tables.rules import FilingWindowOverride, RuleSet, RuleSetStep
from overturn.db.tables.sendings import AppealBatch, AppealBatchMember, Sending, SentFile

__all__ = [
    "Adjustment",
    "AppealBatch",
    "AppealBatchMember",
    "BatchAcknowledgement",
    "CaseEvent",
    "Claim",
    "ClaimAcknowledgement",
    "ClaimMatch",
    "ClaimPayment",
    "Classification",
    "CredentialingGap",
    "CredentialingGapClaim",
    "CredentialingGapEvent",
    "DeadLetter",
    "DeadLetterEvent",
    "Denial",
    "DenialCase",
    "Exhibit",
    "ExpiryNotice",
    "FilingWindowOverride",
    "Imbalance",
    "Inbox",
    "Letter",
    "LetterDraw",
    "LetterEdition",
    "LetterEditionStep",
    "LetterTrial",
    "Outbox",
    "PayerAuthorization",
    "PayerContact",
    "PracticeProfile",
    "ProviderAdjustment",
    "ReceivedFile",
    "ReceivedPiece",
    "RecordsRequest",
    "RecordsRequestEvent",
    "Recoupment",
    "RecoupmentClaim",
    "RecoupmentClock",
    "RecoupmentEvent",
    "RecoupmentLetter",
    "Rejection",
    "Remark",
    "Remittance",
    "RuleSet",
    "RuleSetStep",
    "Sending",
    "SentFile",
    "ServiceLine",
    "StepWords",
    "SubmittedClaim",
    "UserAccount",
    "UserSession",
    "WorkItem",
    "metadata",
    "utc_now",
]
