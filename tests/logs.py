"""Logging as our processes configure it, for a test or a few, with everything set back afterwards."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog

from overturn.logging import OURS, configure_logging


@contextmanager
def logging_as_in_a_process(level: int = logging.INFO) -> Iterator[None]:
    """No logger keeps the configuration that it was first used under, as it does in a process."""
    root, ours = logging.getLogger(), [logging.getLogger(name) for name in OURS]
    handlers, levels = root.handlers[:], {logger: logger.level for logger in (root, *ours)}
    before = structlog.get_config()
    configure_logging(level)
    structlog.configure(cache_logger_on_first_use=False)
    try:
        yield
    finally:
        root.handlers[:] = handlers
        for logger, old in levels.items():
            logger.setLevel(old)
        structlog.configure(**before)


@contextmanager
def what_is_logged(monkeypatch: pytest.MonkeyPatch, level: int = logging.INFO) -> Iterator[io.StringIO]:
    """Every log line, libraries' included."""
    output = io.StringIO()
    monkeypatch.setattr("sys.stderr", output)
    with logging_as_in_a_process(level):
        yield output
