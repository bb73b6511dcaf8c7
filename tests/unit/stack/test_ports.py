"""A free port is still free when its server comes to listen there."""

import socket
from pathlib import Path

import pytest

from overturn.stack import part
from overturn.stack.part import LOOPBACK, StackError, free_port, port_free

SYSTEMS_OWN = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_no_port_is_given_twice() -> None:
    given = [free_port() for _ in range(500)]
    assert len(set(given)) == len(given)


def test_a_port_in_use_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        used: int = listener.getsockname()[1]
        free = free_port()
        monkeypatch.setattr(part, "_shuffled_ports", lambda: iter([used, free]))
        assert not port_free(used)
        assert free_port() == free


def test_without_a_free_port_it_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part, "_shuffled_ports", lambda: iter([]))
    with pytest.raises(StackError, match="is free; end what uses them"):
        free_port()


@pytest.mark.skipif(not SYSTEMS_OWN.exists(), reason="tells of Linux")
def test_connections_are_given_other_ports() -> None:
    lowest = int(SYSTEMS_OWN.read_text().split()[0])
    if lowest < 32_768:
        pytest.skip("this machine's own range was widened")
    assert all(free_port() < lowest for _ in range(100))
