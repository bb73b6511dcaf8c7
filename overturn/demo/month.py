"""The demo's month: made once in the home folder, found again by the next run."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from overturn.synthetic.month import make_month, write_month

CLAIMS: Final = 400
SEED: Final = 835
TRUTH_FILE: Final = "truth.json"


def prepare_month(home: Path, *, today: date) -> Path:
    """The folder of the demo's files. Services lie two months back, so that their remittances are here."""
    folder = home / "demo"
    if not (folder / TRUTH_FILE).exists():
        month = make_month(claims=CLAIMS, seed=SEED, month=_two_months_before(today))
        for _ in write_month(month, folder):
            pass
    return folder


def month_files(folder: Path) -> list[Path]:
    """The files in the order they were sent and received: claims, acknowledgements, remittances."""
    return [path for kind in ("837P", "277CA", "835") for path in sorted((folder / kind).iterdir())]


def read_truth(folder: Path) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((folder / TRUTH_FILE).read_text(encoding="utf-8"))
    return truth


def _two_months_before(today: date) -> date:
    last_of_previous = today.replace(day=1) - timedelta(days=1)
    return (last_of_previous.replace(day=1) - timedelta(days=1)).replace(day=1)
