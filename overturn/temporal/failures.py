"""What a failed activity tells Temporal: the kind of error, never its message, which may hold anything."""

from typing import Any

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

log = structlog.get_logger()


class FailuresByKind(Interceptor):
    """Every activity of a worker that has it fails as its error's class name; the worker's log has the place.

    Retry policies name errors by class, so what is permanent stays permanent.
    """

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the library's name
        return _ByKind(next)


class _ByKind(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the library's name
        try:
            return await super().execute_activity(input)
        except Exception as error:
            kind = type(error).__name__
            log.exception("activity.failed", activity=activity.info().activity_type, problem=kind)
            raise ApplicationError("see the worker's log", type=kind) from None
