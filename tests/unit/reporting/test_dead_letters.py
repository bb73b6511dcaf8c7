"""What a dead letter's message looks like to a person."""

import pytest

from overturn.reporting.dead_letters import printable


@pytest.mark.parametrize(
    ("value", "shown"),
    [(b"plain \xc3\xa9", "plain \u00e9"), (b"\x1b[2J", "\\x1b[2J"), (b"\xff", "\\xff"), (b"a\nb", "a\nb")],
)
def test_a_message_does_not_command_the_terminal(value: bytes, shown: str) -> None:
    assert printable(value) == shown
