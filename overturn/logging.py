"""Logs: a constant event name and ids; readable in a terminal, JSON elsewhere, and never a patient's data."""

import logging
import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

OURS = ("overturn", "services", "workflows")


def configure_logging(level: int = logging.INFO) -> None:
    """Our events from `level` up and the libraries' warnings, on standard error; call it once per process."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_messages,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_handler(shared)], level=logging.WARNING, force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    _take_over_library_handlers()


def _take_over_library_handlers() -> None:
    """Some libraries print by themselves, exceptions with their values; ours is the only handler."""
    for logger in list(logging.root.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger) and logger.handlers:
            logger.handlers.clear()
            logger.propagate = True


def _handler(shared: list[Processor]) -> logging.Handler:
    terminal = sys.stderr.isatty()
    renderer = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            use_get_message=False,  # a library's template says enough; its arguments may be anybody's data
            pass_foreign_args=False,
        )
    )
    return handler


def without_messages(logger: object, method: str, event: EventDict) -> EventDict:  # noqa: ARG001
    """Replace every exception by its type and place.

    Database drivers, parsers and validators put the offending value into the message, and that value is a
    patient's. Only our own exceptions, which are written for people, keep theirs.
    """
    raised = _exception(event.pop("exc_info", None))
    if raised is not None:
        event["exception"] = describe(raised)
        if "_from_structlog" in event and not event["_from_structlog"]:
            event["event"] = "library.failed"  # libraries write the exception's text into the event, too
    for name, value in event.items():
        if isinstance(value, BaseException):
            event[name] = describe(value)
    return event


def describe(raised: BaseException) -> str:
    """`package.Type at module:line`, then what caused it; the message only if the exception is ours."""
    return " <- ".join(_one(error) for error in _chain(raised))


def _one(error: BaseException) -> str:
    kind = type(error)
    message = f": {error}" if kind.__module__.split(".")[0] in OURS else ""
    return f"{kind.__module__}.{kind.__qualname__}{message} at {_place(error.__traceback__)}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _place(traceback: TracebackType | None) -> str:
    """Our innermost frame, or the innermost of all."""
    last = ours = ""
    while traceback is not None:
        module = traceback.tb_frame.f_globals.get("__name__", "?")
        last = f"{module}:{traceback.tb_lineno}"
        ours = last if module.split(".")[0] in OURS else ours
        traceback = traceback.tb_next
    return ours or last or "unknown"


def _exception(information: Any) -> BaseException | None:
    """What the three forms of `exc_info` stand for."""
    if isinstance(information, BaseException):
        return information
    if isinstance(information, tuple):
        error: BaseException | None = information[1]
        return error
    return sys.exc_info()[1] if information else None
