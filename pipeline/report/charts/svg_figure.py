"""A matplotlib figure as SVG for a page: its colours, its text, no script."""

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.figure import Figure

NUM_STYLES = 8  # series that colour and shape tell apart
_MARKERS = ("o", "s", "^", "D")
_DASHES = ("-", (0, (7, 3)), (0, (2, 3)), "-")
# The page sets the colours, for a light and a dark scheme. Matplotlib wants
# numbers: each variable of the page gets one, which is replaced in the SVG.
_VARIABLES = ("ink", "faint", "rule", *(f"s{n}" for n in range(NUM_STYLES)))
_NUMBERS = {name: f"#f{n:x}e{n:x}d{n:x}" for n, name in enumerate(_VARIABLES)}
_SETTINGS = {
    "svg.fonttype": "none",  # text stays text
    "text.parse_math": False,  # a title may hold dollar signs
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.edgecolor": _NUMBERS["rule"],
    "grid.color": _NUMBERS["rule"],
    "grid.linewidth": 1.0,
    "axes.labelcolor": _NUMBERS["faint"],
    "xtick.color": _NUMBERS["faint"],
    "ytick.color": _NUMBERS["faint"],
    "text.color": _NUMBERS["ink"],
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "path.simplify": False,
}
_DOTS_PER_INCH = 72  # one pixel is one point
_CHAR_WIDTH, _LEGEND_HANDLE = 6.5, 40  # pixels


def choose_color(name: str) -> str:
    """Returns the number that stands for a colour of the page.

    Args:
        name: "ink", "faint", "rule" or "s0" to "s7".
    """
    return _NUMBERS[name]


def choose_style(number: int) -> dict[str, object]:
    """Returns colour, marker and dashes of a series; they repeat."""
    return {
        "color": _NUMBERS[f"s{number % NUM_STYLES}"],
        "marker": _MARKERS[number % len(_MARKERS)],
        "linestyle": _DASHES[number % len(_DASHES)],
    }


@contextmanager
def open_figure(width: int, height: int) -> Iterator[Figure]:
    """Gives a figure that is drawn with the settings of the page.

    Args:
        width: pixels.
        height: pixels.
    """
    with mpl.rc_context(_SETTINGS):
        yield Figure(
            figsize=(width / _DOTS_PER_INCH, height / _DOTS_PER_INCH),
            layout="constrained",
        )


def add_legend(figure: Figure, series: Mapping[str, Artist]) -> None:
    """Names the series above the data, in as many columns as fit."""
    if not series:
        return
    width = figure.get_figwidth() * _DOTS_PER_INCH
    longest = max(map(len, series)) * _CHAR_WIDTH + _LEGEND_HANDLE
    legend = figure.legend(
        list(series.values()),
        [str(number) for number in range(len(series))],
        loc="outside upper left",
        ncols=max(1, int(width / longest)),
        markerscale=1.5,
    )
    # Matplotlib leaves out a label that begins with an underscore.
    for text, name in zip(legend.get_texts(), series, strict=True):
        text.set_text(name)


def render_svg(
    figure: Figure,
    alt: str,
    names: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """Renders a figure that is the same each time it is drawn.

    Args:
        figure: as `open_figure` gave it.
        alt: plain text that says what there is to see.
        names: of each artist's group id the names of its marks, in order;
            a name shows when a pointer rests on the mark.

    Returns:
        An `<svg>` element without namespaces, to be put into HTML. A group id
        that was set with `set_gid` is a class in it.
    """
    stream = io.StringIO()
    # Ids are hashes of what they name and of `alt`: several charts on a page
    # share none.
    with mpl.rc_context({"svg.hashsalt": alt}):
        figure.savefig(
            stream,
            format="svg",
            dpi=_DOTS_PER_INCH,
            transparent=True,
            metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")),
        )
    root = ET.fromstring(stream.getvalue())
    for element in root.iter():
        _simplify(element)
    for definitions in root.findall("defs"):
        for style in definitions.findall("style"):  # would hold on all the page
            definitions.remove(style)
    for group_id, texts in (names or {}).items():
        group = root.find(f".//g[@id='{group_id}']")
        for mark, text in zip(group.iter("use"), texts, strict=True):
            ET.SubElement(mark, "title").text = text
    _use_ids_as_classes(root)
    _, _, width, height = root.get("viewBox").split()
    root.attrib.pop("version", None)
    root.attrib |= {
        "width": width,
        "height": height,
        "role": "img",
        "aria-label": alt,
    }
    title = ET.Element("title")
    title.text = alt
    root.insert(0, title)
    return _use_page_style(ET.tostring(root, encoding="unicode")) + "\n"


def _simplify(element: ET.Element) -> None:
    """Drops namespaces and digits that nobody can see."""
    element.tag = element.tag.rpartition("}")[2]
    element.attrib = {
        name.rpartition("}")[2]: re.sub(r"(\.\d\d)\d+", r"\1", value)
        for name, value in element.attrib.items()
        if not value.startswith("rotate(-0 ")
    }


def _use_ids_as_classes(root: ET.Element) -> None:
    """Keeps the ids that something refers to; the others may not be unique."""
    text = ET.tostring(root, encoding="unicode")
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', text))
    for element in root.iter():
        name = element.get("id")
        if name and name not in used:
            del element.attrib["id"]
            if not re.search(r"_\d+$", name):  # matplotlib's own
                element.set("class", name)


def _use_page_style(svg: str) -> str:
    for name, number in _NUMBERS.items():
        svg = svg.replace(number, f"var(--{name})")
    return re.sub(r" font-family: [^;\"]*;", "", svg)
