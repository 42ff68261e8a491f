"""Small HTML: one page, no script, no other file, everything escaped."""

import html
from collections.abc import Mapping
from collections.abc import Sequence

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto;
       max-width: 60rem; padding: 0 1rem; color: #1c2430; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; font-size: 1.2rem; }
table { border-collapse: collapse; margin: .6rem 0; font-size: .9rem; }
th, td { border-bottom: 1px solid #dde3ea; padding: .25rem .8rem .25rem 0;
         text-align: left; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { background: #f4f6f8; padding: .8rem; overflow-x: auto; }
svg { margin: .4rem 1rem .4rem 0; }
.bad { color: #a4001d; font-weight: 600; }
"""
_WIDTH, _HEIGHT = 420, 200  # of a chart, pixels
_MARGIN_LEFT, _MARGIN = 56, 26
_COLORS = ("#1f6feb", "#d1571f", "#2da44e", "#8250df")
_NUM_TICKS = 3
_MIN_COUNT = 1000  # a whole float from here on is a count of something

Points = Sequence[tuple[float, float]]


def render_page(title: str, sections: Sequence[tuple[str, str]]) -> str:
    """Renders a whole page.

    Args:
        title: plain text.
        sections: heading as plain text, body as HTML made by this module.

    Returns:
        An HTML document.
    """
    body = "\n".join(
        f"<section><h2>{html.escape(heading)}</h2>\n{content}</section>"
        for heading, content in sections
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><h1>{html.escape(title)}</h1>\n{body}\n</body></html>\n"
    )


def render_text(text: str, is_bad: bool = False) -> str:
    """Renders a paragraph of plain text."""
    attribute = ' class="bad"' if is_bad else ""
    return f"<p{attribute}>{html.escape(text)}</p>\n"


def render_lines(lines: Sequence[str]) -> str:
    """Renders lines of plain text as they stand."""
    return f"<pre>{html.escape(chr(10).join(lines))}</pre>\n"


def render_table(
    header: Sequence[str], rows: Sequence[Sequence[object]]
) -> str:
    """Renders a table; numbers are aligned, None is a dash.

    Args:
        header: one name a column.
        rows: cells of str, int, float, bool or None.
    """
    head = "".join(f"<th>{html.escape(name)}</th>" for name in header)
    body = "".join(
        f"<tr>{''.join(_render_cell(cell) for cell in row)}</tr>\n"
        for row in rows
    )
    return f"<table><tr>{head}</tr>\n{body}</table>\n"


def render_chart(title: str, lines: Mapping[str, Points]) -> str:
    """Renders a line chart as inline SVG.

    Args:
        title: plain text above the chart.
        lines: name to points `(x, y)`, finite; at least one point in all.
    """
    points = [point for line in lines.values() for point in line]
    low_x, high_x = _span([x for x, _ in points])
    low_y, high_y = _span([y for _, y in points])

    def place(x: float, y: float) -> str:
        across = (x - low_x) / (high_x - low_x)
        up = (y - low_y) / (high_y - low_y)
        left = _MARGIN_LEFT + across * (_WIDTH - _MARGIN_LEFT - _MARGIN)
        top = _HEIGHT - _MARGIN - up * (_HEIGHT - 2 * _MARGIN)
        return f"{left:.1f},{top:.1f}"

    parts = [
        f'<text x="{_MARGIN_LEFT}" y="16" font-weight="600">'
        f"{html.escape(title)}</text>"
    ]
    for tick in range(_NUM_TICKS):
        value = low_y + (high_y - low_y) * tick / (_NUM_TICKS - 1)
        top = place(low_x, value).partition(",")[2]
        parts.append(
            f'<text x="4" y="{top}" fill="#57606a">{value:.3g}</text>'
            f'<line x1="{_MARGIN_LEFT}" x2="{_WIDTH - _MARGIN}" y1="{top}" '
            f'y2="{top}" stroke="#dde3ea"/>'
        )
    for x in (low_x, high_x):
        left = place(x, low_y).partition(",")[0]
        parts.append(
            f'<text x="{left}" y="{_HEIGHT - 6}" fill="#57606a" '
            f'text-anchor="middle">{x:g}</text>'
        )
    for index, (name, line) in enumerate(lines.items()):
        color = _COLORS[index % len(_COLORS)]
        path = " ".join(place(x, y) for x, y in line)
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{color}" '
            'stroke-width="2"/>'
            f'<text x="{_WIDTH - _MARGIN}" y="{16 + 14 * index}" '
            f'text-anchor="end" fill="{color}">{html.escape(name)}</text>'
        )
    return (
        f'<svg width="{_WIDTH}" height="{_HEIGHT}" font-size="11" '
        f'role="img">{"".join(parts)}</svg>\n'
    )


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    if high > low:
        return low, high
    margin = abs(low) / 2 or 0.5  # a line that stays level gets some air
    return low - margin, high + margin


def _render_cell(cell: object) -> str:
    if cell is None:
        return "<td>–</td>"
    if isinstance(cell, bool):
        return "<td>yes</td>" if cell else '<td class="bad">no</td>'
    if isinstance(cell, int | float):
        is_count = isinstance(cell, int) or (
            cell.is_integer() and abs(cell) >= _MIN_COUNT
        )
        text = f"{cell:,.0f}" if is_count else f"{cell:.4g}"
        return f'<td class="number">{text}</td>'
    return f"<td>{html.escape(str(cell))}</td>"
