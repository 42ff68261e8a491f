"""Dots on a plane, told apart by colour and shape."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report.charts.axis import Axis
from pipeline.report.charts.axis import set_axes
from pipeline.report.charts.svg_figure import add_legend
from pipeline.report.charts.svg_figure import choose_style
from pipeline.report.charts.svg_figure import open_figure
from pipeline.report.charts.svg_figure import render_svg

_SIZE = (720, 520)  # pixels
_AREA = 22  # of a dot, square pixels


@dataclass(frozen=True)
class Dot:
    """One thing at its place; `name` shows when a pointer rests on it."""

    x: float
    y: float
    name: str


def render_scatter_chart(
    alt: str, axes: tuple[Axis, Axis], series: Mapping[str, Sequence[Dot]]
) -> str:
    """Renders dots as inline SVG.

    Args:
        alt: plain text that says what there is to see.
        axes: x and y.
        series: name to its dots.

    Returns:
        An `<svg>` element.
    """
    with open_figure(*_SIZE) as figure:
        plot = figure.add_subplot()
        drawn, names = {}, {}
        for number, (name, dots) in enumerate(series.items()):
            style = choose_style(number)
            drawn[name] = plot.scatter(
                [dot.x for dot in dots],
                [dot.y for dot in dots],
                s=_AREA,
                color=style["color"],
                marker=style["marker"],
                alpha=0.75,
                linewidths=0,
            )
            gid = f"dots s{number}"
            drawn[name].set_gid(gid)
            if dots:
                names[gid] = [dot.name for dot in dots]
        set_axes(plot, *axes)
        add_legend(figure, drawn)
        return render_svg(figure, alt, names)
