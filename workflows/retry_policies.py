"""How often to try again, by what went wrong.

What heals by itself (Postgres or the network away) is tried for as long as it takes. What will not heal by
trying raises one of `PERMANENT`, by class name: the case then goes to a person, never round in circles.
"""

from datetime import timedelta
from typing import Final

from temporalio.common import RetryPolicy

PERMANENT: Final = (
    "AssertionError",
    "AttributeError",
    "IndexError",
    "KeyError",
    "LookupError",
    "NoResultFound",
    "TypeError",
    "ValidationError",
    "ValueError",
    "ClaimFileError",
    "LetterError",
    "LetterIncompleteError",
    "RulebookError",
    "StepRefusedError",
    "AddressUnknownError",
    "PackageError",
    "ChannelRefusedError",
    "CannotTellError",
    "IntegrityError",
    "DataError",
    "ProgrammingError",
)

RECORDING: Final = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2,
    maximum_interval=timedelta(minutes=1),
    non_retryable_error_types=PERMANENT,
)
"""Postgres: endless, at most a minute apart."""

DRAFTING: Final = RetryPolicy(
    initial_interval=timedelta(seconds=2),
    backoff_coefficient=2,
    maximum_interval=timedelta(minutes=5),
    maximum_attempts=20,
    non_retryable_error_types=PERMANENT,
)
"""A letter: for about an hour, then a person writes it."""

SENDING: Final = DRAFTING
"""A package to a channel: for about an hour, then a person looks whether it went out, and sends it."""

RECORDING_TIMEOUT: Final = timedelta(seconds=30)
DRAFTING_TIMEOUT: Final = timedelta(minutes=2)
SENDING_TIMEOUT: Final = timedelta(minutes=10)
SIGN_OF_LIFE: Final = timedelta(seconds=30)
"""A worker that died in the middle of what may take longer is noticed after this (`SignsOfLife`)."""
