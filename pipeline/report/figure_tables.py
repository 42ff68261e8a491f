"""All figures: against what is asked for, and slice by slice."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from components.evaluator.figures import BASELINE
from components.evaluator.figures import CANDIDATE
from pipeline.report.html_page import render_subheading
from pipeline.report.html_page import render_table
from pipeline.report.html_page import render_text
from pipeline.runs.figure_names import name_metric
from pipeline.runs.figure_names import name_slice
from pipeline.runs.figure_names import sort_slices
from pipeline.runs.figure_names import write_figure
from pipeline.runs.figures import Figure

_MODELS = ((CANDIDATE, "this run"), (BASELINE, "served before"))
# No table is wider than the page: what belongs together is beside each other.
_GROUPS = {
    "Does it find what comes next, and what is liked?": (
        "example_count",
        "liked_ndcg_at_10",
        "ndcg_at_10",
        "recall_at_10",
        "mrr",
    ),
    "What do slates hold?": (
        "exposure_head",
        "exposure_middle",
        "exposure_tail",
        "exposure_unseen",
        "num_candidates",
    ),
    "Does it tell likes from dislikes, and better than chance?": (
        "auc",
        "rmse",
        "above_chance",
        "met_before",
    ),
}
_ROOM = 6  # metrics of a table besides


def render_figure_table(figures: Sequence[Figure]) -> str:
    """Renders every figure with its threshold and the value before."""
    if not figures:
        return render_text("No gate has measured a figure of this run.")
    is_compared = any(one.before is not None for one in figures)
    rows = []
    for one in figures:
        row = [one.name, write_figure(one.metric, one.value)]
        if is_compared:
            row.append(write_figure(one.metric, one.before))
            row.append(one.write_change() or None)
        rows.append((*row, one.asked or None, one.is_ok))
    before = ("before", "change") if is_compared else ()
    return render_table(
        ("figure", "now", *before, "asked for", "ok"), rows, is_stacked=True
    )


def render_slice_tables(evaluation: Mapping[str, Any]) -> str:
    """Renders the metrics of each slice, a table for what belongs together.

    Args:
        evaluation: as of `read_evaluation`.
    """
    metrics = evaluation["metrics"]
    known = {
        name
        for models in metrics.values()
        for name in models.get(CANDIDATE, {})
    }
    html = ""
    grouped = {name for names in _GROUPS.values() for name in names}
    others = sorted(known - grouped)
    groups = dict(_GROUPS)
    for begin in range(0, len(others), _ROOM):
        part = begin // _ROOM + 1
        heading = "Counts and checks" + (f", part {part}" if begin else "")
        groups[heading] = tuple(others[begin : begin + _ROOM])
    for heading, names in groups.items():
        shown = [name for name in names if name in known]
        if shown:
            html += render_subheading(heading) + _render_slices(metrics, shown)
    return html


def _render_slices(metrics: Mapping[str, Any], names: Sequence[str]) -> str:
    rows = []
    is_compared = any(BASELINE in models for models in metrics.values())
    for slice_name in sort_slices(metrics):
        models = metrics[slice_name]
        for model, label in _MODELS:
            if model in models:
                where = name_slice(slice_name)
                if is_compared:
                    where += f" ({label})"
                values = [
                    write_figure(name, models[model].get(name))
                    for name in names
                ]
                rows.append((where, *values))
    return render_table(
        ("slice", *map(name_metric, names)), rows, is_stacked=True
    )
