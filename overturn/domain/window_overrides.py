"""The practice's own filing windows in the place of those the rules have: by payer, kind and level."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Final

from overturn.domain.deadlines import (
    NO_LEVEL,
    CountedFrom,
    DeadlineKind,
    FilingWindow,
    FilingWindows,
    Roll,
    WindowUnit,
)

UNITS: Final = (WindowUnit.DAYS, WindowUnit.MONTHS, WindowUnit.YEARS)
MOST: Final = 3650
OWN: Final = "own"
"""The confidence of what the practice set itself."""


class WindowOverrideError(ValueError):
    """The override cannot be; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class WindowOverride:
    """One window as the practice knows it. `since` is the first start date it holds for; None: any.
    `reason` says where the practice has it from, with who set and approved it."""

    payer_key: str
    kind: DeadlineKind
    level: int
    amount: int
    unit: WindowUnit
    counted_from: CountedFrom
    since: date | None
    reason: str

    @property
    def id(self) -> str:
        level = f"-{self.level}" if self.level else ""
        return f"practice-{self.payer_key}-{self.kind}{level}"

    def replaces(self, window: FilingWindow) -> bool:
        return (window.payer_key, window.kind, window.level) == (self.payer_key, self.kind, self.level)


def check_override(one: WindowOverride) -> None:
    """Raises WindowOverrideError where it could not be counted by."""
    if (one.kind is DeadlineKind.APPEAL) == (one.level == NO_LEVEL):
        raise WindowOverrideError("Appeals have a level from 1; everything else has level 0.")
    if one.unit not in UNITS:
        raise WindowOverrideError(f"A window is measured in {', '.join(UNITS)}.")
    if not 0 < one.amount <= MOST:
        raise WindowOverrideError(f"Write how long the window is: from 1 to {MOST}.")


def override_windows(known: FilingWindows, overrides: Sequence[WindowOverride]) -> FilingWindows:
    """The windows with each override in place of the payer's own for that kind and level, from its first
    day on; the version says which overrides hold."""
    if not overrides:
        return known
    windows = list(known.windows)
    for one in overrides:
        pattern = _pattern(one, windows)
        kept = [left for window in windows if (left := _before(one, window)) is not None]
        windows = [*kept, _window(one, pattern)]
    digest = sha256("\n".join(map(repr, overrides)).encode()).hexdigest()
    return replace(known, version=f"{known.version}+{digest[:6]}", windows=tuple(windows))


def _pattern(one: WindowOverride, windows: Sequence[FilingWindow]) -> FilingWindow | None:
    return next((window for window in windows if one.replaces(window)), None)


def _before(one: WindowOverride, window: FilingWindow) -> FilingWindow | None:
    """What the override leaves of a window."""
    if not one.replaces(window):
        return window
    if one.since is None or (window.effective_from and window.effective_from >= one.since):
        return None
    last = one.since - timedelta(days=1)
    return replace(window, effective_to=min(window.effective_to or last, last))


def _window(one: WindowOverride, pattern: FilingWindow | None) -> FilingWindow:
    """Presumed receipt and weekend rule stay as the payer's window has them."""
    by_receipt = pattern is not None and one.counted_from is CountedFrom.RECEIPT
    return FilingWindow(
        id=one.id,
        payer_key=one.payer_key,
        line_of_business=None,
        state=None,
        kind=one.kind,
        level=one.level,
        level_name=pattern.level_name if pattern else one.kind.replace("_", " "),
        amount=one.amount,
        unit=one.unit,
        counted_from=one.counted_from,
        presumed_receipt_days=pattern.presumed_receipt_days if pattern and by_receipt else 0,
        roll=pattern.roll if pattern else Roll.NONE,
        note="",
        source=f"set by the practice: {one.reason}",
        confidence=OWN,
        effective_from=one.since,
    )
