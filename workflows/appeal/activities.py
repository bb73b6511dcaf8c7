"""The activities of letters as workflows see them; their bodies are in `services/appeals`."""

from abc import ABC, abstractmethod

from temporalio import activity

from workflows.appeal.types import (
    DraftLetterInput,
    DraftLetterResult,
    NotSentInput,
    SendLetterInput,
    Watch,
    WatchInput,
)
from workflows.denial_case.types import StepResult


class LetterActivities(ABC):
    """Runs on the task queue `appeals`."""

    @activity.defn
    @abstractmethod
    async def draft_letter(self, request: DraftLetterInput) -> DraftLetterResult:
        """Write the `letter` row of this case and level, unless it is there: people edit it."""


class SendingActivities(ABC):
    """Runs on the task queue `appeals`."""

    @activity.defn
    @abstractmethod
    async def send_letter(self, request: SendLetterInput) -> StepResult:
        """Hand the approved letter to the channel, once, and record the receipt."""

    @activity.defn
    @abstractmethod
    async def record_not_sent(self, request: NotSentInput) -> StepResult:
        """Give a letter that could not be sent back to a person."""


class WatchingActivities(ABC):
    """Runs on the task queue `appeals`."""

    @activity.defn
    @abstractmethod
    async def watch_appeal(self, request: WatchInput) -> Watch:
        """When to ask the payer where the appeal stands."""

    @activity.defn
    @abstractmethod
    async def ask_payer(self, request: WatchInput) -> Watch:
        """It is time: a work item asks a person to ask the payer."""
