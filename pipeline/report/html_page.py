"""Small HTML: one page, no script, no other file, everything escaped."""

import html
from collections.abc import Sequence

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --faint: #57606a;
  --rule: #dde3ea; --plate: #f4f6f8; --paper: #ffffff; --bad: #a4001d;
  --s0: #0b62c4; --s1: #c24a00; --s2: #00795a; --s3: #a0337f; --s4: #8a6100;
  --s5: #4a4fb5; --s6: #8f3a2f; --s7: #6b7280; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee;
  --faint: #a3acb8; --rule: #38414d; --plate: #1e252e; --paper: #12161c;
  --bad: #ff8a95; --s0: #6cb2ff; --s1: #ff9d5c; --s2: #4fd1a5; --s3: #ec9bd2;
  --s4: #e3c04b; --s5: #b0b4ff; --s6: #f0a79b; --s7: #a3acb8; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto;
  max-width: 60rem; padding: 0 1rem; color: var(--ink);
  background: var(--paper); }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; font-size: 1.2rem; }
table { border-collapse: collapse; margin: .6rem 0; font-size: .9rem; }
th, td { border-bottom: 1px solid var(--rule); text-align: left;
  padding: .25rem .8rem .25rem 0; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
td ol { margin: 0; padding-left: 1.3rem; }
pre { background: var(--plate); padding: .8rem; overflow-x: auto; }
.bad { color: var(--bad); font-weight: 600; }
.figures { display: flex; flex-wrap: wrap; gap: 0 1rem; }
figure { margin: .6rem 0; max-width: 100%; }
figcaption { font-weight: 600; font-size: .9rem; }
details { font-size: .9rem; overflow-x: auto; }
svg { max-width: 100%; height: auto; font-size: 11px; }
"""
_MIN_COUNT = 1000  # a whole float from here on is a count of something


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
        rows: cells of str, int, float, bool or None, or a list of str.
    """
    head = "".join(
        f'<th scope="col">{html.escape(name)}</th>' for name in header
    )
    body = "".join(
        f"<tr>{''.join(_render_cell(cell) for cell in row)}</tr>\n"
        for row in rows
    )
    return f"<table><tr>{head}</tr>\n{body}</table>\n"


def render_figure(caption: str, chart: str, table: str = "") -> str:
    """Renders a chart with its caption, and its numbers in a folded table.

    Args:
        caption: plain text.
        chart: an `<svg>` made by `pipeline.report.charts`.
        table: HTML made by `render_table`, folded.
    """
    if table:
        table = f"<details><summary>The numbers</summary>{table}</details>"
    return (
        f"<figure><figcaption>{html.escape(caption)}</figcaption>\n"
        f"{chart}{table}</figure>\n"
    )


def render_figures(figures: Sequence[str]) -> str:
    """Renders figures side by side where there is room."""
    return f'<div class="figures">{"".join(figures)}</div>\n'


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
    if isinstance(cell, list):
        lines = "".join(f"<li>{html.escape(line)}</li>" for line in cell)
        return f"<td><ol>{lines}</ol></td>"
    return f"<td>{html.escape(str(cell))}</td>"
