"""Where settings come from, in which order, and what is said when one is missing."""

import base64
import json
from pathlib import Path

import pytest

from overturn.settings import (
    Settings,
    SettingsError,
    given_port,
    given_settings,
    home_folder,
    load_settings,
)

KEY = base64.b64encode(b"k" * 32).decode()
URL = "postgresql+psycopg://u:p@127.0.0.1:5432/overturn"
COMPLETE = {
    "database_url": URL,
    "kafka_bootstrap_servers": "127.0.0.1:9092",
    "temporal_address": "127.0.0.1:7233",
    "ingest_token": "i" * 32,
    "payload_key": KEY,
}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OVERTURN_{name.upper()}", raising=False)
        monkeypatch.delenv(f"OVERTURN_{name.upper()}_FILE", raising=False)
    monkeypatch.chdir(tmp_path)


def given_by_environment(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"OVERTURN_{name.upper()}", value)


def left_by_a_stack(home: Path, settings: dict[str, str | int], secrets: dict[str, str]) -> None:
    home.mkdir(parents=True)
    (home / "stack.json").write_text(json.dumps({"settings": settings}))
    (home / "secrets.json").write_text(json.dumps(secrets))


def test_every_missing_setting_is_named_with_the_way_out() -> None:
    with pytest.raises(SettingsError) as missing:
        load_settings()
    named = ", ".join(f"OVERTURN_{name}".upper() for name in COMPLETE)
    assert str(missing.value) == f"{named} are not set: run `overturn up` in this folder, or set them"


def test_the_environment_alone_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    given_by_environment(monkeypatch, **COMPLETE, home="/srv/overturn")
    settings = load_settings()
    assert settings.database_url == URL
    assert settings.drop_folder == Path("/srv/overturn/drop")
    assert settings.handoff_folder == Path("/srv/overturn/handoff")
    assert settings.kafka_idempotent


def test_a_running_stack_in_this_folder_is_found(tmp_path: Path) -> None:
    parts: dict[str, str | int] = {
        "database_url": URL,
        "kafka_bootstrap_servers": "k:1",
        "temporal_address": "t:1",
        "web_port": 4711,
    }
    secrets = {name: COMPLETE[name] for name in ("ingest_token", "payload_key")}
    left_by_a_stack(tmp_path / ".overturn", parts, {**secrets, "database_password": "not a setting"})
    settings = load_settings()
    assert settings.web_port == 4711
    assert settings.payload_keys == {"1": b"k" * 32}


def test_the_environment_goes_before_the_running_stack(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    left_by_a_stack(tmp_path / "here", {**COMPLETE, "web_port": 4711}, {})
    given_by_environment(monkeypatch, home=str(tmp_path / "here"), web_port="4712")
    assert load_settings().web_port == 4712


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    given_by_environment(monkeypatch, **{**COMPLETE, "payload_key": ""})
    monkeypatch.delenv("OVERTURN_PAYLOAD_KEY")
    monkeypatch.setenv("OVERTURN_PAYLOAD_KEY_FILE", str(tmp_path / "key"))
    assert load_settings().payload_keys["1"] == b"k" * 32


def test_a_secret_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERTURN_PAYLOAD_KEY_FILE", "/nowhere/key")
    with pytest.raises(SettingsError, match=r"OVERTURN_PAYLOAD_KEY_FILE: /nowhere/key: No such file"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("database_url", "mysql://x", "must look like postgresql+psycopg://"),
        ("payload_key", "c2hvcnQ=", "must be 32 random bytes in base64"),
        ("ingest_token", "short", "must have at least 32 characters"),
    ],
)
def test_a_wrong_value_is_explained_but_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    given_by_environment(monkeypatch, **{**COMPLETE, name: value})
    with pytest.raises(SettingsError) as wrong:
        load_settings()
    assert str(wrong.value).startswith(f"OVERTURN_{name.upper()}: {said}")
    assert value not in str(wrong.value)


def test_retired_keys_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    retired = json.dumps({"2025": base64.b64encode(b"o" * 32).decode()})
    given_by_environment(monkeypatch, **COMPLETE, payload_key_id="2026", payload_retired_keys=retired)
    assert load_settings().payload_keys == {"2025": b"o" * 32, "2026": b"k" * 32}


def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    given_by_environment(monkeypatch, **COMPLETE)
    shown = repr(load_settings())
    assert KEY not in shown
    assert "s" * 32 not in shown


def test_what_the_environment_gives_is_known_without_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    given_by_environment(monkeypatch, temporal_address="t:7233", home="elsewhere")
    assert given_settings() == {"temporal_address": "t:7233", "home": "elsewhere"}
    assert home_folder() == Path.cwd() / "elsewhere"


def test_a_damaged_stack_file_is_named(tmp_path: Path) -> None:
    (tmp_path / ".overturn").mkdir()
    (tmp_path / ".overturn" / "stack.json").write_text("{")
    with pytest.raises(SettingsError, match=r"stack\.json cannot be read; run `overturn down`"):
        load_settings()


def test_a_port_that_is_no_number_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    given_by_environment(monkeypatch, web_port="eighty")
    with pytest.raises(SettingsError, match="OVERTURN_WEB_PORT must be a number, not eighty"):
        given_port("web")
    assert given_port("ingest") is None


def test_retired_keys_that_are_no_json_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    given_by_environment(monkeypatch, **COMPLETE, payload_retired_keys="old")
    with pytest.raises(SettingsError, match="OVERTURN_PAYLOAD_RETIRED_KEYS must be a JSON object"):
        load_settings()
