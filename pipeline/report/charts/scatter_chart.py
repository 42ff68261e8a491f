"""Dots on a plane, told apart by colour and shape."""

import html
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report.charts.axis import Axis
from pipeline.report.charts.frame import Frame
from pipeline.report.charts.frame import render_marker

_RADIUS = 2.6  # pixels


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
    x, y = axes
    frame = Frame(x=x, y=y, legend=list(series), width=720, height=480)
    marks = "".join(
        render_marker(
            index,
            *frame.place(dot.x, dot.y),
            _RADIUS,
            f"<title>{html.escape(dot.name)}</title>",
        )
        for index, dots in enumerate(series.values())
        for dot in dots
    )
    return frame.render(alt, f'<g class="dots">{marks}</g>')
