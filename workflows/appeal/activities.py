"""The letter activities as workflows see them; their bodies are in `services/appeals/activities.py`."""

from abc import ABC, abstractmethod

from temporalio import activity

from workflows.appeal.types import DraftLetterInput, DraftLetterResult


class LetterActivities(ABC):
    """Runs on the task queue `appeals`."""

    @activity.defn
    @abstractmethod
    async def draft_letter(self, request: DraftLetterInput) -> DraftLetterResult:
        """Write the `letter` row of this case and level, unless it is there: people edit it."""
