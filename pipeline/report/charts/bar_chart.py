"""Groups of bars that lie, so that their names can be read."""

import html
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report.charts.axis import Axis
from pipeline.report.charts.frame import NUM_STYLES
from pipeline.report.charts.frame import Frame

_THICK, _SPACE = 11, 12  # pixels of a bar, and between groups
_LEFT = 165  # pixels for the names of the groups
_WIDTH = 440  # pixels


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
    reach = [
        bar.value + bar.error
        for bars in groups.values()
        for bar in bars
        if bar.value is not None
    ]
    pitch = len(series) * _THICK + _SPACE
    height = len(groups) * pitch
    frame = Frame(
        x=Axis(label=label, low=0.0, high=max(reach, default=0.0) or 1.0),
        y=Axis(label="", low=0.0, high=float(height), is_ticked=False),
        legend=series,
        width=_WIDTH,
        height=height,
        left=_LEFT,
    )
    marks = ""
    for row, (name, bars) in enumerate(groups.items()):
        top = height - row * pitch - _SPACE / 2
        _, middle = frame.place(0.0, top - (pitch - _SPACE) / 2)
        marks += (
            f'<text x="{_LEFT - 8}" y="{middle + 4:.1f}" text-anchor="end">'
            f"{html.escape(name)}</text>"
        )
        marks += "".join(
            _render_bar(frame, index, bar, top - index * _THICK)
            for index, bar in enumerate(bars)
            if bar.value is not None
        )
    return frame.render(alt, marks)


def _render_bar(frame: Frame, index: int, bar: Bar, top: float) -> str:
    left, upper = frame.place(0.0, top)
    right, _ = frame.place(bar.value, top)
    svg = (
        f'<rect class="s{index % NUM_STYLES}" x="{left:.1f}" '
        f'y="{upper:.1f}" width="{right - left:.1f}" height="{_THICK - 1}"/>'
    )
    if bar.error:
        low, _ = frame.place(max(bar.value - bar.error, 0.0), top)
        high, _ = frame.place(bar.value + bar.error, top)
        middle = upper + (_THICK - 1) / 2
        svg += (
            f'<line class="error" x1="{low:.1f}" x2="{high:.1f}" '
            f'y1="{middle:.1f}" y2="{middle:.1f}"/>'
        )
    return svg
