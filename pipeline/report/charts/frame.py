"""What all charts share: axes, grid, legend, and text for who cannot see."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report.charts.axis import Axis

NUM_STYLES = 8  # series that colour and shape tell apart; the page's s0-s7
_LEGEND_LINE, _SWATCH, _GAP = 16, 10, 14  # pixels
_CHAR_WIDTH = 6.8  # of 11-pixel text, generous
_BOTTOM, _TOP, _RIGHT = 40, 6, 22


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A plotting area between two axes, and the legend above it.

    Attributes:
        x: axis from left to right.
        y: axis from bottom to top.
        legend: names of the series, in order of their styles.
        width: of the whole chart, pixels.
        height: of the plotting area alone, pixels.
        left: room for the ticks of `y`, pixels.
    """

    x: Axis
    y: Axis
    legend: Sequence[str] = ()
    width: int = 560
    height: int = 220
    left: int = 64

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Returns pixels from the left and from the top."""
        across = self.width - self.left - _RIGHT
        return (
            self.left + self.x.place(x) * across,
            self._top + (1.0 - self.y.place(y)) * self.height,
        )

    def render(self, alt: str, marks: str) -> str:
        """Renders the chart.

        Args:
            alt: plain text that says what there is to see.
            marks: SVG of the data, placed by `place`.

        Returns:
            An `<svg>` element.
        """
        height = self._top + self.height + _BOTTOM
        text = html.escape(alt, quote=True)
        return (
            f'<svg viewBox="0 0 {self.width} {height:.0f}" '
            f'width="{self.width}" height="{height:.0f}" role="img" '
            f'aria-label="{text}"><title>{text}</title>'
            f"{self._render_legend()}{self._render_x()}{self._render_y()}"
            f"{marks}</svg>\n"
        )

    @property
    def _top(self) -> float:
        lines = self._lay_out_legend()
        rows = lines[-1][1] + 1 if lines else 0
        return _TOP + rows * _LEGEND_LINE

    def _lay_out_legend(self) -> list[tuple[float, int]]:
        """Returns where each name starts: pixels from the left, and row."""
        places, left, row = [], float(self.left), 0
        for name in self.legend:
            width = _SWATCH + 5 + _CHAR_WIDTH * len(name)
            if places and left + width > self.width:
                left, row = float(self.left), row + 1
            places.append((left, row))
            left += width + _GAP
        return places

    def _render_legend(self) -> str:
        parts = []
        for index, (name, (left, row)) in enumerate(
            zip(self.legend, self._lay_out_legend(), strict=True)
        ):
            middle = _TOP + row * _LEGEND_LINE + 5
            parts.append(
                render_marker(index, left + _SWATCH / 2, middle, 4.5)
                + f'<text x="{left + _SWATCH + 5:.1f}" y="{middle + 4:.1f}">'
                f"{html.escape(name)}</text>"
            )
        return "".join(parts)

    def _render_x(self) -> str:
        bottom = self._top + self.height
        parts = []
        for value, text in self.x.list_ticks():
            left, _ = self.place(value, self.y.low)
            parts.append(
                f'<line class="grid" x1="{left:.1f}" x2="{left:.1f}" '
                f'y1="{self._top:.1f}" y2="{bottom:.1f}"/>'
                f'<text class="tick" x="{left:.1f}" y="{bottom + 14:.1f}" '
                f'text-anchor="middle">{text}</text>'
            )
        middle = (self.left + self.width - _RIGHT) / 2
        parts.append(
            f'<text class="tick" x="{middle:.1f}" y="{bottom + 31:.1f}" '
            f'text-anchor="middle">{html.escape(self.x.label)}</text>'
        )
        return "".join(parts)

    def _render_y(self) -> str:
        parts = []
        for value, text in self.y.list_ticks():
            _, top = self.place(self.x.low, value)
            parts.append(
                f'<line class="grid" x1="{self.left}" '
                f'x2="{self.width - _RIGHT}" y1="{top:.1f}" y2="{top:.1f}"/>'
                f'<text class="tick" x="{self.left - 6}" y="{top + 4:.1f}" '
                f'text-anchor="end">{text}</text>'
            )
        middle = self._top + self.height / 2
        parts.append(
            f'<text class="tick" x="11" y="{middle:.1f}" '
            f'text-anchor="middle" transform="rotate(-90 11 {middle:.1f})">'
            f"{html.escape(self.y.label)}</text>"
        )
        return "".join(parts)


def render_marker(
    style: int, left: float, top: float, radius: float, inner: str = ""
) -> str:
    """Renders one mark of a series, told apart by colour and by shape.

    Args:
        style: number of the series; wraps after `NUM_STYLES`.
        left: pixels, of the centre.
        top: pixels, of the centre.
        radius: pixels.
        inner: SVG below the mark, as a `<title>`.
    """
    style %= NUM_STYLES
    if style % 4 == 0:
        return (
            f'<circle class="s{style}" cx="{left:.1f}" cy="{top:.1f}" '
            f'r="{radius:.1f}">{inner}</circle>'
        )
    r = radius
    points = {
        1: ((-r, -r), (r, -r), (r, r), (-r, r)),  # square
        2: ((0, -1.2 * r), (1.1 * r, r), (-1.1 * r, r)),  # triangle
        3: ((0, -1.3 * r), (1.3 * r, 0), (0, 1.3 * r), (-1.3 * r, 0)),
    }[style % 4]
    path = " ".join(f"{left + x:.1f},{top + y:.1f}" for x, y in points)
    return f'<polygon class="s{style}" points="{path}">{inner}</polygon>'
