"""A workflow that has the time, where the record has the rest: it looks, and waits for news or its time."""

from abc import ABC, abstractmethod
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow


class Looking(ABC):
    """The signal that there is news, and the loop that takes it."""

    def __init__(self) -> None:
        self._news = True

    @workflow.signal
    def look(self) -> None:
        """Something changed in the record: any number of times, in any order."""
        self._news = True

    @abstractmethod
    async def _look(self) -> timedelta | None:
        """Do what there is to do; how long until the next look, None once it is over."""

    async def _look_until_over(self, given: Any) -> None:
        """`given` starts the next run when the history is long; a run begins with a look."""
        while True:
            self._news = False
            wait = await self._look()
            if self._news:
                continue
            if wait is None:
                return
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(given)
            if wait:  # else it looks at once
                with suppress(TimeoutError):
                    await workflow.wait_condition(lambda: self._news, timeout=wait)
