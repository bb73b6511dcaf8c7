"""The activities of corrected claims as workflows see them; their bodies are in `services/appeals`."""

from abc import ABC, abstractmethod

from temporalio import activity

from workflows.corrected_claim.types import (
    AskAboutClaimInput,
    ClaimStanding,
    RecordAnswerInput,
    WriteClaimInput,
)


class CorrectedClaimActivities(ABC):
    """Runs on the task queue `appeals`."""

    @activity.defn
    @abstractmethod
    async def write_claim(self, request: WriteClaimInput) -> ClaimStanding:
        """Lay the 837P into the claims folder, once, and record that it lies there."""

    @activity.defn
    @abstractmethod
    async def record_answer(self, request: RecordAnswerInput) -> ClaimStanding:
        """Accepted: keep the proof. Rejected: give the case back to a person, with the reason."""

    @activity.defn
    @abstractmethod
    async def ask_about_claim(self, request: AskAboutClaimInput) -> ClaimStanding:
        """It is time: a work item asks a person to ask the payer."""
