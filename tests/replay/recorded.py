"""The committed histories, and the key their payloads are encrypted under."""

from pathlib import Path
from typing import Final

from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from overturn.temporal.client import encrypted_converter

FOLDER: Final = Path(__file__).parent / "histories"
KEYS: Final = {"test": bytes(range(32))}
"""Fixed, for generated cases only."""


def history_converter() -> DataConverter:
    return encrypted_converter(KEYS, key_id="test")


def committed() -> list[Path]:
    """`<workflow>_<situation>.json`, one run each."""
    return sorted(FOLDER.glob("*.json"))


def load(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(f"replayed/{path.stem}", path.read_text(encoding="utf-8"))


def save(name: str, history: WorkflowHistory) -> None:
    (FOLDER / f"{name}.json").write_text(history.to_json() + "\n", encoding="utf-8")
