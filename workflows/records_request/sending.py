"""The sending of records as the workflow sees it; its body is in `services/appeals`."""

from abc import ABC, abstractmethod

from temporalio import activity

from workflows.records_request.types import RecordsNotSentInput, SendRecordsInput


class RecordsSendingActivities(ABC):
    """Runs on the task queue `appeals`."""

    @activity.defn
    @abstractmethod
    async def send_records(self, request: SendRecordsInput) -> None:
        """Hand the package to the channel, once, and record the receipt."""

    @activity.defn
    @abstractmethod
    async def record_records_not_sent(self, request: RecordsNotSentInput) -> None:
        """Give a request whose records could not be sent back to a person."""
