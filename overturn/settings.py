"""What processes need to reach their parts: the environment first, then the local stack's own files."""

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as UnreadableSettingError

PREFIX = "OVERTURN_"
STACK_FILE = "stack.json"
SECRETS_FILE = "secrets.json"
AES_KEY_BYTES = 32
MOST_MEGABYTES = 2048
MOST_BYTES = MOST_MEGABYTES * 2**20


class SettingsError(Exception):
    """A setting is missing or wrong; the message names the variable and the way out."""


def _psycopg(url: str) -> str:
    if not url.startswith("postgresql+psycopg://"):
        raise ValueError("must look like postgresql+psycopg://user:password@host:port/database")
    return url


def _decoded(key: SecretStr) -> bytes:
    return base64.b64decode(key.get_secret_value(), validate=True)


def _aes_key(key: SecretStr) -> SecretStr:
    if len(_decoded(key)) != AES_KEY_BYTES:
        raise ValueError(f"must be {AES_KEY_BYTES} random bytes in base64")
    return key


def _long(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < AES_KEY_BYTES:
        raise ValueError(f"must have at least {AES_KEY_BYTES} characters")
    return secret


DatabaseUrl = Annotated[str, AfterValidator(_psycopg)]
AesKey = Annotated[SecretStr, AfterValidator(_aes_key)]
Secret = Annotated[SecretStr, AfterValidator(_long)]


class Settings(BaseSettings):
    """One object for every process; each field is `OVERTURN_<NAME>`, or `OVERTURN_<NAME>_FILE` and a path."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    home: Path = Path(".overturn")
    database_url: DatabaseUrl
    kafka_bootstrap_servers: str
    kafka_idempotent: bool = Field(True, description="off only for the embedded broker, which refuses it")
    temporal_address: str
    temporal_namespace: str = "default"
    web_host: str = "127.0.0.1"
    web_port: int = 8080
    ingest_host: str = "127.0.0.1"
    ingest_port: int = 8081
    drop_folder: Path = Field(default_factory=lambda known: known["home"] / "drop")
    handoff_folder: Path = Field(default_factory=lambda known: known["home"] / "handoff")
    max_file_megabytes: int = Field(
        MOST_MEGABYTES, ge=1, description="of one file, and of what an archive unpacks to"
    )
    reference_dir: Path = Field(default_factory=lambda known: known["home"] / "reference")
    scan_command: str = Field("", description="virus scanner of uploads: reads a file on standard input")
    print_folder: Path = Field(default_factory=lambda known: known["home"] / "print")
    claims_folder: Path = Field(
        default_factory=lambda known: known["home"] / "claims",
        description="corrected claims, for your clearinghouse's program to fetch",
    )
    smtp_host: str = Field("", description="mail server of appeals and the digest; not set, no e-mail")
    smtp_port: int = 587
    smtp_sender: str = Field("", description="the address that mail comes from")
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_tls: bool = Field(True, description="off only for a mail server on this machine")
    fax_url: str = Field("", description="fax service for appeals; not set, no fax by HTTP")
    fax_token: SecretStr = SecretStr("")
    language_model_url: str = Field("", description="chat interface of a model that rephrases; not set, none")
    language_model: str = Field("", description="the model's name there")
    language_model_key: SecretStr = SecretStr("")
    sftp_user: str = Field("", description="our name at payers' SFTP servers")
    sftp_key_file: Path | None = Field(None, description="our private key; not set, no SFTP")
    sftp_known_hosts: Path | None = Field(None, description="host keys of payers' SFTP servers")
    recall_seconds: int = Field(60, ge=0, description="so long a letter waits and can be called back")
    reminder_days: tuple[Annotated[int, Field(ge=0)], ...] = (14, 7, 1, 0)
    expiry_days: tuple[Annotated[int, Field(ge=0)], ...] = Field(
        (60, 30, 14),
        description="so many days before contracts, enrolments, authorizations end",
    )
    few_visits: int = Field(2, ge=0, description="an authorization with so many visits left is running out")
    escalation_days: int = Field(7, ge=0, description="so many days before the last day the lead is told")
    outbox_days: int = Field(90, ge=8, description="so long what was sent and handled stays in the outbox")
    inbox_days: int = Field(180, ge=8, description="so long a consumer knows what it has done")
    digest_to: tuple[str, ...] = Field((), description="e-mail addresses of leads and managers")
    public_url: str = Field("", description="where people open the pages; links of the digest lead there")
    ingest_token: Secret = Field(description="what a caller of the ingest interface shows")
    payload_key: AesKey = Field(description="AES-256 key of the Temporal payloads")
    payload_key_id: str = Field("1", description="written beside each payload; new with each new key")
    payload_retired_keys: dict[str, AesKey] = Field({}, description="earlier keys by id, for reading only")

    @property
    def max_file_bytes(self) -> int:
        return self.max_file_megabytes * 2**20

    @property
    def payload_keys(self) -> dict[str, bytes]:
        """Every key by id; the one that encrypts is `payload_keys[payload_key_id]`."""
        keys = {**self.payload_retired_keys, self.payload_key_id: self.payload_key}
        return {key_id: _decoded(key) for key_id, key in keys.items()}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library passes all four
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        files = InitSettingsSource(settings_cls, init_kwargs=_named_files(os.environ))
        return init_settings, env_settings, files, _LocalStack(settings_cls)


class _LocalStack(PydanticBaseSettingsSource):
    """What `overturn up` left in the home folder: where its parts listen, and the secrets it made once."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        home = Path(self.current_state.get("home", Settings.model_fields["home"].default))
        running = read_json(home / STACK_FILE).get("settings", {})
        found = {**read_json(home / SECRETS_FILE), **running}
        return {name: value for name, value in found.items() if name in Settings.model_fields}


def _named_files(environment: Mapping[str, str]) -> dict[str, str]:
    """The content of every `OVERTURN_<FIELD>_FILE`, which container platforms mount secrets by."""
    found: dict[str, str] = {}
    for name in Settings.model_fields:
        if path := environment.get(f"{PREFIX}{name.upper()}_FILE"):
            try:
                found[name] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise SettingsError(f"{PREFIX}{name.upper()}_FILE: {path}: {error.strerror}") from None
    return found


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file of ours; empty when the file is not there."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise SettingsError(f"{path} cannot be read; run `overturn down`, then `overturn up`") from None
    return content if isinstance(content, dict) else {}


def given_settings() -> dict[str, Any]:
    """The settings that the environment gives, and nothing else: the stack does not start those parts."""
    try:
        return {**_named_files(os.environ), **EnvSettingsSource(Settings)()}
    except UnreadableSettingError as error:
        raise SettingsError(
            f"{PREFIX}PAYLOAD_RETIRED_KEYS must be a JSON object: {error.__cause__}"
        ) from None


def given_port(name: str) -> int | None:
    """The port that the environment gives for `web` or `ingest`."""
    value = given_settings().get(f"{name}_port")
    try:
        return None if value is None else int(value)
    except ValueError:
        raise SettingsError(f"{PREFIX}{name.upper()}_PORT must be a number, not {value}") from None


def home_folder() -> Path:
    """The folder of the local stack, absolute; `OVERTURN_HOME`, or `.overturn` where the command runs."""
    return Path(os.environ.get(f"{PREFIX}HOME", Settings.model_fields["home"].default)).resolve()


def reference_folder() -> Path:
    """Where imported reference tables are; commands that need no services ask for nothing else."""
    given = os.environ.get(f"{PREFIX}REFERENCE_DIR")
    return Path(given) if given else home_folder() / "reference"


def load_settings(home: Path | None = None) -> Settings:
    """Everything a process needs, or a `SettingsError` that a person can act on."""
    given_settings()  # refuses what cannot even be read
    try:
        return Settings() if home is None else Settings(home=home)
    except ValidationError as error:
        raise SettingsError("\n".join(_explained(error))) from None


def _explained(error: ValidationError) -> list[str]:
    missing, lines = [], []
    for problem in error.errors(include_input=False, include_url=False):
        if problem["type"] == "default_factory_not_called":
            continue  # follows from another problem that is named
        variable = f"{PREFIX}{problem['loc'][0]}".upper()
        if problem["type"] == "missing":
            missing.append(variable)
        else:
            lines.append(f"{variable}: {problem['msg'].removeprefix('Value error, ')}")
    return [*_not_set(missing), *lines]


def _not_set(variables: list[str]) -> list[str]:
    """All of them in one line: where several are missing, the system was never started in this folder."""
    if not variables:
        return []
    verb, them = ("is", "it") if len(variables) == 1 else ("are", "them")
    todo = f"run `overturn up` in this folder, or set {them}"
    return [f"{', '.join(variables)} {verb} not set: {todo}"]
