"""Small HTML: one page, no script, no other file, everything escaped."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report.page_style import STYLE

_NUMBER = ' class="number"'
_MIN_COUNT = 1000  # from here on nobody reads decimals
_GAP = "–"
_NUMERAL = re.compile(r"[−+]?[\d,.]+(%| ms)?")


@dataclass(frozen=True)
class Card:
    """One figure at a glance, as plain text.

    Attributes:
        name: what is measured.
        value: with its unit.
        notes: lines below it.
        is_ok: whether it is as asked for; None = nothing is asked.
    """

    name: str
    value: str
    notes: Sequence[str] = ()
    is_ok: bool | None = None


def render_page(
    title: str, head: str, sections: Sequence[tuple[str, str]]
) -> str:
    """Renders a whole page, with a list of its contents.

    Args:
        title: plain text, of the browser's tab.
        head: HTML with the one first heading, before the contents.
        sections: heading as plain text, body as HTML made by this module.

    Returns:
        An HTML document.
    """
    contents = "".join(
        f'<li><a href="#{_name(heading)}">{html.escape(heading)}</a></li>\n'
        for heading, _ in sections
    )
    body = "\n".join(
        f'<section id="{_name(heading)}"><h2>{html.escape(heading)}</h2>\n'
        f"{content}</section>"
        for heading, content in sections
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><header>{head}</header>\n"
        f'<nav aria-label="Contents"><ol>{contents}</ol></nav>\n'
        f"<main>{body}\n</main></body></html>\n"
    )


def render_heading(over: str, heading: str, is_bad: bool = False) -> str:
    """Renders the first heading, and what stands over it, of plain text."""
    attribute = ' class="bad"' if is_bad else ""
    return (
        f'<p class="over">{html.escape(over)}</p>\n'
        f"<h1{attribute}>{html.escape(heading)}</h1>\n"
    )


def render_subheading(text: str) -> str:
    """Renders a heading within a section."""
    return f"<h3>{html.escape(text)}</h3>\n"


def render_cards(cards: Sequence[Card]) -> str:
    """Renders a few figures that are seen at a glance."""
    return (
        '<div class="cards">' + "".join(map(_render_card, cards)) + "</div>\n"
    )


def _render_card(card: Card) -> str:
    kind = {None: "card", True: "card good", False: "card missed"}[card.is_ok]
    notes = "".join(f"<dd>{html.escape(note)}</dd>" for note in card.notes)
    return (
        f'<dl class="{kind}"><dt>{html.escape(card.name)}</dt>'
        f'<dd class="value">{html.escape(card.value)}</dd>{notes}</dl>\n'
    )


def render_text(text: str, is_bad: bool = False) -> str:
    """Renders a paragraph of plain text."""
    attribute = ' class="bad"' if is_bad else ""
    return f"<p{attribute}>{html.escape(text)}</p>\n"


def render_list(items: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Renders a numbered list; below each entry stand notes about it.

    Args:
        items: entry and notes, plain text.
    """
    entries = "".join(
        f"<li>{html.escape(entry)}"
        + "".join(f"<small>{html.escape(note)}</small>" for note in notes)
        + "</li>\n"
        for entry, notes in items
    )
    return f"<ol>{entries}</ol>\n"


def render_columns(blocks: Sequence[str]) -> str:
    """Renders blocks of equal width side by side where there is room."""
    plates = "".join(f"<div>{block}</div>\n" for block in blocks)
    return f'<div class="columns">{plates}</div>\n'


def render_table(
    header: Sequence[str],
    rows: Sequence[Sequence[object]],
    is_stacked: bool = False,
) -> str:
    """Renders a table; numbers are aligned, None is a dash.

    A table that is wider than the page scrolls by itself.

    Args:
        header: one name a column.
        rows: cells of str, int, float, bool or None, or a list of str. The
            first one names the row.
        is_stacked: on a phone each row is a list of its cells.
    """
    columns = [[row[place] for row in rows] for place in range(len(header))]
    kinds = [_NUMBER if _is_numeric(column) else "" for column in columns]
    labels = list(header) if is_stacked else [""] * len(header)
    head = "".join(
        f'<th scope="col"{kind}>{html.escape(name)}</th>'
        for name, kind in zip(header, kinds, strict=True)
    )
    body = "".join(
        f"<tr>{''.join(map(_render_cell, row, kinds, labels))}</tr>\n"
        for row in rows
    )
    kind = ' class="stack"' if is_stacked else ""
    return (
        f'<div class="scroll"><table{kind}><thead><tr>{head}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>\n"
    )


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


def _render_cell(cell: object, kind: str, label: str) -> str:
    """Renders a cell; `kind` is the class of its column."""
    if cell is False:
        kind = ' class="bad"'
    name = f' data-name="{html.escape(label)}"' if label else ""
    return f"<td{kind}{name}>{_write_cell(cell)}</td>"


def _write_cell(cell: object) -> str:
    if cell is None:
        return _GAP
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float):
        return _write_number(cell)
    if isinstance(cell, list):
        lines = "".join(f"<li>{html.escape(line)}</li>" for line in cell)
        return f"<ol>{lines}</ol>"
    return html.escape(str(cell))


def _write_number(number: float) -> str:
    if isinstance(number, int) or abs(number) >= _MIN_COUNT:
        return f"{number:,.0f}"
    text = f"{number:.4g}"
    # Nobody reads exponents.
    return f"{number:.7f}".rstrip("0") if "e-" in text else text


def _is_numeric(column: Sequence[object]) -> bool:
    """Whether a column holds numbers, or texts of numbers, and gaps."""
    known = [cell for cell in column if cell not in (None, _GAP)]
    return bool(known) and all(
        _NUMERAL.fullmatch(cell)
        if isinstance(cell, str)
        else isinstance(cell, int | float) and not isinstance(cell, bool)
        for cell in known
    )


def _name(heading: str) -> str:
    """Makes an id of a heading."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")
