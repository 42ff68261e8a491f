"""Groups of bars that lie, so that their names can be read."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from pipeline.report.charts.axis import Axis
from pipeline.report.charts.axis import set_axes
from pipeline.report.charts.svg_figure import add_legend
from pipeline.report.charts.svg_figure import choose_color
from pipeline.report.charts.svg_figure import choose_style
from pipeline.report.charts.svg_figure import open_figure
from pipeline.report.charts.svg_figure import render_svg

_THICK, _SPACE = 11, 12  # pixels of a bar, and between groups
_WIDTH = 460  # pixels
_AROUND = 60  # pixels of the axis below the bars
_LEGEND_LINE = 22  # pixels


@dataclass(frozen=True)
class Bar:
    """A value and its standard error; a value of None draws no bar."""

    value: float | None
    error: float = 0.0


def render_bar_chart(
    alt: str,
    label: str,
    series: Sequence[str],
    groups: Mapping[str, Sequence[Bar]],
) -> str:
    """Renders groups of horizontal bars from zero, with their errors.

    Args:
        alt: plain text that says what there is to see.
        label: what the bars measure; no value is negative.
        series: names of the bars of each group.
        groups: name to one bar per series.

    Returns:
        An `<svg>` element.
    """
    pitch = len(series) * _THICK + _SPACE
    height = len(groups) * pitch
    above = _LEGEND_LINE * len(series)
    with open_figure(_WIDTH, height + above + _AROUND) as figure:
        plot = figure.add_subplot()
        drawn = {}
        for number, name in enumerate(series):
            bars = [group[number] for group in groups.values()]
            _draw_series(plot, number, bars, pitch)
            drawn[name] = Patch(color=choose_style(number)["color"])
        reach = [
            bar.value + bar.error
            for bars in groups.values()
            for bar in bars
            if bar.value is not None
        ]
        set_axes(
            plot,
            Axis(label=label, low=0.0, high=max(reach, default=0.0) or 1.0),
            Axis(label="", low=float(height), high=0.0, is_ticked=False),
        )
        middles = [(row + 0.5) * pitch for row in range(len(groups))]
        plot.set_yticks(middles, list(groups), color=choose_color("ink"))
        plot.tick_params(axis="y", length=0)
        plot.grid(visible=False, axis="y")
        add_legend(figure, drawn)
        return render_svg(figure, alt)


def _draw_series(
    plot: Axes, number: int, bars: Sequence[Bar], pitch: int
) -> None:
    """Draws one bar of each group."""
    rows = [row for row, bar in enumerate(bars) if bar.value is not None]
    values = [bars[row].value for row in rows]
    errors = [bars[row].error for row in rows]
    container = plot.barh(
        [row * pitch + _SPACE / 2 + number * _THICK for row in rows],
        values,
        height=_THICK - 1,
        align="edge",
        color=choose_style(number)["color"],
        xerr=[
            # No whisker goes below zero.
            [min(pair) for pair in zip(values, errors, strict=True)],
            errors,
        ],
        ecolor=choose_color("ink"),
        error_kw={"elinewidth": 1},
    )
    for bar in container:
        bar.set_gid(f"bar s{number}")
    if container.errorbar:
        for whiskers in container.errorbar.lines[2]:
            whiskers.set_gid("error")
