"""Lines over a common axis."""

from collections.abc import Mapping
from collections.abc import Sequence

from pipeline.report.charts.axis import Axis
from pipeline.report.charts.axis import set_axes
from pipeline.report.charts.svg_figure import add_legend
from pipeline.report.charts.svg_figure import choose_color
from pipeline.report.charts.svg_figure import choose_style
from pipeline.report.charts.svg_figure import open_figure
from pipeline.report.charts.svg_figure import render_svg

Points = Sequence[tuple[float, float]]
_SIZE = (420, 300)  # pixels
_MAX_MARKED = 40  # points of a line; more of them would run together


def render_line_chart(
    alt: str,
    axes: tuple[Axis, Axis],
    lines: Mapping[str, Points],
    guide: Points = (),
    intervals: Sequence[tuple[float, float, float]] = (),
) -> str:
    """Renders a line chart as inline SVG.

    Args:
        alt: plain text that says what there is to see.
        axes: x and y.
        lines: name to points `(x, y)`, finite, in order of x.
        guide: a thin line behind the others, without a name.
        intervals: upright bars, each an x, its lowest and its highest y.

    Returns:
        An `<svg>` element.
    """
    with open_figure(*_SIZE) as figure:
        plot = figure.add_subplot()
        if guide:
            (behind,) = plot.plot(
                *zip(*guide, strict=True),
                color=choose_color("faint"),
                linestyle=(0, (4, 4)),
                linewidth=1,
            )
            behind.set_gid("guide")
        for at, low, high in intervals:
            bar = plot.vlines(at, low, high, color=choose_color("ink"))
            bar.set_linewidth(1)
            bar.set_gid("error")
        drawn = {}
        for number, (name, points) in enumerate(lines.items()):
            style = choose_style(number)
            if len(points) > _MAX_MARKED:
                style["marker"] = ""
            (line,) = plot.plot(
                *zip(*points, strict=True), **style, markersize=5, linewidth=2
            )
            line.set_gid(f"line s{number}")
            drawn[name] = line
        set_axes(plot, *axes)
        add_legend(figure, drawn)
        return render_svg(figure, alt)
