"""Where the marks of a plot go. The figures are SVG made by templates; here are only coordinates."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

WIDTH: Final = 640
HEIGHT: Final = 220
LEFT: Final = 44  # room for the scale
BOTTOM: Final = 24  # room for the labels
TOP: Final = 16
CEILINGS: Final = tuple(Decimal(step) for step in ("0.05", "0.1", "0.2", "0.3", "0.5", "0.75", "1"))
FULLEST: Final = Decimal("0.8")  # of a group's room is taken by its bars


@dataclass(frozen=True, slots=True)
class Bar:
    """One value to plot: a share from 0 to 1 (more is cut at the top), its series and its tooltip."""

    share: Decimal
    series: str
    title: str


@dataclass(frozen=True, slots=True)
class Group:
    """The bars over one label of the axis. `href` leads to the cases behind them."""

    label: str
    bars: tuple[Bar, ...]
    href: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A bar as drawn, in the plot's own units."""

    x: float
    y: float
    width: float
    height: float
    series: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class MarkGroup:
    label: str
    x: float
    href: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class ColumnPlot:
    """Upright bars over a percentage scale."""

    width: int
    height: int
    left: int
    floor: int
    groups: tuple[MarkGroup, ...]
    ticks: tuple[Tick, ...]


def ceiling(shares: Sequence[Decimal]) -> Decimal:
    """The lowest round top of the scale that every share fits under; 100 % at most."""
    highest = max(shares, default=Decimal(0))
    return next((top for top in CEILINGS if highest <= top), CEILINGS[-1])


def column_plot(groups: Sequence[Group]) -> ColumnPlot:
    top = ceiling([bar.share for group in groups for bar in group.bars])
    floor = HEIGHT - BOTTOM
    slot = (WIDTH - LEFT) / max(1, len(groups))
    return ColumnPlot(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        floor=floor,
        groups=tuple(_group(group, LEFT + slot * n, slot, top) for n, group in enumerate(groups)),
        ticks=tuple(_tick(top * part / 2, top) for part in (0, 1, 2)),
    )


def _group(group: Group, x: float, slot: float, top: Decimal) -> MarkGroup:
    room = min(slot * float(FULLEST), 96.0)
    width = room / max(1, len(group.bars))
    start = x + (slot - room) / 2
    marks = tuple(_mark(bar, start + width * n, width, top) for n, bar in enumerate(group.bars))
    return MarkGroup(group.label, round(x + slot / 2, 1), group.href, marks)


def _mark(bar: Bar, x: float, width: float, top: Decimal) -> Mark:
    y = _height_of(bar.share, top)
    return Mark(
        x=round(x + 1, 1),
        y=y,
        width=round(width - 2, 1),
        height=round(HEIGHT - BOTTOM - y, 1),
        series=bar.series,
        title=bar.title,
        text=f"{bar.share * 100:.0f}",
    )


def _tick(share: Decimal, top: Decimal) -> Tick:
    return Tick(_height_of(share, top), f"{float(share * 100):g} %")


def _height_of(share: Decimal, top: Decimal) -> float:
    room = HEIGHT - BOTTOM - TOP
    return round(HEIGHT - BOTTOM - room * float(min(share, top) / top), 1)


@dataclass(frozen=True, slots=True)
class Row:
    """One bar of a Pareto: its length and the running share, both of the whole (0 to 1)."""

    label: str
    hint: str
    href: str
    length: float
    value: str
    count: str
    running: str
    y: int


ROW_HEIGHT: Final = 24
ROW_LEFT: Final = 200
ROW_ROOM: Final = 190  # for the longest bar


@dataclass(frozen=True, slots=True)
class Reason:
    """One value of a Pareto; `share` is of all, 0 to 1."""

    label: str
    hint: str
    href: str
    share: Decimal
    value: str
    count: str


@dataclass(frozen=True, slots=True)
class ParetoPlot:
    width: int
    height: int
    left: int
    rows: tuple[Row, ...]


def pareto_plot(reasons: Sequence[Reason]) -> ParetoPlot:
    """Lying bars in the order given, each with the share of everything up to it."""
    longest = max((reason.share for reason in reasons), default=Decimal(0)) or Decimal(1)
    rows, running = [], Decimal(0)
    for number, reason in enumerate(reasons):
        running += reason.share
        rows.append(
            Row(
                label=reason.label,
                hint=reason.hint,
                href=reason.href,
                length=round(float(reason.share / longest) * ROW_ROOM, 1),
                value=reason.value,
                count=reason.count,
                running=f"{running * 100:.0f} %",
                y=number * ROW_HEIGHT,
            )
        )
    return ParetoPlot(WIDTH, max(1, len(rows)) * ROW_HEIGHT, ROW_LEFT, tuple(rows))
