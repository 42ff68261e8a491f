"""Sections about the model's item vectors."""

from pipeline.report.charts import Axis
from pipeline.report.charts import Dot
from pipeline.report.charts import render_scatter_chart
from pipeline.report.diagnostics.embedding_map import compute_embedding_map
from pipeline.report.diagnostics.embedding_map import compute_neighbor_agreement
from pipeline.report.diagnostics.evidence import Evidence
from pipeline.report.diagnostics.nearest_items import KINDS
from pipeline.report.diagnostics.nearest_items import compute_overlap
from pipeline.report.diagnostics.nearest_items import find_neighborhoods
from pipeline.report.html_page import render_figure
from pipeline.report.html_page import render_figures
from pipeline.report.html_page import render_table
from pipeline.report.html_page import render_text

_MAX_DOTS = 1000
_MIN_DOTS = 3  # two dots always lie on a line
_NUM_COMPARED = 10  # neighbours that may share a category
_NUM_TITLES = 10
_NUM_NEIGHBORS = 5


def render_embedding_map(evidence: Evidence) -> str:
    """Renders the most popular items on a plane, coloured by category."""
    fused = evidence.fused_map
    rows, vectors = fused.rows[:_MAX_DOTS], fused.vectors[:_MAX_DOTS]
    if len(rows) < _MIN_DOTS:
        return render_text("There are too few items to draw a map.")
    catalog = evidence.catalog
    found = compute_embedding_map(
        vectors, [catalog.categories[row] for row in rows]
    )
    agreement = compute_neighbor_agreement(vectors, found.labels, _NUM_COMPARED)
    series = {
        label: [
            Dot(x, y, f"{catalog.titles[row]} ({label})")
            for row, (x, y), own in zip(
                rows, found.places, found.labels, strict=True
            )
            if own == label
        ]
        for label in found.legend
    }
    alt = (
        f"The {len(rows):,} most popular items on the first two principal"
        " components of their vectors, which hold"
        f" {found.explained:.0%} of the variance."
    )
    axes = tuple(
        Axis(
            label=f"principal component {number + 1}",
            low=float(found.places[:, number].min()) - 1e-3,
            high=float(found.places[:, number].max()) + 1e-3,
            is_ticked=False,
        )
        for number in range(2)
    )
    table = render_table(
        ("category", "items", "neighbours alike", "by chance"),
        [(label, *agreement[label]) for label in found.legend],
    )
    explanation = (
        f"{alt} An item's colour is its first category. The table says how"
        f" many of the {_NUM_COMPARED} nearest items, in the full space, have"
        " the same colour. Rest the pointer on a dot to read its title."
    )
    figure = render_figure(
        "Item vectors by category", render_scatter_chart(alt, axes, series)
    )
    return render_text(explanation) + render_figures([figure, table])


def render_nearest_items(evidence: Evidence) -> str:
    """Renders neighbours of the most popular titles in three spaces."""
    found = find_neighborhoods(evidence, _NUM_TITLES, _NUM_NEIGHBORS)
    titles = evidence.catalog.titles
    rows = [
        (
            titles[one.item],
            *([titles[row] for row in one.nearest[kind]] for kind in KINDS),
        )
        for one in found
    ]
    text, behaviour = (
        f"{compute_overlap(found, 'fused', kind):.0%}" for kind in KINDS[:2]
    )
    explanation = (
        f"The {len(found)} most popular titles and their nearest others among"
        f" the {len(evidence.fused_map.rows):,} items whose vectors training"
        " logged, by cosine. Text: what ItemEncoder made of title, categories"
        " and description. Behaviour: the sets of people who took the items."
        " Fused: the trained index. Of the fused neighbours,"
        f" {text} are neighbours by text, too, and {behaviour} by behaviour."
    )
    return render_text(explanation) + render_table(
        ("title", "by text", "by behaviour", "fused"), rows, is_stacked=True
    )
