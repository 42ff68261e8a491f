"""Lines over a common axis."""

from collections.abc import Mapping
from collections.abc import Sequence

from pipeline.report.charts.axis import Axis
from pipeline.report.charts.frame import NUM_STYLES
from pipeline.report.charts.frame import Frame
from pipeline.report.charts.frame import render_marker

Points = Sequence[tuple[float, float]]
_WIDTH = 420  # pixels
_MAX_MARKED = 40  # points of a line; more of them would be a smear


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
    x, y = axes
    frame = Frame(x=x, y=y, legend=list(lines), width=_WIDTH)
    marks = ""
    if guide:
        marks += f'<polyline class="guide" points="{_trace(frame, guide)}"/>'
    for at, low, high in intervals:
        (left, lower), (_, upper) = frame.place(at, low), frame.place(at, high)
        marks += (
            f'<line class="error" x1="{left:.1f}" x2="{left:.1f}" '
            f'y1="{lower:.1f}" y2="{upper:.1f}"/>'
        )
    for index, points in enumerate(lines.values()):
        style = index % NUM_STYLES
        marks += (
            f'<polyline class="line s{style}" points="'
            f'{_trace(frame, points)}"/>'
        )
        if len(points) <= _MAX_MARKED:
            marks += "".join(
                render_marker(style, *frame.place(*point), 3.0)
                for point in points
            )
    return frame.render(alt, marks)


def _trace(frame: Frame, points: Points) -> str:
    places = (frame.place(*point) for point in points)
    return " ".join(f"{left:.1f},{top:.1f}" for left, top in places)
