"""Where the marks of a plot go."""

from decimal import Decimal
from itertools import pairwise

import pytest

from services.web.plots import (
    BOTTOM,
    HEIGHT,
    ROW_ROOM,
    TOP,
    WIDTH,
    Bar,
    Group,
    Reason,
    ceiling,
    column_plot,
    pareto_plot,
)


def group(*shares: str) -> Group:
    return Group("Mar", tuple(Bar(Decimal(share), "count", share) for share in shares), "/queue")


def reason(share: str) -> Reason:
    return Reason("Bundling", "", "/queue", Decimal(share), "$1.00", "1")


@pytest.mark.parametrize(
    ("shares", "top"), [([], "0.05"), (["0.04"], "0.05"), (["0.11", "0.02"], "0.2"), (["1.4"], "1")]
)
def test_the_scale_ends_at_the_next_round_share(shares: list[str], top: str) -> None:
    assert ceiling([Decimal(share) for share in shares]) == Decimal(top)


def test_bars_stand_on_the_floor_and_are_as_high_as_their_share() -> None:
    plot = column_plot([group("0.2", "0.1", "0")])
    full, half, none = plot.groups[0].marks
    assert full.height == HEIGHT - BOTTOM - TOP
    assert half.height == pytest.approx(full.height / 2)
    assert none.height == 0
    assert all(mark.y + mark.height == HEIGHT - BOTTOM for mark in (full, half, none))


def test_bars_stay_inside_the_plot_and_do_not_overlap() -> None:
    plot = column_plot([group("0.2", "0.1") for _ in range(13)])
    marks = [mark for drawn in plot.groups for mark in drawn.marks]
    edges = [(mark.x, mark.x + mark.width) for mark in marks]
    assert all(right <= next_left for (_, right), (next_left, _) in pairwise(edges))
    assert plot.left <= edges[0][0] < edges[-1][1] <= WIDTH


def test_a_share_over_the_scale_is_cut_but_keeps_its_figure() -> None:
    mark = column_plot([group("1.4")]).groups[0].marks[0]
    assert mark.y == TOP
    assert mark.text == "140"


def test_a_plot_without_data_has_a_scale_and_no_marks() -> None:
    plot = column_plot([])
    assert plot.groups == ()
    assert [tick.text for tick in plot.ticks] == ["0 %", "2.5 %", "5 %"]


def test_a_pareto_adds_up_shares_and_measures_bars_by_the_longest() -> None:
    plot = pareto_plot([reason("0.6"), reason("0.3")])
    assert [row.running for row in plot.rows] == ["60 %", "90 %"]
    assert [row.length for row in plot.rows] == [ROW_ROOM, ROW_ROOM / 2]


def test_a_pareto_of_denials_without_dollars_has_bars_of_no_length() -> None:
    assert pareto_plot([reason("0")]).rows[0].length == 0
    assert pareto_plot([]).rows == ()
