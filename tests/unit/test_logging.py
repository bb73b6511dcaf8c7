"""No log line carries what a database driver or a parser says about a patient's data."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from overturn.logging import describe
from overturn.settings import SettingsError
from tests.logs import what_is_logged

PATIENT = "ROE*JANE"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged, with everything set back afterwards."""
    with what_is_logged(monkeypatch) as output:
        yield output


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def fail() -> None:
    try:
        int(PATIENT)
    except ValueError as error:
        raise KeyError(PATIENT) from error


def test_an_event_is_a_constant_name_with_ids(written: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(case_id="c-1"):
        structlog.get_logger("services.classifier").info("case.opened", round=2)
    (line,) = lines(written)
    assert (line["event"], line["case_id"], line["round"]) == ("case.opened", "c-1", 2)
    assert line["timestamp"].endswith("Z")


def test_an_exception_leaves_its_type_and_place_and_not_its_message(written: io.StringIO) -> None:
    try:
        fail()
    except KeyError:
        structlog.get_logger("services.classifier").exception("case.failed")
    (line,) = lines(written)
    assert line["exception"].startswith("builtins.KeyError at ")
    assert " <- builtins.ValueError at " in line["exception"]
    assert PATIENT not in written.getvalue()


def test_an_exception_given_as_a_value_is_described_too(written: io.StringIO) -> None:
    structlog.get_logger("services.classifier").warning("case.failed", error=ValueError(PATIENT))
    assert lines(written)[0]["error"] == "builtins.ValueError at unknown"


def test_a_library_that_writes_the_exception_into_its_message_is_silenced(written: io.StringIO) -> None:
    try:
        fail()
    except KeyError as error:
        logging.getLogger("faststream").log(logging.ERROR, "KeyError: " + str(error), exc_info=error)  # noqa: G003 - as they do
    (line,) = lines(written)
    assert line["event"] == "library.failed"
    assert line["logger"] == "faststream"
    assert PATIENT not in written.getvalue()


def test_the_arguments_of_a_library_are_left_out(written: io.StringIO) -> None:
    logging.getLogger("aiokafka").warning("cannot decode %s", PATIENT)
    assert lines(written)[0]["event"] == "cannot decode %s"


def test_our_own_exceptions_keep_what_they_say() -> None:
    assert describe(SettingsError("OVERTURN_HOME is not set")) == (
        "overturn.settings.SettingsError: OVERTURN_HOME is not set at unknown"
    )
