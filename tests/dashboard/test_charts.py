"""Charts are drawn as they are read: straight, from zero, to a round number."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.pages.dashboard.charts import (
    Box,
    Scale,
    Shape,
    Stretch,
    area,
    bars,
    grid,
    line,
    scale,
    shape,
    share,
    stretches,
    upright,
)

BOX = Box(40, 20)


@pytest.mark.parametrize(
    ("highest", "most", "ticks"),
    [
        (0, 3, (1, 0)),
        (1, 3, (1, 0)),
        (2, 3, (2, 1, 0)),
        (3, 3, (3, 2, 1, 0)),
        (4, 3, (4, 2, 0)),
        (10, 3, (12, 8, 4, 0)),
        (99, 3, (120, 80, 40, 0)),
        (506, 3, (600, 400, 200, 0)),
        (600, 3, (600, 400, 200, 0)),
        (601, 3, (900, 600, 300, 0)),
        (3_000_001, 3, (4_000_000, 2_000_000, 0)),
        (37, 1, (40, 0)),
        (61, 1, (80, 0)),
        (81, 1, (100, 0)),
        (1_001, 1, (2_000, 0)),
    ],
)
def test_an_axis_ends_at_a_round_number(highest: int, most: int, ticks: tuple[int, ...]) -> None:
    """Zero is on the axis, the highest figure fits, and the steps are equal and round."""
    assert scale(highest, most) == Scale(ticks)


@given(st.integers(0, 10**9))
def test_an_axis_wastes_little(highest: int) -> None:
    """At most three steps, the last of which is needed."""
    ticks = scale(highest).ticks
    assert 2 <= len(ticks) <= 4
    assert ticks[1] < max(highest, 1) <= ticks[0]


@pytest.mark.parametrize(
    ("figures", "top", "path"),
    [
        ((0, 0), 1, "M0 20L10 20 30 20H40"),
        ((1, 0), 1, "M0 0L10 0 30 20H40"),
        ((1, 2, 3, 4), 4, "M0 15L5 15 15 10 25 5 35 0H40"),
        ((1,), 3, "M0 13.3L20 13.3H40"),
    ],
)
def test_a_line_goes_straight_from_figure_to_figure(figures: Sequence[int], top: int, path: str) -> None:
    """Nothing is smoothed; what lies below it reaches down to zero."""
    assert line(figures, top, BOX) == path
    assert area(figures, top, BOX) == f"{path}V20H0z"


def test_bars_stand_on_zero() -> None:
    """No bar for nothing, a whole one for the top, one that can be seen for very little."""
    assert bars((0, 0), 1, BOX) == ""
    assert bars((0, 5), 5, BOX) == "M23 20V0h14V20z"
    assert bars((1, 0), 1_000, BOX) == "M3 20V19h14V20z"


def test_lines_and_stretches_fill_the_box() -> None:
    """The grid stays inside the edges; each figure has its part; shares and moments are drawn to scale."""
    assert grid(Scale((2, 1, 0)), BOX) == "M0 0.5h40M0 10h40M0 19.5h40"
    assert stretches(2, BOX) == (Stretch("0", "20"), Stretch("20", "20"))
    assert upright(0.25, BOX) == "M10 0v20"
    assert share(1, 4, BOX) == "M0 0h10v20H0z"


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ((7, 7), Shape(0, 0, 7, is_level=True, stands_out=False)),
        ((0, 0, 0), Shape(0, 0, 0, is_level=True, stands_out=False)),
        ((3, 1, 4, 1, 5), Shape(1, 4, 3, is_level=False, stands_out=False)),
        ((0, 0, 4, 0), Shape(0, 2, 0, is_level=False, stands_out=False)),
        ((0, 0, 5, 0), Shape(0, 2, 0, is_level=False, stands_out=True)),
        ((3, 3, 37, 31, 3), Shape(0, 2, 3, is_level=False, stands_out=True)),
        ((30, 31, 89, 30), Shape(0, 2, 30, is_level=False, stands_out=False)),
        ((30, 31, 93, 30), Shape(0, 2, 30, is_level=False, stands_out=True)),
    ],
)
def test_a_shape_says_what_can_be_seen(figures: Sequence[int], expected: Shape) -> None:
    """The first lowest, the first highest, what is usual, and whether the highest is far from that."""
    assert shape(figures) == expected
