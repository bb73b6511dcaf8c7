"""The activities of a rebuttal as its workflow sees them; their bodies are in `services/appeals`."""

from abc import ABC, abstractmethod

from temporalio import activity

from workflows.recoupment.types import RebuttalInput, RebuttalNotSentInput


class RebuttalActivities(ABC):
    """Runs on the task queue `appeals`."""

    @activity.defn
    @abstractmethod
    async def send_rebuttal(self, request: RebuttalInput) -> None:
        """Hand the rebuttal to the channel, once, and record the receipt."""

    @activity.defn
    @abstractmethod
    async def record_rebuttal_not_sent(self, request: RebuttalNotSentInput) -> None:
        """Give a rebuttal that could not be sent back to a person."""
