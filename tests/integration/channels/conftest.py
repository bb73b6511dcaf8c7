"""Room for a server on loopback."""

import pytest

from overturn.stack.part import free_port


@pytest.fixture
def unused_port() -> int:
    return free_port()
