"""The tests' own way of logging as a process leaves nothing behind."""

import logging

import structlog

from tests.logs import logging_as_in_a_process


def test_logging_is_as_it_was_afterwards() -> None:
    before, root, ours = structlog.get_config(), logging.getLogger(), logging.getLogger("overturn")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    logger = structlog.get_logger("overturn.test")
    with logging_as_in_a_process():
        logger.debug("test.first_use")
        assert structlog.get_config() != before
    assert structlog.get_config() == before
    assert (root.handlers, (root.level, ours.level)) == (handlers, levels)
    with structlog.testing.capture_logs() as logged:
        logger.info("test.second_use")
    assert [entry["event"] for entry in logged] == ["test.second_use"]
